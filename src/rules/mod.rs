//! The rules: each a fact about an attempt or a capture that explains something to a reader.
//!
//! Never parses, prints or remembers anything, and no rule calls another.

pub mod rule;

mod ticket;

use crate::finding::Finding;
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;

/// Which rules look.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these, if there are any.
    pub only: Vec<String>,
    /// Not these.
    pub without: Vec<String>,
}

pub fn attempt_findings(_attempt: &Attempt, _selection: &Selection) -> Vec<Finding> {
    Vec::new()
}
pub fn capture_findings(_facts: &CaptureFacts, _selection: &Selection) -> Vec<Finding> {
    Vec::new()
}
