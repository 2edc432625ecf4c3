//! Text files beside a capture: what kind of log one is, and its lines as dated witness lines.
//!
//! Never knows packets, never keeps a line that nobody asked for, and never opens a file. Lines longer than [`LONGEST_LINE`]
//! are cut there.

pub mod command_output;
pub mod configmgr;
pub mod http_err;
pub mod iis;
pub mod lines;
pub mod profiler;
mod sniff;

pub use sniff::{Recognised, recognise};

use std::io::{self, Read};

use crate::frame::Timestamp;
use crate::logs::command_output::{Command, CommandFact};
use crate::logs::configmgr::ToldLine;
use crate::logs::http_err::HttpErrLog;
use crate::logs::iis::{IisLog, WebLine};
use crate::logs::lines::{Lines, Text};
use crate::logs::profiler::SqlCall;

/// Bytes of a line that are read; the longest query that IIS takes is shorter.
pub const LONGEST_LINE: usize = 64 << 10;

/// What kind of log a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogKind {
    /// A web server's log, W3C extended.
    Iis,
    /// What the kernel part of the web server refused by itself.
    HttpErr,
    /// A log of Configuration Manager.
    ConfigMgr,
    /// What SQL Profiler saved, or statements of SQL.
    Sql,
    /// What a command printed.
    Command(Command),
}

impl LogKind {
    /// `iis-log`, `httperr-log`, `configmgr-log`, `sql-trace`, and the names of [`Command::name`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iis => "iis-log",
            Self::HttpErr => "httperr-log",
            Self::ConfigMgr => "configmgr-log",
            Self::Sql => "sql-trace",
            Self::Command(command) => command.name(),
        }
    }
}

/// A line of a log that has a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessLine<'l> {
    /// Its number, from 1.
    pub number: u64,
    /// When, by the clock of the machine that wrote it. A statement that was pasted and the output of a command do not say:
    /// their time is the beginning of 1970.
    pub time: Timestamp,
    /// What it says.
    pub said: Said<'l>,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said<'l> {
    /// A request and its answer, in a web server's log.
    Web(WebLine<'l>),
    /// A sentence of a component.
    Told(ToldLine<'l>),
    /// A call that stores a registration.
    Call(&'l SqlCall),
    /// What the output of a command says.
    Output(&'l CommandFact),
}

/// What reading a log found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogFacts {
    /// Lines with a time, calls, or facts of an output.
    pub dated: u64,
    /// Lines that could not be read, beside comments and blank ones.
    pub unread: u64,
    /// The first of these.
    pub first_unread: Option<u64>,
    /// Lines of which only the beginning was read.
    pub cut: u64,
    /// The earliest time.
    pub first: Option<Timestamp>,
    /// The latest.
    pub last: Option<Timestamp>,
}

/// Reads the log `input` to its end and gives each dated line to `sink`.
///
/// # Errors
///
/// What reading `input` gives; what was read before has been given to `sink`.
pub fn read(
    kind: LogKind,
    input: &mut dyn Read,
    sink: &mut dyn FnMut(&WitnessLine<'_>),
) -> io::Result<LogFacts> {
    let mut facts = LogFacts::default();
    let mut counting = |line: &WitnessLine<'_>| {
        facts.dated += 1;
        facts.first = Some(facts.first.map_or(line.time, |time| time.min(line.time)));
        facts.last = facts.last.max(Some(line.time));
        sink(line);
    };
    let mut lines = Lines::new(input);
    let unread = match kind {
        LogKind::Iis => each(
            &mut lines,
            &mut IisLog::default(),
            IisLog::line,
            &mut counting,
        ),
        LogKind::HttpErr => {
            let mut log = HttpErrLog::default();
            each(&mut lines, &mut log, HttpErrLog::line, &mut counting)
        }
        LogKind::ConfigMgr => configmgr::read(&mut lines, &mut counting),
        LogKind::Sql => return sql(&mut lines, sink),
        LogKind::Command(command) => return output(command, &mut lines, sink),
    }?;
    facts.unread = unread.count;
    facts.cut = lines.cut();
    facts.first_unread = unread.first;
    Ok(facts)
}

fn sql(lines: &mut Lines<'_>, sink: &mut dyn FnMut(&WitnessLine<'_>)) -> io::Result<LogFacts> {
    let mut facts = LogFacts::default();
    let unread = profiler::read(lines, &mut |call| {
        facts.dated += 1;
        facts.first = facts.first.or(call.time).min(call.time.or(facts.first));
        facts.last = facts.last.max(call.time);
        sink(&WitnessLine {
            number: call.number,
            time: call.time.unwrap_or(Timestamp::from_nanos(0)),
            said: Said::Call(&call),
        });
    })?;
    (facts.unread, facts.first_unread) = (unread.count, unread.first);
    facts.cut = lines.cut();
    Ok(facts)
}

fn output(
    command: Command,
    lines: &mut Lines<'_>,
    sink: &mut dyn FnMut(&WitnessLine<'_>),
) -> io::Result<LogFacts> {
    let mut facts = LogFacts::default();
    command_output::read(command, lines, &mut |number, fact| {
        facts.dated += 1;
        sink(&WitnessLine {
            number,
            time: Timestamp::from_nanos(0),
            said: Said::Output(&fact),
        });
    })?;
    facts.cut = lines.cut();
    Ok(facts)
}

/// Lines that could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Unread {
    count: u64,
    first: Option<u64>,
}

impl Unread {
    fn add(&mut self, number: u64) {
        self.count += 1;
        self.first.get_or_insert(number);
    }
}

/// What one line of a log is.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and nearly each is a dated line"
)]
enum Outcome<'l> {
    Dated(Timestamp, Said<'l>),
    /// A comment, or blank.
    Nothing,
    Unread,
}

/// Gives each line of a log whose lines stand alone to `sink`.
fn each<L>(
    lines: &mut Lines<'_>,
    log: &mut L,
    read: for<'l> fn(&mut L, &'l str) -> Outcome<'l>,
    sink: &mut dyn FnMut(&WitnessLine<'_>),
) -> io::Result<Unread> {
    let mut unread = Unread::default();
    while let Some(Text { number, text }) = lines.next()? {
        match read(log, &text) {
            Outcome::Dated(time, said) => sink(&WitnessLine { number, time, said }),
            Outcome::Nothing => {}
            Outcome::Unread => unread.add(number),
        }
    }
    Ok(unread)
}
