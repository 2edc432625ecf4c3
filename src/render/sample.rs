//! Reports to test renderers with.
//!
//! Never read from a capture: what is tested here is how a text is shown, whatever it says.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, RuleMeta, Severity, Stage};
use crate::frame::{FrameNumber, Timestamp};
use crate::outcome::{ApprovalState, Outcome};
use crate::report::{Approval, AttemptReport, Client, Report, Service};
use crate::story::{Actor, Mark, Step};

static RULE: RuleMeta = RuleMeta {
    id: "a-rule",
    summary: "",
    explanation: "",
    severity: Severity::Error,
    stage: Stage::Tgs,
    owner: Owner::Directory,
    sources: &[],
    since: "0.1.0",
};
/// Text that commands a terminal and is markup in a page, in a ticket and in a diagram.
pub(super) const HOSTILE: &str = "\u{1b}[2J\u{202e}evil\r\n\u{9b}31mMüller</script><img src=x onerror=\"a('b')\"> **b** | `c` end;";

/// A finding that says `text` everywhere.
pub(super) fn finding(text: &str) -> Finding {
    Finding {
        rule: &RULE,
        severity: Severity::Error,
        confidence: Confidence::Likely,
        owner: Owner::Mp,
        title: text.to_owned(),
        explanation: text.to_owned(),
        evidence: vec![Evidence::new(FrameNumber(7), text)],
        rivals: Vec::new(),
        fix: vec![Fix {
            text: text.to_owned(),
            command: Some(text.to_owned()),
        }],
        headline: true,
    }
}

/// An attempt that says `text` everywhere.
pub(super) fn attempt(text: &str, outcome: Outcome) -> AttemptReport {
    let actor = |label: &str| Actor {
        address: [10, 0, 0, 1].into(),
        label: label.to_owned(),
    };
    AttemptReport {
        id: 1,
        is_ccm: true,
        client: Client {
            address: [10, 0, 0, 1].into(),
            name: None,
            principal: Some(text.to_owned()),
        },
        service: Service {
            name: Some(text.to_owned()),
            address: None,
            port: None,
            spn: None,
        },
        outcome,
        approval: Approval {
            state: ApprovalState::Unknown,
            because: Vec::new(),
        },
        first_frame: FrameNumber(5),
        last_frame: FrameNumber(7),
        first_time: Timestamp::from_nanos(0),
        repeats: 1,
        repeated_in: Vec::new(),
        ticket_path: Vec::new(),
        steps: vec![Step {
            kind: "tgs-req",
            frames: vec![FrameNumber(5), FrameNumber(7)],
            other_frames: Vec::new(),
            time: Timestamp::from_nanos(1_500_000_000),
            from: actor(text),
            to: actor("KDC"),
            text: text.to_owned(),
            mark: Mark::Fault,
            source: None,
            places: Vec::new(),
            is_dated: true,
        }],
        findings: Vec::new(),
        missing: Vec::new(),
        why_ntlm: Vec::new(),
        six_steps: Vec::new(),
        whose_key: Vec::new(),
    }
}

/// A report of `attempts`.
pub(super) fn report(attempts: Vec<AttemptReport>) -> Report {
    Report {
        attempts,
        ..Report::default()
    }
}

/// A failed attempt with its cause.
pub(super) fn failed(text: &str) -> AttemptReport {
    AttemptReport {
        findings: vec![finding(text)],
        ..attempt(text, Outcome::NoTicket)
    }
}
