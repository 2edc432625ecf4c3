//! Mirrors of findings, within the report and one a line.
//!
//! Never holds anything that the finding does not.

use serde::Serialize;

use crate::finding::{Evidence, Finding, Fix, Rival, Standing};
use crate::frame::FrameNumber;
use crate::render::{netmon_filter, wireshark_filter};
use crate::report::{AttemptReport, Report};

/// A finding by itself, with what it is about.
#[derive(Serialize)]
pub(super) struct LineMirror<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(flatten)]
    finding: FindingMirror<'a>,
}

#[derive(Serialize)]
pub(super) struct PlaceMirror {
    file: usize,
    frame: u64,
}

#[derive(Serialize)]
pub(super) struct EvidenceMirror<'a> {
    /// A line of a log alone has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceMirror>,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct FindingMirror<'a> {
    rule: &'static str,
    severity: &'static str,
    confidence: &'static str,
    headline: bool,
    title: &'a str,
    explanation: &'a str,
    evidence: Vec<EvidenceMirror<'a>>,
    rivals: Vec<RivalMirror<'a>>,
    fix: Vec<FixMirror<'a>>,
    owner: &'static str,
    sources: &'static [&'static str],
    filter: FilterMirror,
}

#[derive(Serialize)]
pub(super) struct RivalMirror<'a> {
    rule: &'static str,
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<StandingMirror<'a>>,
}

#[derive(Serialize)]
pub(super) struct StandingMirror<'a> {
    near: bool,
    behind: i32,
    #[serde(rename = "for")]
    speaks_for: Vec<EvidenceMirror<'a>>,
    #[serde(rename = "against")]
    speaks_against: Vec<EvidenceMirror<'a>>,
}

#[derive(Serialize)]
pub(super) struct FixMirror<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct FilterMirror {
    wireshark: String,
    netmon: String,
}

/// The findings of all attempts, then those of the whole capture.
pub(super) fn lines(report: &Report) -> impl Iterator<Item = LineMirror<'_>> {
    let of_attempts = report.attempts.iter().flat_map(|attempt| {
        let findings = attempt.findings.iter();
        findings.map(move |told| line(Some(attempt), told))
    });
    let of_capture = report.findings.iter().map(|told| line(None, told));
    of_attempts.chain(of_capture)
}

fn line<'a>(attempt: Option<&'a AttemptReport>, told: &'a Finding) -> LineMirror<'a> {
    LineMirror {
        attempt: attempt.map(|attempt| attempt.id),
        client: attempt.map(|attempt| attempt.client.address.to_string()),
        client_name: attempt.and_then(|attempt| attempt.client.name.as_deref()),
        service: attempt.and_then(|attempt| attempt.service.name.as_deref()),
        outcome: attempt.map(|attempt| attempt.outcome.name()),
        finding: finding(told),
    }
}

pub(super) fn evidence(evidence: &Evidence) -> EvidenceMirror<'_> {
    EvidenceMirror {
        frame: Some(evidence.frame.0).filter(|frame| *frame > 0),
        source: evidence.source.as_deref(),
        other_frame: evidence.other.map(|(_, frame)| frame.0),
        place: evidence.place.map(place),
        text: &evidence.text,
    }
}

pub(super) const fn place((file, frame): (usize, FrameNumber)) -> PlaceMirror {
    PlaceMirror {
        file,
        frame: frame.0,
    }
}

pub(super) fn finding(finding: &Finding) -> FindingMirror<'_> {
    FindingMirror {
        rule: finding.rule.id,
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        headline: finding.headline,
        title: &finding.title,
        explanation: &finding.explanation,
        evidence: finding.evidence.iter().map(evidence).collect(),
        rivals: finding.rivals.iter().map(rival).collect(),
        fix: finding.fix.iter().map(fix).collect(),
        owner: finding.owner.name(),
        sources: finding.rule.sources,
        filter: FilterMirror {
            wireshark: wireshark_filter(finding).unwrap_or_default(),
            netmon: netmon_filter(finding),
        },
    }
}

fn rival(rival: &Rival) -> RivalMirror<'_> {
    RivalMirror {
        rule: rival.rule,
        why: &rival.why,
        standing: rival.standing.as_ref().map(standing),
    }
}

fn standing(standing: &Standing) -> StandingMirror<'_> {
    StandingMirror {
        near: standing.is_near(),
        behind: standing.behind,
        speaks_for: standing.speaks_for.iter().map(evidence).collect(),
        speaks_against: standing.speaks_against.iter().map(evidence).collect(),
    }
}

fn fix(fix: &Fix) -> FixMirror<'_> {
    FixMirror {
        text: &fix.text,
        command: fix.command.as_deref(),
    }
}
