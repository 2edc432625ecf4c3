//! The log of Internet Information Services in W3C extended format, IIS 5 to 10.
//!
//! Never trusts an order of columns but the one that `#Fields` gives, which may change in mid-file; of a file without it those lines
//! are read that fit the default order of IIS 6, 7 or 8. Times are UTC, of the end of a request, in whole seconds.

mod columns;

use std::net::{IpAddr, SocketAddr};

use crate::frame::Timestamp;
use crate::logs::iis::columns::Column;
pub(super) use crate::logs::iis::columns::default_order;
use crate::logs::{Outcome, Said};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const SECOND: i64 = 1_000_000_000;

/// A request and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WebLine<'l> {
    /// Who asked, as the server saw it: a proxy's address where one stands between.
    pub client: Option<IpAddr>,
    /// The client's port, which only the kernel's log has.
    pub client_port: Option<u16>,
    /// The client's address as a device in front of the server says that it was, in a column for `X-Forwarded-For`.
    pub forwarded_for: Option<IpAddr>,
    /// The server's address, which tells one server's lines from another's.
    pub server: Option<IpAddr>,
    /// The server's port.
    pub server_port: Option<u16>,
    /// The server's name.
    pub computer: Option<&'l str>,
    /// Which of its sites: `W3SVC1`.
    pub site: Option<&'l str>,
    /// By which name the client asked it.
    pub host: Option<&'l str>,
    /// The client's program.
    pub agent: Option<&'l str>,
    /// `CCM_POST`.
    pub method: &'l str,
    /// The path, without the query.
    pub stem: &'l str,
    /// The account, where one was proven.
    pub user: Option<&'l str>,
    /// Whether the log has a column for it.
    pub names_users: bool,
    /// The status.
    pub status: Option<u16>,
    /// The substatus.
    pub substatus: Option<u16>,
    /// The Win32 status; signed ones are taken as they stand on 32 bits.
    pub win32: Option<u32>,
    /// Bytes of the request and of the answer, heads and all.
    pub bytes: (Option<u64>, Option<u64>),
    /// How long the request took, in milliseconds.
    pub time_taken: Option<u32>,
    /// Why the kernel refused it: `FieldLength`.
    pub reason: Option<&'l str>,
}

/// Where a log has which column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct IisLog {
    /// None as long as no directive and no line of a default order told them.
    columns: Vec<Column>,
    /// Whether a directive told them.
    is_told: bool,
    /// The date of `#Date`, for lines that have none of their own.
    date: Option<String>,
    /// When the last of these lines was, in seconds of the day, and how many days have begun since that date.
    since_date: (i64, i64),
    /// The date of the last line, and when that day began.
    last_day: Option<(String, i64)>,
}

impl Default for IisLog {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl IisLog {
    pub(super) fn of(names: &[&str]) -> Self {
        Self {
            columns: names.iter().map(|name| Column::of(name)).collect(),
            is_told: !names.is_empty(),
            date: None,
            since_date: (0, 0),
            last_day: None,
        }
    }

    pub(super) fn line<'l>(&mut self, line: &'l str) -> Outcome<'l> {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.columns = names.split_ascii_whitespace().map(Column::of).collect();
            self.is_told = true;
            return Outcome::Nothing;
        }
        if let Some(date) = line.strip_prefix("#Date:") {
            self.date = date.split_ascii_whitespace().next().map(str::to_owned);
            self.last_day = None;
            self.since_date = (0, 0);
            return Outcome::Nothing;
        }
        if line.starts_with('#') || line.trim().is_empty() {
            return Outcome::Nothing;
        }
        if !self.is_told {
            let Some(names) = default_order(line) else {
                return Outcome::Unread;
            };
            self.columns = names.iter().map(|name| Column::of(name)).collect();
        }
        match self.dated(line) {
            Some((time, web)) => Outcome::Dated(time, Said::Web(web)),
            None => Outcome::Unread,
        }
    }

    fn dated<'l>(&mut self, line: &'l str) -> Option<(Timestamp, WebLine<'l>)> {
        let mut web = WebLine::default();
        let (mut date, mut time) = (None, None);
        let mut fields = Fields { rest: line };
        for column in &self.columns {
            let field = fields.next()?;
            match column {
                Column::Date => date = Some(field),
                Column::Time => time = Some(field),
                Column::Other => {}
                _ => web.set(*column, field),
            }
        }
        let seconds = seconds(time?)?;
        let day = self.day(date)?;
        let begun = date.map_or_else(|| self.days_since_date(seconds), |_| 0);
        let time = day.checked_add(seconds)?.checked_add(begun)?;
        Some((Timestamp::from_nanos(time.checked_mul(SECOND)?), web))
    }

    /// How long after the day of `#Date` the day of a line began that has no date and is written at `seconds`: lines are written in
    /// the order in which requests end.
    fn days_since_date(&mut self, seconds: i64) -> i64 {
        let (last, days) = &mut self.since_date;
        if *last - seconds > DAY / 2 {
            *days += 1;
        }
        *last = seconds;
        *days * DAY
    }

    /// The beginning of a day, in seconds since 1970; that of the line before is known already.
    fn day(&mut self, date: Option<&str>) -> Option<i64> {
        if let Some((known, day)) = &self.last_day
            && date.is_none_or(|date| date == known)
        {
            return Some(*day);
        }
        let date = date.or(self.date.as_deref())?.to_owned();
        let day = beginning(&date)?;
        self.last_day = Some((date, day));
        Some(day)
    }
}

/// The fields of a line, which spaces separate, or tabs where a table was made of it.
struct Fields<'l> {
    rest: &'l str,
}

impl<'l> Iterator for Fields<'l> {
    type Item = &'l str;

    fn next(&mut self) -> Option<&'l str> {
        loop {
            let end = memchr::memchr2(b' ', b'\t', self.rest.as_bytes());
            let (field, rest) = match end {
                Some(end) => (self.rest.get(..end)?, self.rest.get(end + 1..)?),
                None => (std::mem::take(&mut self.rest), ""),
            };
            self.rest = rest;
            if !field.is_empty() {
                return Some(field);
            }
            end?;
        }
    }
}

impl<'l> WebLine<'l> {
    /// The computer that asked: where a device in front names it, not that device.
    pub fn asker(&self) -> Option<IpAddr> {
        self.forwarded_for.or(self.client)
    }

    fn set(&mut self, column: Column, field: &'l str) {
        match column {
            Column::Client => self.client = address(field),
            Column::ClientPort => self.client_port = field.parse().ok(),
            Column::ForwardedFor => self.forwarded_for = forwarded(field),
            Column::Server => self.server = address(field),
            Column::ServerPort => self.server_port = field.parse().ok(),
            Column::Computer => self.computer = told(field),
            Column::Site => self.site = told(field),
            Column::Host => self.host = told(field),
            Column::Agent => self.agent = told(field),
            Column::Method => self.method = field,
            Column::Stem => self.stem = field.split(['?', '#']).next().unwrap_or(field),
            Column::User => {
                self.names_users = true;
                self.user = told(field);
            }
            Column::Status => self.status = field.parse().ok(),
            Column::Substatus => self.substatus = field.parse().ok(),
            Column::Win32 => self.win32 = win32(field),
            Column::BytesAsked => self.bytes.0 = field.parse().ok(),
            Column::BytesAnswered => self.bytes.1 = field.parse().ok(),
            Column::TimeTaken => self.time_taken = field.parse().ok(),
            Column::Reason => self.reason = told(field),
            Column::Date | Column::Time | Column::Other => {}
        }
    }
}

/// What a column holds, unless it is empty.
fn told(field: &str) -> Option<&str> {
    Some(field).filter(|field| *field != "-")
}

/// An address, without the zone that IPv6 may have.
fn address(field: &str) -> Option<IpAddr> {
    let without_zone = || field.split('%').next()?.parse().ok();
    field.parse().ok().or_else(without_zone)
}

/// The first address of `10.0.0.1,+10.0.0.9`, which may have a port: the others are of devices between.
fn forwarded(field: &str) -> Option<IpAddr> {
    let first = field.split(',').next()?.trim_matches(['+', '"']);
    let with_port = || Some(first.parse::<SocketAddr>().ok()?.ip());
    let in_brackets = || first.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address(first).or_else(with_port).or_else(in_brackets)
}

/// Some exports print it signed.
fn win32(field: &str) -> Option<u32> {
    let signed = || field.parse::<i32>().ok().map(i32::cast_unsigned);
    field.parse().ok().or_else(signed)
}

/// When the day `2009-05-20` began, in seconds since 1970.
fn beginning(date: &str) -> Option<i64> {
    let date = date.parse::<chrono::NaiveDate>().ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
}

/// The seconds of the day at `19:35:11`.
fn seconds(time: &str) -> Option<i64> {
    let [h, hour, b':', m, minute, b':', s, second, ..] = *time.as_bytes() else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
        is_number.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let (hour, minute, second) = (two(h, hour)?, two(m, minute)?, two(s, second)?);
    (hour < 24 && minute < 60 && second < 61).then_some(hour * HOUR + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Vec<(Timestamp, WebLine<'static>)> {
        let mut log = IisLog::default();
        lines
            .iter()
            .filter_map(|line| match log.line(line) {
                Outcome::Dated(time, Said::Web(web)) => Some((time, web)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_line_of_iis_6_needs_no_directive() {
        // From the article.
        let lines = read(&[
            "2009-05-20 19:35:13 W3SVC1 192.168.120.20 CCM_POST /ccm_system_windowsauth/request - 80 CHILD\\WK02-020-51W$ 192.168.20.102 ccmhttp 200 0 0",
        ]);
        let (time, web) = &lines[0];
        assert_eq!(time.to_string(), "2009-05-20T19:35:13.000000Z");
        assert_eq!(web.client, Some([192, 168, 20, 102].into()));
        assert_eq!((web.site, web.computer), (Some("W3SVC1"), None));
        assert_eq!(web.user, Some("CHILD\\WK02-020-51W$"));
        assert_eq!(
            (web.status, web.substatus, web.win32),
            (Some(200), Some(0), Some(0))
        );
    }

    #[test]
    fn columns_are_read_where_the_directive_says() {
        let lines = read(&[
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
            "2019-07-22 13:11:58 192.168.175.11 CCM_POST /ccm_system_windowsauth/request - 80 - 192.168.175.16 ccmhttp - 401 2 5 189",
            "#Fields: time c-ip sc-win32-status sc-status date",
            "13:11:59 192.168.175.16 -2146893042 401 2019-07-22",
        ]);
        assert_eq!(lines[0].1.agent, Some("ccmhttp"));
        assert_eq!(lines[0].1.time_taken, Some(189));
        assert_eq!(lines[0].1.win32, Some(5));
        assert_eq!(lines[1].1.win32, Some(2_148_074_254));
        assert_eq!(lines[1].0.to_string(), "2019-07-22T13:11:59.000000Z");
    }

    #[test]
    fn a_copied_piece_of_a_later_iis_needs_no_directive_either() {
        let lines = read(&[
            "request - 80 - 192.168.175.16 ccmhttp - 401 2 5 15",
            "2019-07-22 13:11:58 192.168.175.11 CCM_POST /ccm_system_windowsauth/request - 80 - 192.168.175.16 ccmhttp - 401 2 5 15",
            "2019-07-22 13:11:58 192.168.175.11 CCM_POST /ccm_system_windowsauth/request - 80 - 192.168.175.16 ccmhttp 200 0 0 31",
        ]);
        let told: Vec<_> = lines
            .iter()
            .map(|(_, web)| (web.status, web.time_taken))
            .collect();
        assert_eq!(told, [(Some(401), Some(15)), (Some(200), Some(31))]);
        // Of another site's columns, as many as of a default order: nothing is guessed.
        assert!(
            read(&[
                "2019-07-22 13:11:58 W3SVC1 MP 192.168.175.11 GET / - 80 - 192.168.175.16 a 200 0"
            ])
            .is_empty()
        );
    }

    #[test]
    fn who_asked_a_device_in_front_is_read_from_its_column() {
        let named = |field: &'static str| {
            let mut log = IisLog::of(&["date", "time", "c-ip", "X-Forwarded-For"]);
            let line = format!("2019-07-22\t13:11:58 10.0.0.9 {field}");
            match log.line(&line) {
                Outcome::Dated(_, Said::Web(web)) => web.forwarded_for.map(|it| it.to_string()),
                _ => panic!("a line"),
            }
        };
        assert_eq!(named("10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(
            named("10.0.0.1:49152,+10.0.0.8").as_deref(),
            Some("10.0.0.1")
        );
        assert_eq!(named("[fd00::1]:49152").as_deref(), Some("fd00::1"));
        assert_eq!(named("-"), None);
        assert_eq!(named("unknown,+10.0.0.8"), None);
    }

    #[test]
    fn behind_midnight_a_line_without_a_date_is_of_the_next_day() {
        let lines = read(&[
            "#Date: 2009-05-20 23:59:50",
            "#Fields: time c-ip sc-status",
            "23:59:59 10.0.0.1 200",
            "23:59:58 10.0.0.1 200",
            "00:00:01 10.0.0.1 200",
            "00:00:02 10.0.0.1 200",
            "#Date: 2009-05-22 00:00:00",
            "00:00:01 10.0.0.1 200",
        ]);
        let days: Vec<String> = lines
            .iter()
            .map(|(time, _)| time.to_string()[8..10].to_owned())
            .collect();
        assert_eq!(days, ["20", "20", "21", "21", "22"]);
    }

    #[test]
    fn a_broken_line_is_no_line() {
        assert!(read(&["2019-07-22 13:11:58 192.168.175.11", "hello", "#Remark"]).is_empty());
        assert!(read(&["2019-13-45 99:11:58 W3SVC1 a b c d e f g h 1 2 3"]).is_empty());
    }
}
