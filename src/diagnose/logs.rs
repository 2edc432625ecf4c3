//! Attempts that wait until the logs beside the capture are read, and what joining them came to.
//!
//! Never holds more attempts than the budget; further ones are told without the logs.

use std::io::Read;
use std::sync::Arc;

use crate::diagnose::Builder;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::logs::{self, LogFacts, LogKind, Said, WitnessLine};
use crate::model::attempt::Attempt;
use crate::model::identity::Identities;
use crate::model::join::disagreeing::{Difference, Disagreeing};
use crate::model::join::other_address::OtherAddress;
use crate::model::join::told::ToldJoin;
use crate::model::join::web::{Elsewhere, FURTHEST, WebJoin, WebJoined};
use crate::model::join::{call, output};
use crate::model::sighting::User;
use crate::model::witness::Source;
use crate::report::LogReport;

/// In nanoseconds.
const MILLISECOND: i64 = 1_000_000;

/// A beginning and an end.
type Period = (Timestamp, Timestamp);

/// A log beside the capture.
pub struct LogInput {
    /// Its name, without folders.
    pub name: String,
    /// What kind it is.
    pub kind: LogKind,
    /// Its bytes, from the first one.
    pub input: Box<dyn Read>,
}

/// So many of a list are named.
const NAMED: usize = 8;

/// Attempts that wait for the logs.
pub(super) struct Waiting {
    attempts: Vec<Attempt>,
    room: usize,
}

impl Waiting {
    /// Without logs nothing waits.
    pub(super) const fn for_logs(logs: &[LogInput]) -> Self {
        Self {
            attempts: Vec::new(),
            room: if logs.is_empty() { 0 } else { Budget::ATTEMPTS },
        }
    }

    /// Keeps `attempt`, or passes it on where nothing waits.
    pub(super) fn add(&mut self, attempt: Attempt, builder: &mut Builder) {
        if self.attempts.len() < self.room {
            self.attempts.push(attempt);
        } else {
            builder.add(&attempt);
        }
    }

    /// Joins `logs` to the attempts that wait, some of whose connections may be others `elsewhere`, passes these on, and says what came of each log.
    pub(super) fn join(
        mut self,
        logs: Vec<LogInput>,
        elsewhere: &Elsewhere,
        identities: &mut Identities,
        builder: &mut Builder,
    ) -> Vec<LogReport> {
        let reports = logs
            .into_iter()
            .map(|log| join(log, elsewhere, &mut self.attempts, identities))
            .collect();
        for attempt in &self.attempts {
            builder.add(attempt);
        }
        reports
    }
}

fn join(
    mut log: LogInput,
    elsewhere: &Elsewhere,
    attempts: &mut [Attempt],
    identities: &mut Identities,
) -> LogReport {
    let file: Arc<str> = Arc::from(log.name.as_str());
    let times = span(attempts);
    let mut web = WebJoin::for_attempts(attempts, elsewhere);
    let mut told = ToldJoin::for_attempts(attempts);
    let (mut calls, mut outputs, mut strangers) = (0, 0, 0_u64);
    let mut without_zone = 0_u64;
    let read = logs::read(log.kind, &mut log.input, &mut |line| {
        sight(&file, line, identities);
        match line.said {
            Said::Web(_) => web.take(&file, line),
            Said::Told(ref sentence) => {
                without_zone += u64::from(!sentence.has_bias);
                told.take(&file, line);
            }
            Said::Call(stored) if call::take(&file, stored, attempts) => calls += 1,
            Said::Call(_) => strangers += 1,
            Said::Output(fact) => {
                outputs += usize::from(output::take(&file, line.number, fact, attempts));
            }
        }
    });
    let web = web.finish(attempts);
    let told = told.finish(attempts);
    let mut report = LogReport {
        name: log.name,
        kind: log.kind.name(),
        joined: (web.joined + told + calls + outputs) as u64,
        is_complete: read.is_ok(),
        ..LogReport::default()
    };
    match read {
        Ok(facts) => tell(&mut report, log.kind, (&facts, times), &web),
        Err(error) => report
            .notes
            .push(format!("Reading stopped early: {error}.")),
    }
    report
        .notes
        .extend(zone_note(without_zone, "were compared with the capture's"));
    if strangers > 0 {
        report.notes.push(format!(
            "{strangers} of its calls are about clients that are not in the capture."
        ));
    }
    report
}

/// Notes which identity a line names.
fn sight(file: &Arc<str>, line: &WitnessLine<'_>, identities: &mut Identities) {
    let seen = |time| {
        let source = Source {
            file: Arc::clone(file),
            line: line.number,
        };
        User::named_by(source, time)
    };
    match &line.said {
        Said::Call(stored) => identities.add_call(&stored.call, seen(stored.time)),
        Said::Told(told) => identities.add_sentence(&told.text, || seen(Some(line.time))),
        Said::Web(_) | Said::Output(_) => {}
    }
}

/// From the first frame of the attempts to the last.
fn span(attempts: &[Attempt]) -> Option<Period> {
    let from = attempts.iter().map(Attempt::first_time).min();
    from.zip(attempts.iter().map(Attempt::last_time).max())
}

/// Whether no clock and no time zone brings the lines of `facts` into `times`.
fn is_of_another_time(facts: &LogFacts, times: Option<Period>) -> bool {
    let both = facts.first.zip(facts.last).zip(times);
    both.is_some_and(|((first, last), (from, to))| {
        first.since(to) > FURTHEST || from.since(last) > FURTHEST
    })
}

fn tell(
    report: &mut LogReport,
    kind: LogKind,
    (facts, times): (&LogFacts, Option<Period>),
    web: &WebJoined,
) {
    report.lines = facts.dated;
    report.first_time = facts.first;
    report.last_time = facts.last;
    // Rounded outwards: the distance is not outside of what is said.
    report.clock_ms = web.clock.map(|(least, most)| {
        (
            least.div_euclid(MILLISECOND),
            -(-most).div_euclid(MILLISECOND),
        )
    });
    if report.joined == 0 {
        let text = if kind == LogKind::Sql && facts.dated == 0 {
            "It holds no call that stores a registration."
        } else if matches!(kind, LogKind::Command(_)) && facts.dated == 0 {
            "Nothing of it was read: of this command only what it prints in English is."
        } else if is_of_another_time(facts, times) {
            "None of its lines is within the capture's time."
        } else {
            "None of its lines could be joined to an attempt of the capture."
        };
        report.notes.push(text.to_owned());
    }
    report.notes.extend(unread_notes(facts));
    if kind == LogKind::Iis && !web.without_line.is_empty() {
        report.notes.push(format!(
            "It has no line for the requests that begin in {}, though it covers their time.",
            frames(&web.without_line)
        ));
    }
    report
        .notes
        .extend(web.disagreeing.iter().map(disagreement));
    for record in &web.without_packets {
        let user = record.user.as_ref();
        let user = user.map_or_else(String::new, |user| format!(", for {user},"));
        report.notes.push(format!(
            "{}{user} is about a request of the same client and path at this time that is not in the capture.",
            record.source
        ));
    }
    report
        .notes
        .extend(web.other_addresses.iter().map(other_address));
    if !web.open.lines.is_empty() {
        let named: Vec<String> = web
            .open
            .lines
            .iter()
            .take(NAMED)
            .map(ToString::to_string)
            .collect();
        let more = web.open.lines.len().saturating_sub(NAMED);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more lines")
        };
        report.notes.push(format!(
            "{}{more} may be about the requests that begin in {}, or about others of that address: nothing tells whose they are.",
            named.join(", "),
            frames(&web.open.frames)
        ));
    }
    let forwarded = web.forwarded.iter().take(NAMED);
    report.notes.extend(forwarded.map(|(client, logged)| {
        format!(
            "It has {client} as {logged}, and names {client} in its column for X-Forwarded-For."
        )
    }));
    if web.unkept > 0 {
        report.notes.push(format!(
            "{} more lines may have been about an exchange and were not compared.",
            web.unkept
        ));
    }
}

/// What a line and the capture say differently of a request.
fn disagreement(told: &Disagreeing) -> String {
    let Disagreeing { record, frame, .. } = told;
    let what = match told.differs {
        Difference::Status(logged, seen) => {
            let user = record.user.as_ref();
            let user = user.map_or_else(String::new, |user| format!(" for {user}"));
            format!(
                "{} has status {logged}{user} for a request like the one that begins in frame {frame}, to which the capture has status {seen}",
                record.source
            )
        }
        Difference::Account => format!(
            "{} has the account {} for a request like the one that begins in frame {frame}, whose proof is another account's",
            record.source,
            record.user.as_ref().map_or("-", |user| user.as_str()),
        ),
    };
    format!("{what}: the log and the capture do not agree, or the line is about another request.")
}

fn other_address(other: &OtherAddress) -> String {
    let account = if other.by_account { " and account" } else { "" };
    let who = match other.server {
        Some(server) if other.client == other.logged => {
            format!(
                "It is of {server}, which is not in the capture, and has {} there",
                other.client
            )
        }
        _ => format!("It has {} as {}", other.client, other.logged),
    };
    format!(
        "{who}: lines of that address alone fit in time, request, status{account}, as where a device between rewrites addresses or asks for others."
    )
}

/// That lines have no time zone; `what` became of their times.
pub(super) fn zone_note(lines: u64, what: &str) -> Option<String> {
    (lines > 0).then(|| {
        format!(
            "{lines} of its lines have no time zone: their times are local, and {what} as if they were UTC."
        )
    })
}

/// What could not be read of a log, a sentence each.
pub(super) fn unread_notes(facts: &LogFacts) -> impl Iterator<Item = String> {
    let unread = facts.first_unread.map(|first| {
        format!(
            "{} of its lines could not be read, line {first} first.",
            facts.unread
        )
    });
    let cut = (facts.cut > 0).then(|| {
        let most = logs::LONGEST_LINE >> 10;
        format!(
            "Of {} of its lines only the first {most} KiB were read.",
            facts.cut
        )
    });
    unread.into_iter().chain(cut)
}

/// `frames 4, 17 and 40 more`.
fn frames(frames: &[FrameNumber]) -> String {
    let named: Vec<String> = frames.iter().take(NAMED).map(ToString::to_string).collect();
    let more = frames.len().saturating_sub(NAMED);
    let word = if frames.len() == 1 { "frame" } else { "frames" };
    if more == 0 {
        format!("{word} {}", named.join(", "))
    } else {
        format!("{word} {} and {more} more", named.join(", "))
    }
}
