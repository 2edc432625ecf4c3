//! How several attempts ended.

use crate::outcome::Outcome;
use crate::report::{AttemptReport, Report};

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

/// How many attempts there are; where not all are told, of how many.
pub(in crate::render) fn counted(report: &Report) -> String {
    let told = report.attempts.len() as u64;
    match report.unkept {
        0 => format!("{told} attempts"),
        more => format!("{told} of {} attempts", told + more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn attempts_that_are_not_told_are_counted() {
        let told = || sample::report(vec![sample::failed("one"), sample::failed("other")]);
        assert_eq!(counted(&told()), "2 attempts");
        let more = Report {
            unkept: 4_000,
            ..told()
        };
        assert_eq!(counted(&more), "2 of 4002 attempts");
    }
}
