//! What many captures come to: a line for each attempt, the causes, and the identities that occur in more than one machine.
//!
//! Never tells a story: whoever wants one reads the capture alone.

use crate::finding::{Finding, Severity};
use crate::frame::FrameNumber;
use crate::outcome::Outcome;
use crate::report::{AttemptReport, Report};

/// Everything that is to be said about many captures.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The captures, in the order in which they are shown.
    pub captures: Vec<Surveyed>,
    /// Identities that two machines use, over all captures.
    pub shared: Vec<SharedIdentity>,
    /// Files that are no captures.
    pub others: u64,
    /// What is to be said of the survey itself.
    pub notes: Vec<String>,
}

/// One capture.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Its name, as it was found.
    pub file: String,
    /// How many frames it has.
    pub frames: u64,
    /// A line for each attempt, and one for a capture without any; or why it could not be read.
    pub verdicts: Result<Vec<Verdict>, String>,
}

/// What is said of one attempt in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The account, the name or the address of the client.
    pub client: String,
    /// The name or the address of the service.
    pub service: String,
    /// How it ended, or what the line is about.
    pub ending: Ending,
    /// What leads: the cause if one was found, or else a warning; of a capture without attempts what is said of it.
    pub lead: Option<Lead>,
    /// The gravest finding.
    pub gravest: Option<Severity>,
    /// The first frame of its story, and the last; `None` where there is no attempt.
    pub frames: Option<(FrameNumber, FrameNumber)>,
    /// How many equal attempts it stands for.
    pub repeats: u64,
}

/// How an attempt ended, or what else a line is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// An attempt, and its outcome.
    Attempt(Outcome),
    /// A capture without any.
    NoAttempt,
    /// What was found in the capture as a whole.
    Capture,
}

/// A finding in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lead {
    /// Its severity: only an error is the cause of how an attempt ended.
    pub severity: Severity,
    /// The rule.
    pub rule: &'static str,
    /// What it says.
    pub title: String,
    /// The first frame of its evidence.
    pub frame: Option<FrameNumber>,
}

/// An identity that more than one machine registers under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedIdentity {
    /// `GUID:…`.
    pub smsid: String,
    /// Who uses it.
    pub users: Vec<Registration>,
}

/// One registration under an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
    /// The capture.
    pub file: String,
    /// The machine's name, or its address.
    pub machine: String,
    /// The frame.
    pub frame: FrameNumber,
    /// How often else it registers so, in this capture or another.
    pub more: u64,
}

impl Ending {
    /// The outcome's name, `no-attempt` or `whole-capture`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt(outcome) => outcome.name(),
            Self::NoAttempt => "no-attempt",
            Self::Capture => "whole-capture",
        }
    }
}

impl Verdict {
    /// The lines of a report.
    pub fn all_of(report: &Report) -> Vec<Self> {
        if report.attempts.is_empty() {
            let told = report.findings.iter().max_by_key(|it| it.severity);
            return vec![Self::of_capture(Ending::NoAttempt, told)];
        }
        let graver = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .map(|finding| Self::of_capture(Ending::Capture, Some(finding)));
        report.attempts.iter().map(Self::of).chain(graver).collect()
    }

    fn of(attempt: &AttemptReport) -> Self {
        let (client, service) = (&attempt.client, &attempt.service);
        let named = client.principal.clone().or_else(|| client.name.clone());
        let address = service.address.map(|address| address.to_string());
        Self {
            client: named.unwrap_or_else(|| client.address.to_string()),
            service: service.name.clone().or(address).unwrap_or_default(),
            ending: Ending::Attempt(attempt.outcome),
            lead: attempt.headline().map(Lead::of),
            gravest: gravest(&attempt.findings),
            frames: Some((attempt.first_frame, attempt.last_frame)),
            repeats: attempt.repeats,
        }
    }

    fn of_capture(ending: Ending, finding: Option<&Finding>) -> Self {
        Self {
            client: String::new(),
            service: String::new(),
            ending,
            lead: finding.map(Lead::of),
            gravest: finding.map(|finding| finding.severity),
            frames: None,
            repeats: 1,
        }
    }
}

impl Lead {
    fn of(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            rule: finding.rule.id,
            title: finding.title.clone(),
            frame: finding.evidence.first().map(|evidence| evidence.frame),
        }
    }
}

impl Verdict {
    /// The rule of the cause, if one was found.
    pub fn cause(&self) -> Option<&'static str> {
        self.rule_of(Severity::Error)
    }

    /// The rule of what leads where no cause was found.
    pub fn warning(&self) -> Option<&'static str> {
        self.rule_of(Severity::Warning)
    }

    fn rule_of(&self, severity: Severity) -> Option<&'static str> {
        let lead = self.lead.as_ref().filter(|it| it.severity == severity);
        lead.map(|it| it.rule)
    }
}

impl Survey {
    /// The causes and in how many attempts each was found, the most frequent one first.
    pub fn causes(&self) -> Vec<(&'static str, u64)> {
        self.count(Verdict::cause)
    }

    /// The same of the warnings that lead where no cause was found.
    pub fn warnings(&self) -> Vec<(&'static str, u64)> {
        self.count(Verdict::warning)
    }

    fn count(&self, lead: fn(&Verdict) -> Option<&'static str>) -> Vec<(&'static str, u64)> {
        let mut rules: Vec<(&'static str, u64)> = Vec::new();
        for verdict in self.verdicts() {
            let Some(lead) = lead(verdict) else {
                continue;
            };
            match rules.iter_mut().find(|(rule, _)| *rule == lead) {
                Some((_, count)) => *count += verdict.repeats,
                None => rules.push((lead, verdict.repeats)),
            }
        }
        rules.sort_by_key(|&(rule, count)| (std::cmp::Reverse(count), rule));
        rules
    }

    /// The gravest finding of all.
    pub fn gravest(&self) -> Option<Severity> {
        let of_shared = (!self.shared.is_empty()).then_some(Severity::Error);
        let of_attempts = self.verdicts().filter_map(|verdict| verdict.gravest).max();
        of_attempts.max(of_shared)
    }

    /// The lines of all captures, to be changed.
    pub fn verdicts_mut(&mut self) -> impl Iterator<Item = &mut Verdict> {
        let read = self
            .captures
            .iter_mut()
            .filter_map(|it| it.verdicts.as_mut().ok());
        read.flatten()
    }

    fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        let read = self
            .captures
            .iter()
            .filter_map(|it| it.verdicts.as_ref().ok());
        read.flatten()
    }
}

fn gravest(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}
