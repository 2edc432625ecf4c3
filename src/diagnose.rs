//! The loop that drives frames through the floors, and what comes out of it.
//!
//! Never opens a file and never writes: frames come from a reader, the report goes to a renderer.

#[cfg(test)]
mod damaged;

use std::net::IpAddr;

use crate::capture::CaptureReader;
use crate::dissect::message::{Message, Observation};
use crate::dissect::{Dissector, Ports};
use crate::finding::{Evidence, Severity};
use crate::frame::Timestamp;
use crate::limits::{Budget, Limitation};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::capture_facts::CaptureFacts;
use crate::model::correlate::{Correlator, Focus};
use crate::model::other_kerberos::{self, Sums};
use crate::net::link::Network;
use crate::outcome::{ApprovalState, Outcome};
use crate::report::{Approval, AttemptReport, Client, Input, OtherKerberos, Report, Service};
use crate::rules::{self, Selection};
use crate::story::{self, Cast, Hosts, coverage, reasoning};

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
    /// Only these rules look, if there are any.
    pub only_rules: Vec<String>,
    /// These rules do not look.
    pub without_rules: Vec<String>,
}

/// Reads a capture to its end, or to where it breaks off, and says what is in it.
pub fn diagnose(mut reader: CaptureReader, settings: &Settings) -> Report {
    let mut correlator = Correlator::new(Focus {
        client: settings.client,
        server: settings.server,
        kdc: settings.kdc,
    });
    let mut builder = Builder::new(settings);
    let mut limitations = Vec::new();
    let read = read(&mut reader, settings, &mut |observation| {
        if let Observation::Limitation(limitation) = observation {
            limitations.push(limitation);
        } else {
            correlator.observe(observation, &mut |attempt| builder.add(&attempt));
        }
    });
    let remains = correlator.finish(read.last_time, &mut |attempt| builder.add(&attempt));
    limitations.extend(read.limitations);
    limitations.extend(remains.limitations);
    let input = Input {
        format: reader.format(),
        frames: reader.frames(),
        first_time: read.first_time,
        last_time: read.last_time,
        link_types: reader.link_types().to_vec(),
        complete: reader.is_complete(),
    };
    let facts = CaptureFacts {
        frames: reader.frames(),
        ..remains.facts
    };
    let other = remains
        .other
        .clients
        .into_iter()
        .map(|(client, sums)| other_kerberos(client, sums));
    let mut report = builder.finish(&facts);
    report.inputs = vec![input];
    report.other_kerberos = other.collect();
    report.limitations.extend(limitations);
    report
}

/// Reads a capture and gives each message to `sink`, as soon as it is known. What could not be seen comes back.
pub fn messages(
    mut reader: CaptureReader,
    settings: &Settings,
    sink: &mut dyn FnMut(Message),
) -> Vec<Limitation> {
    let mut limitations = Vec::new();
    let read = read(
        &mut reader,
        settings,
        &mut |observation| match observation {
            Observation::Message(message) => sink(message),
            Observation::Limitation(limitation) => limitations.push(limitation),
            Observation::Tcp(_) => {}
        },
    );
    limitations.extend(read.limitations);
    limitations
}

/// What reading a capture leaves behind.
struct Read {
    first_time: Option<Timestamp>,
    last_time: Option<Timestamp>,
    limitations: Vec<Limitation>,
}

fn read(
    reader: &mut CaptureReader,
    settings: &Settings,
    sink: &mut dyn FnMut(Observation),
) -> Read {
    let mut network = Network::default();
    let mut dissector = Dissector::new(settings.ports.clone());
    let mut first_time: Option<Timestamp> = None;
    let mut last_time: Option<Timestamp> = None;
    let mut broken = None;
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => {
                first_time = Some(first_time.map_or(frame.time, |time| time.min(frame.time)));
                last_time = last_time.max(Some(frame.time));
                network.packet(&frame, &mut |packet, origin| {
                    dissector.packet(packet, origin, sink);
                });
            }
            Ok(None) => break,
            Err(error) => {
                broken = Some(Limitation::of_capture(format!(
                    "Reading stopped early: {error}."
                )));
                break;
            }
        }
    }
    dissector.finish(sink);
    let mut limitations = reader.limitations().to_vec();
    limitations.extend(broken);
    limitations.extend(network.limitations());
    Read {
        first_time,
        last_time,
        limitations,
    }
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
        let first = steps.first();
        let last_frame = steps.iter().filter_map(|step| step.frames.last()).max();
        AttemptReport {
            id: 0,
            is_ccm: attempt.kind != AttemptKind::SignOn,
            client: client(attempt),
            service: service(attempt),
            outcome: attempt.outcome,
            approval: approval(attempt),
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

/// Whether an attempt tells what an earlier one told: the same client and service, the same end, the same findings.
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
        && told(earlier) == told(later)
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

/// What is known of the site's decision: what the management point's answer says of it, else why nothing is.
fn approval(attempt: &Attempt) -> Approval {
    if let Some(told) = approval_told(attempt) {
        return told;
    }
    let (state, because) = match (attempt.kind, attempt.outcome) {
        (AttemptKind::SignOn, _) => (
            ApprovalState::NotApplicable,
            "the service is no management point, as far as the capture shows",
        ),
        (_, Outcome::KerberosAccepted | Outcome::NtlmAccepted) => (
            ApprovalState::Unknown,
            "the sign-on proves who the client is; the site decides afterwards, which this capture does not show",
        ),
        _ => (
            ApprovalState::Unknown,
            "the capture shows no proof that the server accepted, and no decision of the site",
        ),
    };
    Approval {
        state,
        because: vec![because.to_owned()],
    }
}

/// `ApprovalStatus` of the last answer to a registration that has one.
fn approval_told(attempt: &Attempt) -> Option<Approval> {
    let (status, frame) = attempt.http.iter().rev().find_map(|exchange| {
        let answer = exchange.answer.as_ref()?;
        let reply = answer.response.ccm.as_ref()?.reply.as_ref()?;
        Some((reply.approval_status?, answer.span.first()))
    })?;
    let state = match status {
        0 => ApprovalState::Pending,
        1 => ApprovalState::Approved,
        2 | 3 => ApprovalState::NotApplicable,
        _ => return None,
    };
    Some(Approval {
        state,
        because: vec![format!(
            "the management point's answer in frame {frame} has ApprovalStatus {status}"
        )],
    })
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
