//! Many captures for programs: one object a line.
//!
//! Never leaves a kind of line without its name in `kind`.

use serde::Serialize;

use crate::finding::Severity;
use crate::report::survey::{SharedIdentity, Survey, Surveyed, Verdict};

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum LineMirror<'a> {
    Attempt {
        file: &'a str,
        client: &'a str,
        service: &'a str,
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        headline: Option<LeadMirror<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        severity: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        first_frame: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        last_frame: Option<u64>,
        repeats: u64,
    },
    Unreadable {
        file: &'a str,
        reason: &'a str,
    },
    SharedIdentity {
        smsid: &'a str,
        users: Vec<UserMirror<'a>>,
    },
    Note {
        text: &'a str,
    },
}

#[derive(Serialize)]
struct LeadMirror<'a> {
    rule: &'static str,
    severity: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
}

#[derive(Serialize)]
struct UserMirror<'a> {
    file: &'a str,
    machine: &'a str,
    frame: u64,
    more: u64,
}

/// The lines, in the survey's order.
pub(in crate::render) fn lines(survey: &Survey) -> serde_json::Result<Vec<String>> {
    let captures = survey.captures.iter().flat_map(capture);
    let shared = survey.shared.iter().map(identity);
    let notes = survey.notes.iter();
    let notes = notes.map(|text| LineMirror::Note { text });
    captures
        .chain(shared)
        .chain(notes)
        .map(|line| serde_json::to_string(&line))
        .collect()
}

fn capture(capture: &Surveyed) -> Vec<LineMirror<'_>> {
    match &capture.verdicts {
        Ok(verdicts) => verdicts
            .iter()
            .map(|it| attempt(&capture.file, it))
            .collect(),
        Err(reason) => vec![LineMirror::Unreadable {
            file: &capture.file,
            reason,
        }],
    }
}

fn attempt<'a>(file: &'a str, verdict: &'a Verdict) -> LineMirror<'a> {
    LineMirror::Attempt {
        file,
        client: &verdict.client,
        service: &verdict.service,
        outcome: verdict.ending.name(),
        headline: verdict.lead.as_ref().map(|lead| LeadMirror {
            rule: lead.rule,
            severity: lead.severity.name(),
            title: &lead.title,
            frame: lead.frame.map(|frame| frame.0),
        }),
        severity: verdict.gravest.map(Severity::name),
        first_frame: verdict.frames.map(|(first, _)| first.0),
        last_frame: verdict.frames.map(|(_, last)| last.0),
        repeats: verdict.repeats,
    }
}

fn identity(shared: &SharedIdentity) -> LineMirror<'_> {
    LineMirror::SharedIdentity {
        smsid: &shared.smsid,
        users: shared
            .users
            .iter()
            .map(|user| UserMirror {
                file: &user.file,
                machine: &user.machine,
                frame: user.frame.0,
                more: user.more,
            })
            .collect(),
    }
}
