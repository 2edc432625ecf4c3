//! Mirrors of what was asked of an attempt, and of what is missing.

use serde::Serialize;

use crate::story::coverage::Missing;
use crate::story::reasoning::Answer;

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
