//! How several attempts ended.

use crate::outcome::Outcome;
use crate::report::AttemptReport;

/// Each end with the numbers of its attempts, in the order in which attempts show them.
pub(in crate::render) fn ends(attempts: &[AttemptReport]) -> Vec<(Outcome, Vec<u64>)> {
    let mut ends: Vec<(Outcome, Vec<u64>)> = Vec::new();
    for attempt in attempts {
        let known = ends.iter_mut().find(|(end, _)| *end == attempt.outcome);
        match known {
            Some((_, ids)) => ids.push(attempt.id),
            None => ends.push((attempt.outcome, vec![attempt.id])),
        }
    }
    ends
}
