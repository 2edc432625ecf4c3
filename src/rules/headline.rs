//! Which finding of an attempt is its headline: the root cause.
//!
//! Never invents one: where nothing is wrong, nothing leads.

use crate::finding::{Confidence, Finding, Severity, Stage};
use crate::model::attempt::Attempt;
use crate::rules::rivals::Scale;
use crate::rules::{CONSEQUENCE, find};

/// Marks the headline, and lowers findings that are consequences of another one.
///
/// The earliest stage that is not healed leads, since it explains the later ones, with these exceptions: a finding that
/// another one supersedes never leads; an answer that is not about proof leads where it answers a request with proof;
/// after a success with Kerberos only the approval is in question.
///
/// Of causes of one stage the one with more points leads, where they are weighed against each other.
pub(super) fn choose(attempt: &Attempt, findings: &mut [Finding]) {
    lower_consequences(findings);
    let scale = Scale::of(attempt, findings);
    let accepted = attempt.is_accepted_by_kerberos();
    let candidates = findings.iter().enumerate().filter(|(_, finding)| {
        finding.severity >= Severity::Warning
            && finding.rule.stage != Stage::Capture
            && (!accepted || finding.rule.stage == Stage::Approval)
    });
    let best = candidates
        .min_by_key(|(_, finding)| rank(attempt, finding, &scale))
        .map(|(at, _)| at);
    if let Some(finding) = best.and_then(|at| findings.get_mut(at)) {
        finding.headline = true;
    }
}

fn rank(
    attempt: &Attempt,
    finding: &Finding,
    scale: &Scale,
) -> (
    std::cmp::Reverse<Severity>,
    bool,
    Stage,
    std::cmp::Reverse<i32>,
    std::cmp::Reverse<Confidence>,
    &'static str,
) {
    let answers_proof = attempt
        .deciding_exchange()
        .is_some_and(|exchange| exchange.windows_token().is_some());
    let leads = finding.rule.id.starts_with("http-")
        && matches!(finding.rule.stage, Stage::Http)
        && answers_proof
        && attempt.outcome == crate::outcome::Outcome::ServerError;
    (
        std::cmp::Reverse(finding.severity),
        !leads,
        finding.rule.stage,
        std::cmp::Reverse(scale.points(finding.rule.id)),
        std::cmp::Reverse(finding.confidence),
        finding.rule.id,
    )
}

fn lower_consequences(findings: &mut [Finding]) {
    let causes: Vec<&'static [&'static str]> = findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning)
        .filter_map(|finding| find(finding.rule.id))
        .map(|rule| rule.supersedes)
        .collect();
    for finding in findings {
        if causes
            .iter()
            .any(|superseded| superseded.contains(&finding.rule.id))
        {
            finding.severity = finding.severity.min(CONSEQUENCE);
        }
    }
}
