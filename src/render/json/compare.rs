//! Two attempts side by side, for programs.
//!
//! Never holds anything that the comparison does not.

use std::io::{self, Write};

use serde::Serialize;

use crate::render::escape::Json;
use crate::report::AttemptReport;
use crate::report::compare::{Comparison, Facet, Likeness, Pair};
use crate::story::Step;

/// The shape of the comparison.
pub const SCHEMA: &str = "why401/compare/1";

#[derive(Serialize)]
struct ComparisonMirror<'a> {
    schema: &'static str,
    good: SideMirror<'a>,
    bad: SideMirror<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_difference: Option<PairMirror<'a>>,
    facets: Vec<FacetMirror<'a>>,
    steps: Vec<PairMirror<'a>>,
    complete: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct SideMirror<'a> {
    file: &'a str,
    attempt: u64,
    outcome: &'static str,
}

#[derive(Serialize)]
struct FacetMirror<'a> {
    what: &'static str,
    good: &'a str,
    bad: &'a str,
}

#[derive(Serialize)]
struct PairMirror<'a> {
    likeness: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    later_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    good: Option<StepMirror<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bad: Option<StepMirror<'a>>,
}

#[derive(Serialize)]
struct StepMirror<'a> {
    kind: &'static str,
    frames: Vec<u64>,
    text: &'a str,
}

/// Writes the comparison of the attempts of two captures, whose names are given.
pub fn comparison(
    comparison: &Comparison<'_>,
    names: [&str; 2],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mirror = ComparisonMirror {
        schema: SCHEMA,
        good: side(names[0], comparison.good),
        bad: side(names[1], comparison.bad),
        first_difference: comparison.first_difference().map(pair),
        facets: comparison.facets.iter().map(facet).collect(),
        steps: comparison.pairs.iter().map(pair).collect(),
        complete: !comparison.is_cut,
        notes: &comparison.notes,
    };
    let document = serde_json::to_string_pretty(&mirror)?;
    writeln!(out, "{}", Json(&document))
}

fn side<'a>(file: &'a str, attempt: &AttemptReport) -> SideMirror<'a> {
    SideMirror {
        file,
        attempt: attempt.id,
        outcome: attempt.outcome.name(),
    }
}

fn facet(facet: &Facet) -> FacetMirror<'_> {
    FacetMirror {
        what: facet.what,
        good: &facet.good,
        bad: &facet.bad,
    }
}

fn pair<'a>(pair: &Pair<'a>) -> PairMirror<'a> {
    PairMirror {
        likeness: match pair.likeness {
            Likeness::Same => "same",
            Likeness::Slower(_) => "slower",
            Likeness::Different => "different",
            Likeness::OnlyGood => "only-good",
            Likeness::OnlyBad => "only-bad",
        },
        later_ms: match pair.likeness {
            Likeness::Slower(nanos) => Some(nanos / 1_000_000),
            _ => None,
        },
        good: pair.good.map(step),
        bad: pair.bad.map(step),
    }
}

fn step(step: &Step) -> StepMirror<'_> {
    StepMirror {
        kind: step.kind,
        frames: step.frames.iter().map(|frame| frame.0).collect(),
        text: &step.text,
    }
}
