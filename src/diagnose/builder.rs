//! From judged attempts to the report: what is told of each, and repeats told once.
//!
//! Never judges: rules do, and the story has the words.

use crate::diagnose::approval;
use crate::finding::Severity;
use crate::limits::{Budget, Limitation};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::capture_facts::CaptureFacts;
use crate::report::{AttemptReport, Client, Report, Service};
use crate::rules::{self, Selection};
use crate::story::{self, Cast, Hosts, coverage, reasoning, six_steps};

/// Turns attempts into what is told of them.
pub(super) struct Builder {
    selection: Selection,
    attempts: Vec<AttemptReport>,
    hosts: Hosts,
    unkept: u64,
}

impl Builder {
    pub(super) fn new(selection: Selection) -> Self {
        Self {
            selection,
            attempts: Vec::new(),
            hosts: Hosts::default(),
            unkept: 0,
        }
    }

    pub(super) fn add(&mut self, attempt: &Attempt) {
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
            first_frame: first.map_or_else(|| attempt.first_frame(), story::Step::first_frame),
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

    pub(super) fn finish(mut self, facts: &CaptureFacts) -> Report {
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
            unkept: self.unkept,
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
