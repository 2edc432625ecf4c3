//! A finding and its rule, as the templates take them.

use std::collections::BTreeMap;

use crate::finding::{Evidence, Finding, RuleMeta, Severity};
use crate::render::opening::{self, Opening};
use crate::render::wording::finding as words;
use crate::render::{netmon_filter, wireshark_filter};
use crate::report::Report;
use crate::report::frame_names::FrameNames;
use crate::story::Step;

/// A finding.
pub(super) struct FindingView<'r> {
    pub(super) told: &'r Finding,
    /// How deep its heading is.
    pub(super) level: usize,
    /// Its evidence, each with the id of the step that it is part of.
    pub(super) evidence: Vec<(&'r Evidence, Option<String>)>,
    /// Commands that open the capture at its frame.
    pub(super) openings: Vec<Opening>,
}

impl<'r> FindingView<'r> {
    /// A finding about the whole capture.
    pub(super) fn of_capture(told: &'r Finding) -> Self {
        Self {
            told,
            level: 3,
            evidence: told.evidence.iter().map(|it| (it, None)).collect(),
            openings: Vec::new(),
        }
    }

    /// A finding about the attempt `id`, of which `steps` are told.
    pub(super) fn of_attempt(
        told: &'r Finding,
        id: u64,
        steps: &[Step],
        names: &FrameNames,
    ) -> Self {
        let evidence = told.evidence.iter();
        Self {
            told,
            level: 4,
            evidence: evidence.map(|it| (it, anchor(id, steps, it))).collect(),
            openings: opening::of(told, names),
        }
    }

    pub(super) fn sureness(&self) -> &'static str {
        words::sureness(self.told.confidence)
    }

    pub(super) fn owner(&self) -> &'static str {
        words::owner(self.told.owner)
    }

    pub(super) fn wireshark(&self) -> String {
        wireshark_filter(self.told)
    }

    /// Where Network Monitor has other numbers.
    pub(super) fn netmon(&self) -> Option<String> {
        let differs = self.told.evidence.iter().any(|it| it.other.is_some());
        differs.then(|| netmon_filter(self.told))
    }

    /// What weighs is told in full.
    pub(super) fn is_grave(&self) -> bool {
        self.told.severity > Severity::Note
    }

    /// Whether there are frames to be filtered: what rests on logs alone has none.
    pub(super) fn has_filter(&self) -> bool {
        self.is_grave() && !self.wireshark().is_empty()
    }
}

/// The id of the step that holds the frame.
fn anchor(id: u64, steps: &[Step], evidence: &Evidence) -> Option<String> {
    let mut steps = steps.iter();
    let step = steps.find(|step| step.frames.contains(&evidence.frame))?;
    Some(format!("a{id}-f{}", step.first_frame()))
}

/// A rule that spoke: what it means, under its headings.
pub(super) struct RuleView {
    pub(super) meta: &'static RuleMeta,
    pub(super) sections: Vec<(&'static str, String)>,
}

/// The rules that have a finding in the report, by their ids.
pub(super) fn rules(report: &Report) -> Vec<RuleView> {
    let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
    let spoke: BTreeMap<&str, &'static RuleMeta> = of_attempts
        .chain(&report.findings)
        .map(|finding| (finding.rule.id, finding.rule))
        .collect();
    spoke
        .into_values()
        .map(|meta| RuleView {
            meta,
            sections: sections(meta.explanation),
        })
        .collect()
}

/// The headings of an explanation, each with its text.
fn sections(explanation: &'static str) -> Vec<(&'static str, String)> {
    let mut sections: Vec<(&'static str, String)> = Vec::new();
    for line in explanation.lines().map(str::trim) {
        match (line.strip_prefix("## "), sections.last_mut()) {
            (Some(heading), _) => sections.push((heading, String::new())),
            (None, Some((_, text))) if !line.is_empty() => {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(line);
            }
            _ => {}
        }
    }
    sections
}
