//! The log of Internet Information Services in W3C extended format, IIS 5 to 10.
//!
//! Never trusts an order of columns but the one that `#Fields` gives, which may change in mid-file; a file without it is read
//! in the default order of IIS 6. Times are UTC, of the end of a request, in whole seconds.

use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::logs::{Outcome, Said};

/// The default columns of IIS 6, which a copied piece of a log leaves unsaid.
pub(super) const IIS6: [&str; 14] = [
    "date",
    "time",
    "s-sitename",
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs(User-Agent)",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
];

const SECOND: i64 = 1_000_000_000;

/// A request and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WebLine<'l> {
    /// Who asked, as the server saw it: a proxy's address where one stands between.
    pub client: Option<IpAddr>,
    /// The client's port, which only the kernel's log has.
    pub client_port: Option<u16>,
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

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Column {
    Date,
    Time,
    Client,
    ClientPort,
    Server,
    ServerPort,
    Computer,
    Site,
    Host,
    Agent,
    Method,
    Stem,
    User,
    Status,
    Substatus,
    Win32,
    BytesAsked,
    BytesAnswered,
    TimeTaken,
    Reason,
    Other,
}

impl Column {
    pub(super) fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "date" => Self::Date,
            "time" => Self::Time,
            "c-ip" => Self::Client,
            "c-port" => Self::ClientPort,
            "s-ip" => Self::Server,
            "s-port" => Self::ServerPort,
            "s-computername" => Self::Computer,
            "s-sitename" => Self::Site,
            "cs-host" => Self::Host,
            "cs(user-agent)" => Self::Agent,
            "cs-method" => Self::Method,
            "cs-uri-stem" | "cs-uri" => Self::Stem,
            "cs-username" => Self::User,
            "sc-status" => Self::Status,
            "sc-substatus" => Self::Substatus,
            "sc-win32-status" => Self::Win32,
            "cs-bytes" => Self::BytesAsked,
            "sc-bytes" => Self::BytesAnswered,
            "time-taken" => Self::TimeTaken,
            "s-reason" => Self::Reason,
            _ => Self::Other,
        }
    }
}

/// Where a log has which column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct IisLog {
    columns: Vec<Column>,
    /// The date of `#Date`, for lines that have none of their own.
    date: Option<String>,
    /// The date of the last line, and when that day began.
    last_day: Option<(String, i64)>,
}

impl Default for IisLog {
    fn default() -> Self {
        Self::of(&IIS6)
    }
}

impl IisLog {
    pub(super) fn of(names: &[&str]) -> Self {
        Self {
            columns: names.iter().map(|name| Column::of(name)).collect(),
            date: None,
            last_day: None,
        }
    }

    pub(super) fn line<'l>(&mut self, line: &'l str) -> Outcome<'l> {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.columns = names.split_ascii_whitespace().map(Column::of).collect();
            return Outcome::Nothing;
        }
        if let Some(date) = line.strip_prefix("#Date:") {
            self.date = date.split_ascii_whitespace().next().map(str::to_owned);
            self.last_day = None;
            return Outcome::Nothing;
        }
        if line.starts_with('#') || line.trim().is_empty() {
            return Outcome::Nothing;
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
        let day = self.day(date)?;
        let time = day.checked_add(seconds(time?)?)?;
        Some((Timestamp::from_nanos(time.checked_mul(SECOND)?), web))
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

/// The fields of a line, which spaces separate.
struct Fields<'l> {
    rest: &'l str,
}

impl<'l> Iterator for Fields<'l> {
    type Item = &'l str;

    fn next(&mut self) -> Option<&'l str> {
        loop {
            let end = memchr::memchr(b' ', self.rest.as_bytes());
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
    fn set(&mut self, column: Column, field: &'l str) {
        match column {
            Column::Client => self.client = address(field),
            Column::ClientPort => self.client_port = field.parse().ok(),
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
    (hour < 24 && minute < 60 && second < 61).then_some(hour * 3_600 + minute * 60 + second)
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
    fn a_broken_line_is_no_line() {
        assert!(read(&["2019-07-22 13:11:58 192.168.175.11", "hello", "#Remark"]).is_empty());
        assert!(read(&["2019-13-45 99:11:58 W3SVC1 a b c d e f g h 1 2 3"]).is_empty());
    }
}
