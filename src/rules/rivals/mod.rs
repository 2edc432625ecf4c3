//! A headline beside its rivals: what speaks for each, what against it, and how far behind that leaves it.
//!
//! The points are few and coarse, so that nobody takes them for a measurement: bytes that say it, a strong sign, a hint, and a
//! fact that contradicts.
//!
//! Never finds a cause, and never chooses the headline: it weighs what rules found or named.

mod no_ticket;
mod shown_ticket;
#[cfg(test)]
mod tests;

use crate::finding::{Confidence, Evidence, Finding, Rival, Severity, Standing};
use crate::model::attempt::Attempt;

/// Bytes say it.
const PROOF: i32 = 100;
/// Only exotic causes else leave it.
const STRONG: i32 = 40;
/// One of several causes that leave it.
const HINT: i32 = 10;
/// A fact that the cause does not go with.
const CONTRADICTED: i32 = -60;

/// Rules whose finding is sure and leaves the cause open: as causes they are no better than a hint.
const OPEN: [&str; 2] = ["http-401-no-reason", "http-401-krb-error"];

/// What a fact of the attempt means for one cause.
struct Mark {
    rule: &'static str,
    points: i32,
    seen: Evidence,
}

impl Mark {
    /// The same fact, for each of `rules`.
    fn each(rules: &[&'static str], points: i32, seen: &Evidence) -> Vec<Self> {
        let mark = |rule: &&'static str| Self {
            rule,
            points,
            seen: seen.clone(),
        };
        rules.iter().map(mark).collect()
    }
}

/// Weighs the headline of `findings` against its rivals, and lowers its confidence where one comes near by evidence of its own.
pub(super) fn weigh(attempt: &Attempt, findings: &mut [Finding]) {
    let Some(at) = findings.iter().position(|finding| finding.headline) else {
        return;
    };
    let scale = Scale::of(attempt, findings);
    let found = findings.get(at).map(|led| found_besides(led, findings));
    let Some(headline) = findings.get_mut(at) else {
        return;
    };
    headline.rivals.extend(found.into_iter().flatten());
    scale.show(headline);
    let own = scale.points(headline.rule.id);
    for rival in &mut headline.rivals {
        rival.standing = Some(scale.standing(rival.rule, own));
    }
    headline
        .rivals
        .sort_by_key(|rival| rival.standing.as_ref().map(|standing| standing.behind));
    let is_pressed = headline.rivals.iter().any(|rival| scale.presses(rival));
    if headline.confidence == Confidence::Likely && (own <= HINT || is_pressed) {
        headline.confidence = Confidence::Possible;
    }
}

/// Causes of the same failure that other rules found and the headline's rule did not name.
fn found_besides(headline: &Finding, findings: &[Finding]) -> Vec<Rival> {
    let Some(causes) = causes_beside(headline.rule.id) else {
        return Vec::new();
    };
    let is_rival = |finding: &&Finding| {
        let id = finding.rule.id;
        !finding.headline
            && finding.severity >= Severity::Warning
            && causes.contains(&id)
            && headline.rivals.iter().all(|rival| rival.rule != id)
    };
    let found = findings.iter().filter(is_rival);
    found
        .map(|finding| {
            Rival::new(
                finding.rule.id,
                "it has a finding of its own beside this one, with what would tell",
            )
        })
        .collect()
}

/// The causes among which `rule` is one, where they are compared.
fn causes_beside(rule: &str) -> Option<&'static [&'static str]> {
    let tables = [shown_ticket::CAUSES, no_ticket::CAUSES];
    tables.into_iter().find(|causes| causes.contains(&rule))
}

/// What a finding is worth as a cause. What is proven of one that names rivals is what it says, and not that they are absent:
/// they leave the same bytes.
fn worth(finding: &Finding) -> i32 {
    match finding.confidence {
        _ if OPEN.contains(&finding.rule.id) => HINT,
        Confidence::Proven if finding.rivals.is_empty() => PROOF,
        Confidence::Proven | Confidence::Likely => STRONG,
        Confidence::Possible => HINT,
    }
}

/// What is known of each cause.
pub(super) struct Scale {
    found: Vec<(&'static str, i32)>,
    marks: Vec<Mark>,
}

impl Scale {
    /// What is known of the causes that `findings` name, and of those beside them.
    pub(super) fn of(attempt: &Attempt, findings: &[Finding]) -> Self {
        let graver = findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Warning);
        let mut marks = shown_ticket::marks(attempt);
        marks.extend(no_ticket::marks(attempt));
        Self {
            found: graver.map(|it| (it.rule.id, worth(it))).collect(),
            marks,
        }
    }

    /// What the finding of `rule` is worth, where it has one.
    fn found(&self, rule: &str) -> Option<i32> {
        let mut found = self.found.iter();
        found.find(|(id, _)| *id == rule).map(|(_, worth)| *worth)
    }

    fn marks(&self, rule: &str) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(move |mark| mark.rule == rule)
    }

    /// What its own finding is worth, a hint where it is only named, and what facts add and take.
    pub(super) fn points(&self, rule: &str) -> i32 {
        let added = self.marks(rule).map(|mark| mark.points).sum::<i32>();
        self.found(rule).unwrap_or(HINT) + added
    }

    /// Adds to the evidence of `headline` what was weighed for and against it.
    fn show(&self, headline: &mut Finding) {
        for mark in self.marks(headline.rule.id) {
            let mut seen = mark.seen.clone();
            if mark.points < 0 {
                seen.text = format!("speaks against it: {}", seen.text);
            }
            let is_told = headline.evidence.iter().any(|told| {
                (told.frame, &told.source) == (seen.frame, &seen.source)
                    && seen.text.ends_with(&told.text)
            });
            if !is_told {
                headline.evidence.push(seen);
            }
        }
    }

    fn standing(&self, rule: &str, headline: i32) -> Standing {
        let seen = |speaks_for: bool| {
            let marks = self.marks(rule);
            let marks = marks.filter(move |mark| (mark.points > 0) == speaks_for);
            marks.map(|mark| mark.seen.clone()).collect()
        };
        Standing {
            behind: headline - self.points(rule),
            speaks_for: seen(true),
            speaks_against: seen(false),
        }
    }

    /// Whether `rival` is near, and for more than its name: frames speak for it, or a rule is nearly sure of it.
    fn presses(&self, rival: &Rival) -> bool {
        let is_found = self.found(rival.rule) >= Some(STRONG);
        let is_seen = self.marks(rival.rule).any(|mark| mark.points > 0);
        rival.is_near() && (is_found || is_seen)
    }
}
