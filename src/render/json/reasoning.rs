//! Mirrors of what was asked of an attempt, of its six steps, and of what is missing.

use serde::Serialize;

use crate::story::coverage::Missing;
use crate::story::reasoning::Answer;
use crate::story::six_steps::Checkpoint;

#[derive(Serialize)]
pub(super) struct MissingMirror<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_frame: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct AnswerMirror<'a> {
    question: &'a str,
    answer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct CheckpointMirror<'a> {
    expected: &'a str,
    seen: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    places: &'a [String],
}

pub(super) fn checkpoint(step: &Checkpoint) -> CheckpointMirror<'_> {
    CheckpointMirror {
        expected: step.expected,
        seen: step.seen.name(),
        text: &step.text,
        places: &step.places,
    }
}

pub(super) fn missing(told: &Missing) -> MissingMirror<'_> {
    MissingMirror {
        text: &told.text,
        after_frame: told.after.map(|frame| frame.0),
    }
}

pub(super) fn answer(told: &Answer) -> AnswerMirror<'_> {
    AnswerMirror {
        question: told.question,
        answer: &told.answer,
        frame: told.frame.map(|frame| frame.0),
    }
}
