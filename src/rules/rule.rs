//! What a rule is, and how one is declared.
//!
//! Never runs a rule: that is `rules/mod.rs`.

use crate::finding::{Confidence, Evidence, Finding, RuleMeta};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;

/// A rule: its text, and the function that looks.
#[derive(Debug)]
pub struct Rule {
    /// What is fixed about it.
    pub meta: RuleMeta,
    /// Ids of rules whose findings are consequences of this one: they never lead where this one holds.
    pub supersedes: &'static [&'static str],
    /// How it looks.
    pub check: Check,
}

/// What a rule looks at. A check is pure: no state, no output, no clock.
#[derive(Debug)]
pub enum Check {
    /// One attempt.
    Attempt(fn(&Attempt) -> Option<Finding>),
    /// The whole capture.
    Capture(fn(&CaptureFacts) -> Option<Finding>),
    /// One attempt by itself, and the whole capture, where only that can tell.
    Both(
        fn(&Attempt) -> Option<Finding>,
        fn(&CaptureFacts) -> Option<Finding>,
    ),
}

impl Rule {
    /// A finding of this rule with its usual severity, to be filled with a title and evidence.
    pub fn finding(&'static self, confidence: Confidence) -> Finding {
        Finding {
            rule: &self.meta,
            severity: self.meta.severity,
            confidence,
            owner: self.meta.owner,
            title: String::new(),
            explanation: String::new(),
            evidence: Vec::new(),
            rivals: Vec::new(),
            fix: Vec::new(),
            headline: false,
        }
    }

    /// The finding of a rule about what looks like a fault and is none, if there is `evidence` of it.
    pub fn expected(
        &'static self,
        title: &str,
        explanation: &str,
        evidence: Vec<Evidence>,
    ) -> Option<Finding> {
        (!evidence.is_empty()).then(|| Finding {
            title: title.to_owned(),
            explanation: explanation.to_owned(),
            evidence,
            ..self.finding(Confidence::Proven)
        })
    }
}

/// Pieces of evidence that one finding of the whole capture names.
const NAMED: usize = 5;

/// The first few pieces of evidence, of those that say the same the first one.
pub(in crate::rules) fn each_once(evidence: impl Iterator<Item = Evidence>) -> Vec<Evidence> {
    let mut named: Vec<Evidence> = Vec::new();
    for piece in evidence {
        if named.len() < NAMED && !named.iter().any(|known| known.text == piece.text) {
            named.push(piece);
        }
    }
    named
}

/// Declares a rule. Its documentation comment, under the four headings, is the only text about it: `explain`, the lists and
/// the reports read it from here.
macro_rules! declare_rule {
    (
        $(#[doc = $line:literal])+
        $visibility:vis static $name:ident = {
            id: $id:literal,
            summary: $summary:literal,
            severity: $severity:ident,
            stage: $stage:ident,
            owner: $owner:ident,
            sources: [$($source:literal),* $(,)?],
            since: $since:literal,
            supersedes: [$($superseded:literal),* $(,)?],
            check: $kind:ident($($check:path),+ $(,)?),
        }
    ) => {
        $(#[doc = $line])+
        $visibility static $name: $crate::rules::rule::Rule = $crate::rules::rule::Rule {
            meta: $crate::finding::RuleMeta {
                id: $id,
                summary: $summary,
                explanation: concat!($($line, "\n"),+),
                severity: $crate::finding::Severity::$severity,
                stage: $crate::finding::Stage::$stage,
                owner: $crate::finding::Owner::$owner,
                sources: &[$($source),*],
                since: $since,
            },
            supersedes: &[$($superseded),*],
            check: $crate::rules::rule::Check::$kind($($check),+),
        };
    };
}

pub(in crate::rules) use declare_rule;
