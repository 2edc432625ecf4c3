//! From captures and logs to the report: each floor in its turn.
//!
//! Never opens a file and never writes: frames come from a reader, the report goes to a renderer.

mod approval;
#[cfg(test)]
mod damaged;
mod logs;
mod pipeline;
mod reading;
pub mod survey;
pub mod vantage;
mod without_capture;

pub use logs::LogInput;
pub use without_capture::diagnose_logs;

use std::net::IpAddr;
use std::sync::Arc;

use crate::capture::{CaptureReader, Excerpt};
use crate::diagnose::pipeline::side_by_side;
use crate::diagnose::reading::read;
use crate::diagnose::vantage::{Rewritten, Vantage};
use crate::dissect::Ports;
use crate::dissect::message::{Message, Observation};
use crate::finding::{Evidence, Severity};
use crate::frame::{OtherNumbers, Timestamp};
use crate::keys::Keytab;
use crate::limits::{Budget, Limitation};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::capture_facts::CaptureFacts;
use crate::model::correlate::Correlator;
use crate::model::focus::Focus;
use crate::model::identity::Identities;
use crate::model::other_kerberos::{self, Sums};
use crate::report::{AttemptReport, Client, Input, OtherKerberos, Report, Secrets, Service};
use crate::rules::{self, Selection};
use crate::story::{self, Cast, Hosts, coverage, reasoning, six_steps};

/// What the user knows about the capture, and which rules are wanted.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Further ports of HTTP and Kerberos.
    pub ports: Ports,
    /// Only this client counts.
    pub client: Option<IpAddr>,
    /// The management point.
    pub server: Option<IpAddr>,
    /// Only this KDC counts.
    pub kdc: Option<IpAddr>,
    /// Keys that may open tickets.
    pub keytabs: Arc<[Keytab]>,
    /// Only these rules look, if there are any.
    pub only_rules: Vec<String>,
    /// These rules do not look.
    pub without_rules: Vec<String>,
    /// Only this part of the capture is read.
    pub excerpt: Option<Excerpt>,
}

impl Settings {
    /// The same for one of several captures, from 0, that is read alone.
    #[must_use]
    pub fn of_capture(&self, file: usize) -> Self {
        Self {
            excerpt: self.excerpt.as_ref().and_then(|it| it.of_file(file)),
            ..self.clone()
        }
    }
}

/// Reads a capture to its end, or to where it breaks off, and says what is in it.
pub fn diagnose(reader: CaptureReader, settings: &Settings) -> Report {
    diagnose_with(reader, Vec::new(), settings)
}

/// A case: captures, each with what the first has in common with it, and logs beside them. `names` are those of the captures.
pub fn diagnose_case(
    captures: Vec<(CaptureReader, Option<Vantage>)>,
    names: &[String],
    logs: Vec<LogInput>,
    settings: &Settings,
) -> Report {
    let first = names.first().map_or("the first", String::as_str);
    let told = captures.iter().zip(names).skip(1);
    let vantages = told.filter_map(|((_, shared), name)| {
        let shared = shared.as_ref()?;
        Some(vantage::told(first, name, shared))
    });
    let vantages: Vec<String> = vantages.collect();
    let rewritten = |shared: &Option<Vantage>| shared.as_ref().map(|it| it.rewritten.clone());
    let rewritten: Vec<Rewritten> = captures
        .iter()
        .map(|(_, shared)| rewritten(shared).unwrap_or_default())
        .collect();
    let mut parts: Vec<(CaptureReader, i64)> = captures
        .into_iter()
        .map(|(reader, shared)| (reader, shared.map_or(0, |shared| -shared.offset)))
        .collect();
    let reader = match parts.pop() {
        Some((reader, _)) if parts.is_empty() => reader,
        Some(last) => {
            parts.push(last);
            CaptureReader::merged(parts)
        }
        None => return Report::default(),
    };
    let (report, _) = analyse(reader, logs, settings, &rewritten);
    Report { vantages, ..report }
}

/// The same, with logs that lie beside it: what they say of the attempts is joined to them.
pub fn diagnose_with(reader: CaptureReader, logs: Vec<LogInput>, settings: &Settings) -> Report {
    analyse(reader, logs, settings, &[]).0
}

/// The report, and who registers.
fn analyse(
    mut reader: CaptureReader,
    logs: Vec<LogInput>,
    settings: &Settings,
    rewritten: &[Rewritten],
) -> (Report, Identities) {
    let focus = Focus {
        client: settings.client,
        server: settings.server,
        kdc: settings.kdc,
    };
    let mut correlator = Correlator::new(focus).with_keys(Arc::clone(&settings.keytabs));
    let mut builder = Builder::new(settings);
    let mut waiting = logs::Waiting::for_logs(&logs);
    let mut limitations = Vec::new();
    let read = side_by_side(
        |sink| read(&mut reader, settings, rewritten, sink),
        |observation| {
            if let Observation::Limitation(limitation) = observation {
                limitations.push(limitation);
            } else {
                correlator.observe(observation, &mut |attempt| {
                    waiting.add(attempt, &mut builder);
                });
            }
        },
    );
    let mut remains = correlator.finish(read.last_time, &mut |attempt| {
        waiting.add(attempt, &mut builder);
    });
    let logs = waiting.join(logs, &mut remains.facts.identities, &mut builder);
    limitations.extend(read.limitations);
    limitations.extend(remains.limitations);
    let inputs = reader.parts().into_iter().enumerate();
    let inputs = inputs.map(|(file, part)| input(part, read.times.get(file).copied()));
    let mut facts = remains.facts;
    (facts.frames, facts.snapped) = (reader.frames(), read.snapped);
    let other = remains
        .other
        .clients
        .into_iter()
        .map(|(client, sums)| other_kerberos(client, sums));
    let mut report = builder.finish(&facts);
    report.inputs = inputs.collect();
    report.secrets = Secrets {
        tickets: facts.secrets.tickets(),
        ntlm_responses: facts.secrets.ntlm_responses,
        certificates: facts.secrets.certificates,
    };
    report.logs = logs;
    report.other_kerberos = other.collect();
    report.limitations.extend(limitations);
    report.name_processes(&|frame, sender| reader.process_of(frame, sender));
    if let Some(others) = reader.other_numbers() {
        report.number(others);
    }
    if let Some(places) = reader.places() {
        report.place(places);
    }
    (report, facts.identities)
}

fn input(reader: &CaptureReader, times: Option<(Timestamp, Timestamp)>) -> Input {
    Input {
        format: reader.format(),
        frames: reader.frames(),
        first_time: times.map(|(first, _)| first),
        last_time: times.map(|(_, last)| last),
        link_types: reader.link_types().to_vec(),
        other_viewer: reader.other_numbers().map(OtherNumbers::viewer),
        complete: reader.is_complete(),
    }
}

/// Reads a capture and gives each message to `sink`, as soon as it is known. What could not be seen comes back.
pub fn messages(
    reader: &mut CaptureReader,
    settings: &Settings,
    sink: &mut dyn FnMut(Message),
) -> Vec<Limitation> {
    let mut limitations = Vec::new();
    let read = read(
        reader,
        settings,
        &[],
        &mut |observation| match observation {
            Observation::Message(message) => sink(message),
            Observation::Limitation(limitation) => limitations.push(limitation),
            Observation::Tcp(_) | Observation::Unread(_) | Observation::Dropped(_) => {}
        },
    );
    limitations.extend(read.limitations);
    limitations
}

/// Turns attempts into what is told of them.
struct Builder {
    selection: Selection,
    attempts: Vec<AttemptReport>,
    hosts: Hosts,
    unkept: u64,
}

impl Builder {
    fn new(settings: &Settings) -> Self {
        Self {
            selection: Selection {
                only: settings.only_rules.clone(),
                without: settings.without_rules.clone(),
            },
            attempts: Vec::new(),
            hosts: Hosts::default(),
            unkept: 0,
        }
    }

    fn add(&mut self, attempt: &Attempt) {
        let told = self.tell(attempt);
        let same = self
            .attempts
            .iter_mut()
            .rev()
            .find(|earlier| is_repeat(earlier, &told));
        if let Some(earlier) = same {
            earlier.repeats += 1;
            if earlier.repeated_in.len() < Budget::REPEATS_TOLD {
                earlier
                    .repeated_in
                    .push((told.first_frame, told.last_frame));
            }
        } else if self.attempts.len() < Budget::ATTEMPTS {
            self.hosts.add(attempt);
            self.attempts.push(told);
        } else {
            self.unkept += 1;
        }
    }

    fn tell(&self, attempt: &Attempt) -> AttemptReport {
        let findings = rules::attempt_findings(attempt, &self.selection);
        let steps = story::steps(attempt, &findings, &Cast::of(attempt));
        let first = steps.iter().find(|step| step.source.is_none());
        let last_frame = steps.iter().filter_map(|step| step.frames.last()).max();
        AttemptReport {
            id: 0,
            is_ccm: attempt.kind != AttemptKind::SignOn,
            client: client(attempt),
            service: service(attempt),
            outcome: attempt.outcome,
            approval: approval::known(attempt),
            first_frame: first
                .map_or_else(|| attempt.first_frame(), super::story::Step::first_frame),
            last_frame: last_frame.copied().unwrap_or_else(|| attempt.last_frame()),
            first_time: first.map_or_else(|| attempt.first_time(), |step| step.time),
            repeats: 1,
            repeated_in: Vec::new(),
            ticket_path: story::ticket_path(attempt),
            steps,
            findings,
            missing: coverage::missing(attempt),
            why_ntlm: reasoning::why_ntlm(attempt),
            whose_key: reasoning::whose_key(attempt),
            six_steps: if attempt.kind == AttemptKind::Ccm {
                six_steps::checkpoints(attempt)
            } else {
                Vec::new()
            },
        }
    }

    fn finish(mut self, facts: &CaptureFacts) -> Report {
        self.attempts
            .sort_by_key(|attempt| (!attempt.is_ccm, attempt.first_frame, attempt.last_frame));
        for (at, attempt) in self.attempts.iter_mut().enumerate() {
            attempt.id = at as u64 + 1;
            if attempt.client.name.is_none() {
                attempt.client.name = self.hosts.name(attempt.client.address).map(str::to_owned);
            }
        }
        let unkept = (self.unkept > 0).then(|| {
            Limitation::of_capture(format!(
                "Only the first {} different attempts are told; {} more were judged and are not shown.",
                Budget::ATTEMPTS, self.unkept
            ))
        });
        let mut findings = rules::capture_findings(facts, &self.selection);
        let is_explained = self
            .attempts
            .iter()
            .any(|attempt| attempt.headline().is_some());
        if let Some(first) = findings
            .first_mut()
            .filter(|first| !is_explained && first.severity >= Severity::Error)
        {
            first.headline = true;
        }
        self.hosts.add_clocks(&facts.times.samples);
        let limitations = unkept.into_iter().chain(self.hosts.limitation()).collect();
        Report {
            findings,
            hosts: self.hosts.into_list(),
            attempts: self.attempts,
            limitations,
            ..Report::default()
        }
    }
}

/// Whether an attempt tells what an earlier one told: the same client and service, the same end, the same decision, the same findings.
fn is_repeat(earlier: &AttemptReport, later: &AttemptReport) -> bool {
    let told = |report: &AttemptReport| -> Vec<(&'static str, Severity, bool)> {
        report
            .findings
            .iter()
            .map(|finding| (finding.rule.id, finding.severity, finding.headline))
            .collect()
    };
    earlier.client.address == later.client.address
        && earlier.service.name == later.service.name
        && earlier.service.address == later.service.address
        && earlier.outcome == later.outcome
        && earlier.approval.state == later.approval.state
        && is_stored(earlier) == is_stored(later)
        && told(earlier) == told(later)
}

/// Whether a call that stores it is in its story.
fn is_stored(report: &AttemptReport) -> bool {
    report.steps.iter().any(|step| step.kind == "sql-call")
}

fn client(attempt: &Attempt) -> Client {
    let principal = attempt
        .principal
        .as_ref()
        .map(|principal| match &principal.realm {
            Some(realm) => format!("{}@{realm}", principal.name),
            None => principal.name.to_string(),
        });
    Client {
        address: attempt.client,
        name: None,
        principal,
    }
}

fn service(attempt: &Attempt) -> Service {
    let asked = attempt
        .service_tickets()
        .last()
        .and_then(|request| request.service());
    let shown = attempt
        .shown_tickets()
        .filter_map(|exchange| exchange.ap_req()?.ticket.as_ref())
        .map(|ticket| &ticket.sname)
        .last();
    Service {
        name: attempt.target.name().map(str::to_owned),
        address: attempt.target.address,
        port: attempt.target.port,
        spn: shown.or(asked).map(ToString::to_string),
    }
}

fn other_kerberos(client: IpAddr, sums: Sums) -> OtherKerberos {
    let told = |refusal: other_kerberos::Refusal| {
        Evidence::new(
            refusal.frame,
            format!("{}: {}", refusal.wanted, refusal.code),
        )
    };
    OtherKerberos {
        client,
        granted: sums.granted,
        expected: sums.expected,
        refused: sums.refused,
        unanswered: sums.unanswered,
        refusals: sums.refusals.into_iter().map(told).collect(),
    }
}
