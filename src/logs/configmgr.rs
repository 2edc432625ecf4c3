//! Logs of Configuration Manager: the CMTrace format of clients and management points, and the `$$<` format of the site server.
//!
//! Never takes the number behind a time for an offset of ISO 8601: it is the bias of Windows, and UTC is local time plus bias.
//! A message may hold line breaks; it ends where its mark ends it.

use std::borrow::Cow;
use std::io;

use crate::frame::Timestamp;
use crate::logs::lines::{Lines, Text};
use crate::logs::{LONGEST_LINE, Said, Unread, WitnessLine};

const BEGIN: &str = "<![LOG[";
const END: &str = "]LOG]!>";
const SERVER: &str = "$$<";

/// A sentence of a component.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldLine<'l> {
    /// Who writes: `MP_RegistrationManager`.
    pub component: Cow<'l, str>,
    /// What it says; line breaks stand as they are.
    pub text: Cow<'l, str>,
    /// Whether the time is known in UTC; without a bias it is local time, taken as it stands.
    pub has_bias: bool,
}

impl ToldLine<'_> {
    /// Up to `longest` characters of what it says, in one line.
    pub fn in_a_line(&self, longest: usize) -> String {
        let signs = self.text.chars().filter(|sign| *sign != '\r');
        let signs = signs.map(|sign| if sign == '\n' { ' ' } else { sign });
        signs.take(longest).collect()
    }
}

/// Gives each dated line to `sink`.
pub(super) fn read(
    lines: &mut Lines<'_>,
    sink: &mut dyn FnMut(&WitnessLine<'_>),
) -> io::Result<Unread> {
    let mut unread = Unread::default();
    let mut open: Option<(u64, String)> = None;
    while let Some(Text { number, text }) = lines.next()? {
        let begins = text.trim_start().starts_with(BEGIN);
        let ends = text.contains(END);
        let (number, whole) = match open.take() {
            // A message that never ended: the next one is not part of it.
            Some((unended, _)) if begins => {
                unread.add(unended);
                (number, text)
            }
            Some((number, mut begun)) => {
                begun.push('\n');
                begun.push_str(&text);
                (number, Cow::Owned(begun))
            }
            None => (number, text),
        };
        let is_message =
            begins || matches!(whole, Cow::Owned(_)) && whole.trim_start().starts_with(BEGIN);
        if is_message && !ends && whole.len() < LONGEST_LINE {
            open = Some((number, whole.into_owned()));
        } else if let Some((time, told)) = dated(&whole) {
            let said = Said::Told(told);
            sink(&WitnessLine { number, time, said });
        } else if !whole.trim().is_empty() {
            unread.add(number);
        }
    }
    if let Some((number, _)) = open {
        unread.add(number);
    }
    Ok(unread)
}

fn dated(line: &str) -> Option<(Timestamp, ToldLine<'_>)> {
    match line.find(BEGIN) {
        Some(at) => cm_trace(line.get(at + BEGIN.len()..)?),
        None => server(line),
    }
}

/// `message]LOG]!><time="19:35:13.000+000" date="05-20-2009" component="X" …>`.
fn cm_trace(line: &str) -> Option<(Timestamp, ToldLine<'_>)> {
    let (text, rest) = line.split_once(END)?;
    let time = attribute(rest, "time")?;
    let date = attribute(rest, "date")?;
    let (time, has_bias) = utc(date, time)?;
    let component = attribute(rest, "component").unwrap_or_default();
    let told = ToldLine {
        component: Cow::Borrowed(component),
        text: Cow::Borrowed(text),
        has_bias,
    };
    Some((time, told))
}

fn attribute<'l>(rest: &'l str, name: &str) -> Option<&'l str> {
    let mut at = 0;
    loop {
        let found = at + rest.get(at..)?.find(name)?;
        let before = rest.get(..found)?.chars().next_back();
        let behind = rest.get(found + name.len()..)?;
        let is_name = before.is_none_or(|before| !before.is_alphanumeric());
        if let Some(value) = behind.strip_prefix("=\"").filter(|_| is_name) {
            return value.split('"').next();
        }
        at = found + name.len();
    }
}

/// `text  $$<COMPONENT><05-20-2009 19:35:13.000+000><thread=4116 (0x1014)>`.
fn server(line: &str) -> Option<(Timestamp, ToldLine<'_>)> {
    let at = line.rfind(SERVER)?;
    let text = line.get(..at)?.trim().trim_matches('~').trim();
    let mut parts = line.get(at + SERVER.len()..)?.split("><");
    let component = parts.next()?;
    let when = parts.next()?.trim_end_matches('>');
    let (time, has_bias) = modern(when).or_else(|| old(when))?;
    let told = ToldLine {
        component: Cow::Borrowed(component),
        text: Cow::Borrowed(text),
        has_bias,
    };
    Some((time, told))
}

fn modern(when: &str) -> Option<(Timestamp, bool)> {
    let (date, time) = when.split_once(' ')?;
    utc(date, time)
}

/// `Fri Feb 13 8:13:13.859 2004 Central Standard Time`: the zone has no number.
fn old(when: &str) -> Option<(Timestamp, bool)> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = when.split_ascii_whitespace().skip(1);
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let day = words.next()?;
    let time = words.next()?;
    let year = words.next()?;
    utc(&format!("{month}-{day}-{year}"), time)
}

/// `05-20-2009` and `19:35:13.000+300`; whether a bias was there.
fn utc(date: &str, time: &str) -> Option<(Timestamp, bool)> {
    let mut parts = date.split('-').map(str::parse::<u32>);
    let (month, day, year) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let sign = time.rfind(['+', '-']);
    let (clock, bias) = match sign {
        Some(at) => (time.get(..at)?, time.get(at..)?.parse::<i64>().ok()),
        None => (time, None),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = whole.split(':').map(str::parse::<u32>);
    let (hour, minute, second) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let nanos = format!("{fraction:0<9}").get(..9)?.parse::<i64>().ok()?;
    let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let seconds = date
        .and_hms_opt(hour, minute, second)?
        .and_utc()
        .timestamp();
    let bias_seconds = bias.unwrap_or(0).checked_mul(60)?;
    let all = seconds
        .checked_add(bias_seconds)?
        .checked_mul(1_000_000_000)?;
    Some((
        Timestamp::from_nanos(all.checked_add(nanos)?),
        bias.is_some(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String, String, String)> {
        let mut input = text.as_bytes();
        let mut all = Vec::new();
        let mut lines = Lines::new(&mut input);
        read(&mut lines, &mut |line| {
            if let Said::Told(told) = &line.said {
                let (component, text) = (told.component.to_string(), told.text.to_string());
                all.push((line.number, line.time.to_string(), component, text));
            }
        })
        .unwrap();
        all
    }

    #[test]
    fn utc_is_local_time_plus_the_bias_of_windows() {
        let text = "<![LOG[MP Reg: Processing completed. Completion state = 0]LOG]!><time=\"15:35:13.500+240\" date=\"05-20-2009\" component=\"MP_RegistrationManager\" context=\"\" type=\"1\" thread=\"4116\" file=\"x.cpp:1\">";
        let all = lines(text);
        assert_eq!(all[0].1, "2009-05-20T19:35:13.500000Z");
        assert_eq!(all[0].2, "MP_RegistrationManager");
        let east = text.replace("15:35:13.500+240", "21:35:13.5000000-120");
        assert_eq!(lines(&east)[0].1, "2009-05-20T19:35:13.500000Z");
    }

    #[test]
    fn a_message_goes_on_until_its_mark() {
        let text = "<![LOG[one ]two> \"three\nfour]LOG]!><time=\"1:02:03.004+000\" date=\"5-2-2009\" component=\"X\">\n<![LOG[next]LOG]!><time=\"1:02:04.004+000\" date=\"5-2-2009\" component=\"X\">";
        let all = lines(text);
        assert_eq!(all[0].3, "one ]two> \"three\nfour");
        assert_eq!((all[1].0, all[1].3.as_str()), (3, "next"));
    }

    #[test]
    fn a_message_that_never_ends_takes_no_other_with_it() {
        let text = "<![LOG[Approval status 1\n<![LOG[Approval status 0]LOG]!><time=\"1:02:04.004+000\" date=\"5-2-2009\" component=\"X\">";
        let all = lines(text);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].0, all[0].3.as_str()), (2, "Approval status 0"));
    }

    #[test]
    fn the_site_server_writes_otherwise() {
        let all = lines(
            "Registration done~  $$<SMS_DISCOVERY_DATA_MANAGER><05-20-2009 15:35:20.123+240><thread=4116 (0x1014)>\nold~  $$<SMS_X><Fri Feb 13 8:13:13.859 2004 Central Standard Time><thread=1216 (0x4C0)>\nnoise",
        );
        assert_eq!(all[0].1, "2009-05-20T19:35:20.123000Z");
        assert_eq!(all[0].3, "Registration done");
        assert_eq!(all[1].1, "2004-02-13T08:13:13.859000Z");
        assert_eq!(all.len(), 2);
    }
}
