//! What others say of an attempt, joined to it: lines of the web server's log to their exchanges, sentences of logs and calls that
//! store a registration to the attempt.
//!
//! Never says what a code means.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::frame::Timestamp;
use crate::logs::WitnessLine;
pub use crate::logs::command_output::{
    CachedTicket, ClockChart, CommandFact, Controller, Holder, Trust, TrustKind, TrustList,
};
use crate::logs::iis::WebLine;
use crate::model::exchange::Span;
use crate::text::WireText;
use crate::wire::registration_call::RegistrationCall;

/// Where a line stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The name of the file, without its folder.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u64,
}

impl Source {
    /// Whether two lines are of one file. A file's name is held once, so that two files of one name in two folders differ.
    pub fn is_of_file_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl fmt::Display for Source {
    /// `u_ex090520.log:6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What the server's own log says of an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebRecord {
    /// The line.
    pub source: Source,
    /// When the request ended, by the server's clock, in whole seconds.
    pub time: Timestamp,
    /// What was asked: `CCM_POST /ccm_system_windowsauth/request`.
    pub request: WireText,
    /// The account that was proven.
    pub user: Option<WireText>,
    /// Whether the log has a column for accounts: without it nobody knows whether one was proven.
    pub names_users: bool,
    /// The status.
    pub status: Option<u16>,
    /// The substatus.
    pub substatus: Option<u16>,
    /// The Win32 status.
    pub win32: Option<u32>,
    /// How long the request took, in milliseconds.
    pub time_taken: Option<u32>,
    /// Why the kernel refused it.
    pub reason: Option<WireText>,
    /// The client's address in the log, where that is another one than the capture's.
    pub logged_as: Option<IpAddr>,
    /// The server's address in the log, where that is none of the capture's.
    pub server: Option<IpAddr>,
}

impl WebRecord {
    /// `web`, which `line` of `file` says.
    pub fn of(file: &Arc<str>, line: &WitnessLine<'_>, web: &WebLine<'_>) -> Self {
        Self {
            source: Source {
                file: Arc::clone(file),
                line: line.number,
            },
            time: line.time,
            request: WireText::from(format!("{} {}", web.method, web.stem)),
            user: web.user.map(WireText::from),
            names_users: web.names_users,
            status: web.status,
            substatus: web.substatus,
            win32: web.win32,
            time_taken: web.time_taken,
            reason: web.reason.map(WireText::from),
            logged_as: None,
            server: None,
        }
    }
}

/// What a component says of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldRecord {
    /// The line.
    pub source: Source,
    /// When, by the clock of the machine that wrote it.
    pub time: Timestamp,
    /// Who says it.
    pub component: WireText,
    /// What it says, cut where it is long.
    pub text: WireText,
    /// Why it is taken to be about the attempt.
    pub tie: Tie,
}

/// The component of the client that writes a status of approval.
const OF_APPROVAL: &str = "ClientIDManagerStartup";
/// What it writes before the number.
const APPROVAL_STATUS: &str = "approval status ";

/// The status of approval in a sentence of the client's own log.
pub fn approval_status(component: &str, text: &str) -> Option<i64> {
    if !component.eq_ignore_ascii_case(OF_APPROVAL) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let rest = text.split_once(APPROVAL_STATUS)?.1;
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '-');
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

/// A call with which the site stored a registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRecord {
    /// Where it stands.
    pub source: CallSource,
    /// When, by the clock of the database server, or of the capture that holds it; a pasted statement does not say.
    pub time: Option<Timestamp>,
    /// The machine that called.
    pub host: Option<WireText>,
    /// What it stores.
    pub call: RegistrationCall,
    /// Why it is taken to be about the attempt.
    pub tie: Tie,
}

/// Where a call stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallSource {
    /// In a file beside the capture: the line on which it begins.
    Line(Source),
    /// In the capture.
    Seen(Box<SeenIn>),
}

impl fmt::Display for CallSource {
    /// `trace.sql:1`, or `frames 10–11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(source) => source.fmt(f),
            Self::Seen(seen) => seen.span.fmt(f),
        }
    }
}

/// A call in the capture: its frames, and who makes it where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenIn {
    /// Its frames.
    pub span: Span,
    /// The machine that calls.
    pub caller: IpAddr,
    /// The database server.
    pub server: IpAddr,
}

/// What the output of a command says of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputRecord {
    /// The line.
    pub source: Source,
    /// What it says.
    pub fact: CommandFact,
}

/// What joins a sentence or a call to an attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tie {
    /// The number of the message.
    Message,
    /// The identity of the client.
    Identity,
    /// The same, beside the thumbprint of another certificate than those that the capture has of the client.
    OtherCertificate,
    /// The thumbprint of its certificate.
    Thumbprint,
    /// Its name.
    Name,
    /// The time alone, where no other client is there.
    Time,
}

impl Tie {
    /// `names the message`, ….
    pub const fn text(self) -> &'static str {
        match self {
            Self::Message => "names the message",
            Self::Identity => "names the client's identity",
            Self::OtherCertificate => {
                "names the client's identity with another certificate than the capture"
            }
            Self::Thumbprint => "names the client's certificate",
            Self::Name => "names the client",
            Self::Time => "is near it in time",
        }
    }
}
