//! What commands of Windows printed, saved as text: tickets, holders of service names, domain controllers and trusts, clocks.
//!
//! Never takes an output for one in a language that it does not know: the words are those that Windows prints in English, and a
//! file without them is not recognised.

mod klist;
mod nltest;
mod setspn;
mod w32tm;

use std::io;
use std::net::IpAddr;

use crate::logs::lines::{Lines, Text};
use crate::text::WireText;

/// Characters of a name that are kept: names of the directory are shorter.
const LONGEST: usize = 256;

/// Which command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// `klist`: the tickets of a session.
    Klist,
    /// `setspn -Q`, `-X` or `-L`: who holds service names.
    Setspn,
    /// `nltest /dsgetdc` or `/domain_trusts`.
    Nltest,
    /// `w32tm /stripchart`: how far a clock is off.
    W32tm,
}

impl Command {
    /// `klist-output`, `setspn-output`, `nltest-output`, `w32tm-output`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Klist => "klist-output",
            Self::Setspn => "setspn-output",
            Self::Nltest => "nltest-output",
            Self::W32tm => "w32tm-output",
        }
    }
}

/// What an output says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandFact {
    /// An account holds a service name.
    Holder(Holder),
    /// No account of the domain that was asked holds this service name.
    Nobody(WireText),
    /// A ticket in a session's cache.
    Ticket(CachedTicket),
    /// The domain controller that was found.
    Controller(Controller),
    /// The trusts of a domain.
    Trusts(TrustList),
    /// How far two clocks are apart.
    Clock(ClockChart),
}

/// An account with a service name that it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The account: `CN=MP,OU=Servers,DC=example,DC=com`.
    pub account: WireText,
    /// The service name.
    pub spn: WireText,
}

impl Holder {
    /// The first name of the account: `MP`.
    pub fn common_name(&self) -> Option<&str> {
        let first = self.account.as_str().split(',').next()?;
        let (key, name) = first.split_once('=')?;
        key.trim().eq_ignore_ascii_case("cn").then(|| name.trim())
    }

    /// The domain of the account, where its whole name is printed: `root.lab`.
    pub fn domain(&self) -> Option<String> {
        let parts = self.account.as_str().split(',');
        let labels = parts.filter_map(|part| {
            let (key, label) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case("dc").then(|| label.trim())
        });
        let labels: Vec<&str> = labels.collect();
        (!labels.is_empty()).then(|| labels.join("."))
    }
}

/// A ticket in a cache.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CachedTicket {
    /// The session: `0:0x3e7` is the computer's own.
    pub session: Option<WireText>,
    /// Whose ticket it is, without the realm.
    pub client: WireText,
    /// What it is for, without the realm.
    pub server: WireText,
    /// The encryption type, as it is printed.
    pub etype: Option<WireText>,
    /// Until when, as it is printed: local time.
    pub ends: Option<WireText>,
    /// The KDC that gave it.
    pub kdc: Option<WireText>,
}

/// What `nltest /dsgetdc` found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Controller {
    /// The domain controller.
    pub name: WireText,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its domain.
    pub domain: Option<WireText>,
    /// Its site.
    pub site: Option<WireText>,
    /// The site of the machine that asked.
    pub own_site: Option<WireText>,
}

/// The list of `nltest /domain_trusts`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrustList {
    /// The domains of the list, that of the machine itself among them.
    pub domains: Vec<Trust>,
}

impl TrustList {
    /// The domain of the machine that printed the list.
    pub fn own(&self) -> Option<&Trust> {
        self.domains.iter().find(|it| it.kind == TrustKind::Own)
    }
}

/// A domain in the list of trusts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    /// Its DNS name, or the short one where no other is printed.
    pub name: WireText,
    /// Its short name, where both are printed.
    pub short: Option<WireText>,
    /// What joins it.
    pub kind: TrustKind,
    /// The domain whose list it is trusts it directly, and it is not said to trust that domain: this leads nobody of that domain
    /// anywhere.
    pub is_outbound_only: bool,
}

/// What joins a domain with the one whose list it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustKind {
    /// It is that domain.
    Own,
    /// It is in the same forest.
    Forest,
    /// A trust between forests, which Kerberos follows by names.
    BetweenForests,
    /// A trust of another kind, such as an external one.
    Other,
}

impl TrustKind {
    /// `its own domain`, ….
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "its own domain",
            Self::Forest => "in its forest",
            Self::BetweenForests => "trust between forests",
            Self::Other => "trust of another kind",
        }
    }
}

/// What `w32tm /stripchart` measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockChart {
    /// The machine whose clock is compared with that of the machine on which the command ran.
    pub peer: IpAddr,
    /// Its name, as the command was told it.
    pub name: Option<WireText>,
    /// The middle one of the distances, in nanoseconds.
    pub offset_nanos: i64,
    /// How many distances there are.
    pub samples: usize,
}

/// Which command prints a line like this one.
pub(super) fn of_line(line: &str) -> Option<Command> {
    if klist::is_of(line) {
        Some(Command::Klist)
    } else if setspn::is_of(line) {
        Some(Command::Setspn)
    } else if nltest::is_of(line) {
        Some(Command::Nltest)
    } else if w32tm::is_of(line) {
        Some(Command::W32tm)
    } else {
        None
    }
}

const OTHER_SETSPN: &str =
    "looks like the output of setspn, of which only that of -Q, -X and -L in English is read";
const OTHER_NLTEST: &str = "looks like the output of nltest, of which only that of /dsgetdc and /domain_trusts in English is read";

/// What an output is whose words are of another language: its command stands in front of it, or what is the same in each language
/// stands in it.
pub(super) fn foreign(line: &str) -> Option<&'static str> {
    let (_, typed) = line.split_once('>').unwrap_or_default();
    let command = typed.split_whitespace().next().unwrap_or_default();
    let command = command.to_ascii_lowercase();
    let is_domain = line.starts_with("Dom") && line.contains(" \"DC=");
    let is_trust = line.contains(" (NT ") && nltest::trust(line).is_some();
    match command.strip_suffix(".exe").unwrap_or(&command) {
        "klist" => Some(
            "looks like the output of klist, of which only the list of tickets in English is read",
        ),
        "setspn" => Some(OTHER_SETSPN),
        "nltest" => Some(OTHER_NLTEST),
        _ if is_domain => Some(OTHER_SETSPN),
        _ if is_trust => Some(OTHER_NLTEST),
        _ => None,
    }
}

/// Takes what an output says, with the number of its line.
type Sink<'s> = dyn FnMut(u64, CommandFact) + 's;

/// Reads lines of an output, one after the other.
trait Reading {
    fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>);

    /// What is still open at the end.
    fn finish(&mut self, sink: &mut Sink<'_>);
}

/// Gives what the output says to `sink`.
pub(super) fn read(command: Command, lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> io::Result<()> {
    match command {
        Command::Klist => each(lines, &mut klist::Reader::default(), sink),
        Command::Setspn => each(lines, &mut setspn::Reader::default(), sink),
        Command::Nltest => each(lines, &mut nltest::Reader::default(), sink),
        Command::W32tm => each(lines, &mut w32tm::Reader::default(), sink),
    }
}

fn each(lines: &mut Lines<'_>, reading: &mut impl Reading, sink: &mut Sink<'_>) -> io::Result<()> {
    while let Some(Text { number, text }) = lines.next()? {
        reading.line(number, &text, sink);
    }
    reading.finish(sink);
    Ok(())
}

fn kept(text: &str) -> WireText {
    WireText::from(text.trim().chars().take(LONGEST).collect::<String>())
}

/// What stands behind `label` and its colon, if the line begins with them.
fn value<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    let rest = line.trim_start().strip_prefix(label)?;
    rest.trim_start().strip_prefix(':').map(str::trim)
}

#[cfg(test)]
fn facts(command: Command, text: &str) -> Vec<(u64, CommandFact)> {
    let mut all = Vec::new();
    let mut input = text.as_bytes();
    let mut lines = Lines::new(&mut input);
    read(command, &mut lines, &mut |number, fact| {
        all.push((number, fact));
    })
    .expect("bytes in memory");
    all
}
