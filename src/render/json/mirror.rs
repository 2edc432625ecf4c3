//! The report's mirror: what the contract names, in its order.
//!
//! Never holds anything that the report does not.

use serde::Serialize;

use crate::limits::Limitation;
use crate::render::InputFile;
use crate::render::json::SCHEMA;
use crate::render::json::findings::{
    EvidenceMirror, FindingMirror, PlaceMirror, evidence, finding, place,
};
use crate::render::json::inputs::{self, InputMirror};
use crate::render::json::log_story::{LogStoryMirror, log_story};
use crate::render::json::reasoning::{
    AnswerMirror, CheckpointMirror, MissingMirror, answer, checkpoint, missing,
};
use crate::report::{AttemptReport, OtherKerberos, Report};
use crate::story::host::{Hop, Host};
use crate::story::{Mark, Step};

#[derive(Serialize)]
pub(super) struct ReportMirror<'a> {
    schema: &'static str,
    tool: Tool,
    inputs: Vec<InputMirror<'a>>,
    hosts: Vec<HostMirror<'a>>,
    attempts: Vec<AttemptMirror<'a>>,
    other_kerberos: Vec<OtherMirror<'a>>,
    findings: Vec<FindingMirror<'a>>,
    limitations: Vec<LimitationMirror<'a>>,
    secrets: SecretsMirror,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    vantages: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    log_story: Option<LogStoryMirror<'a>>,
}

#[derive(Serialize)]
struct SecretsMirror {
    tickets: u64,
    ntlm_responses: u64,
    certificates: u64,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct HostMirror<'a> {
    address: String,
    names: &'a [String],
    roles: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'a str>,
    because: Vec<EvidenceMirror<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_offset_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockMirror<'a>>,
}

#[derive(Serialize)]
struct ClockMirror<'a> {
    offset_ms: i64,
    spread_ms: i64,
    samples: usize,
    frame: u64,
    sources: &'a [&'a str],
}

#[derive(Serialize)]
struct AttemptMirror<'a> {
    id: u64,
    client: ClientMirror<'a>,
    service: ServiceMirror<'a>,
    outcome: &'static str,
    approval: ApprovalMirror<'a>,
    first_frame: u64,
    last_frame: u64,
    repeats: u64,
    repeated_in: Vec<[u64; 2]>,
    ticket_path: Vec<HopMirror<'a>>,
    steps: Vec<StepMirror<'a>>,
    findings: Vec<FindingMirror<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<MissingMirror<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why_ntlm: Vec<AnswerMirror<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    whose_key: Vec<AnswerMirror<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    six_steps: Vec<CheckpointMirror<'a>>,
}

#[derive(Serialize)]
struct ClientMirror<'a> {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
}

#[derive(Serialize)]
struct ServiceMirror<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spn: Option<&'a str>,
}

#[derive(Serialize)]
struct ApprovalMirror<'a> {
    state: &'static str,
    because: &'a [String],
}

#[derive(Serialize)]
struct HopMirror<'a> {
    realm: &'a str,
    frame: u64,
    gives: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_in: Option<u64>,
}

#[derive(Serialize)]
struct StepMirror<'a> {
    kind: &'static str,
    frames: Vec<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_frames: Vec<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<PlaceMirror>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    from: String,
    from_label: &'a str,
    to: String,
    to_label: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    expected: bool,
    fault: bool,
}

#[derive(Serialize)]
struct OtherMirror<'a> {
    client: String,
    granted: u64,
    expected: u64,
    refused: u64,
    unanswered: u64,
    refusals: Vec<EvidenceMirror<'a>>,
}

#[derive(Serialize)]
struct LimitationMirror<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since_frame: Option<u64>,
}

pub(super) fn report<'a>(report: &'a Report, files: &'a [InputFile]) -> ReportMirror<'a> {
    ReportMirror {
        schema: SCHEMA,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        inputs: inputs::all(report, files),
        hosts: report.hosts.iter().map(host).collect(),
        attempts: report.attempts.iter().map(attempt).collect(),
        other_kerberos: report.other_kerberos.iter().map(other).collect(),
        findings: report.findings.iter().map(finding).collect(),
        limitations: report.limitations.iter().map(limitation).collect(),
        secrets: SecretsMirror {
            tickets: report.secrets.tickets,
            ntlm_responses: report.secrets.ntlm_responses,
            certificates: report.secrets.certificates,
        },
        vantages: &report.vantages,
        log_story: report.log_story.as_ref().map(log_story),
    }
}

fn host(host: &Host) -> HostMirror<'_> {
    HostMirror {
        address: host.address.to_string(),
        names: &host.names,
        roles: host.roles.iter().map(|role| role.name()).collect(),
        realm: host.realm.as_deref(),
        because: host.because.iter().map(evidence).collect(),
        clock_offset_ms: host.clock.as_ref().map(|clock| clock.offset_ms),
        clock: host.clock.as_ref().map(|clock| ClockMirror {
            offset_ms: clock.offset_ms,
            spread_ms: clock.spread_ms,
            samples: clock.samples,
            frame: clock.frame.0,
            sources: &clock.sources,
        }),
    }
}

fn attempt(attempt: &AttemptReport) -> AttemptMirror<'_> {
    AttemptMirror {
        id: attempt.id,
        client: ClientMirror {
            address: attempt.client.address.to_string(),
            name: attempt.client.name.as_deref(),
            principal: attempt.client.principal.as_deref(),
        },
        service: ServiceMirror {
            name: attempt.service.name.as_deref(),
            address: attempt.service.address.map(|address| address.to_string()),
            port: attempt.service.port,
            spn: attempt.service.spn.as_deref(),
        },
        outcome: attempt.outcome.name(),
        approval: ApprovalMirror {
            state: attempt.approval.state.name(),
            because: &attempt.approval.because,
        },
        first_frame: attempt.first_frame.0,
        last_frame: attempt.last_frame.0,
        repeats: attempt.repeats,
        repeated_in: attempt
            .repeated_in
            .iter()
            .map(|(first, last)| [first.0, last.0])
            .collect(),
        ticket_path: attempt.ticket_path.iter().map(hop).collect(),
        steps: attempt.steps.iter().map(step).collect(),
        findings: attempt.findings.iter().map(finding).collect(),
        missing: attempt.missing.iter().map(missing).collect(),
        why_ntlm: attempt.why_ntlm.iter().map(answer).collect(),
        whose_key: attempt.whose_key.iter().map(answer).collect(),
        six_steps: attempt.six_steps.iter().map(checkpoint).collect(),
    }
}

fn hop(hop: &Hop) -> HopMirror<'_> {
    HopMirror {
        realm: &hop.realm,
        frame: hop.frame.0,
        gives: &hop.gives,
        shown_in: hop.shown_in.map(|frame| frame.0),
    }
}

fn step(step: &Step) -> StepMirror<'_> {
    StepMirror {
        kind: step.kind,
        frames: step.frames.iter().map(|frame| frame.0).collect(),
        other_frames: step.other_frames.iter().map(|frame| frame.0).collect(),
        places: step.places.iter().copied().map(place).collect(),
        time: step.is_dated.then(|| step.time.to_string()),
        from: step.from.address.to_string(),
        from_label: &step.from.label,
        to: step.to.address.to_string(),
        to_label: &step.to.label,
        text: &step.text,
        source: step.source.as_deref(),
        expected: step.mark == Mark::Expected,
        fault: step.mark == Mark::Fault,
    }
}

fn other(other: &OtherKerberos) -> OtherMirror<'_> {
    OtherMirror {
        client: other.client.to_string(),
        granted: other.granted,
        expected: other.expected,
        refused: other.refused,
        unanswered: other.unanswered,
        refusals: other.refusals.iter().map(evidence).collect(),
    }
}

fn limitation(limitation: &Limitation) -> LimitationMirror<'_> {
    LimitationMirror {
        text: &limitation.text,
        since_frame: limitation.since_frame.map(|frame| frame.0),
    }
}
