//! The columns of a web server's log: their names, and the orders that its versions have by default.
//!
//! Never takes a line for one of a default order whose fields have not the form of each column's values.

use crate::logs::iis::{Fields, address, beginning, seconds, win32};

/// The default columns of IIS 6, which a copied piece of a log leaves unsaid.
const IIS6: [&str; 14] = [
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

/// Those of IIS 7.
const IIS7: [&str; 14] = [
    "date",
    "time",
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
    "time-taken",
];

/// Those of IIS 8 to 10.
const IIS8: [&str; 15] = [
    "date",
    "time",
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs(User-Agent)",
    "cs(Referer)",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "time-taken",
];

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::logs) enum Column {
    Date,
    Time,
    Client,
    ClientPort,
    ForwardedFor,
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
            "x-forwarded-for" | "cs(x-forwarded-for)" => Self::ForwardedFor,
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

/// The default columns that a line without a directive has: a date, a time, and numbers and addresses where they belong.
pub(in crate::logs) fn default_order(line: &str) -> Option<&'static [&'static str]> {
    let fields: Vec<&str> = Fields { rest: line }.take(IIS8.len() + 1).collect();
    let orders: [&[&str]; 3] = [&IIS6, &IIS7, &IIS8];
    let fits = |order: &&&'static [&str]| {
        order.len() == fields.len()
            && order
                .iter()
                .zip(&fields)
                .all(|(name, field)| has_form(name, field))
    };
    orders.iter().find(fits).copied()
}

/// Whether the field has the form of the column's values.
fn has_form(name: &str, field: &str) -> bool {
    match name {
        "date" => field.len() == 10 && beginning(field).is_some(),
        "time" => field.len() == 8 && seconds(field).is_some(),
        "s-ip" | "c-ip" => address(field).is_some(),
        "s-port" | "sc-status" | "sc-substatus" => field.parse::<u16>().is_ok(),
        "sc-win32-status" => win32(field).is_some(),
        "time-taken" => field.parse::<u32>().is_ok(),
        _ => true,
    }
}
