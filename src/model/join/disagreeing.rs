//! Lines of a web server's log that say something else than the capture does of a request like theirs.
//!
//! Never says which of the two is right, and never takes a line for a request's that has one, nor one of two that may be meant.

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::join::proof::Proof;
use crate::model::join::web::{Kept, SLACK, Wanted, is_alike};
use crate::model::witness::WebRecord;

/// A line, and the only request of the same client, path and time that has none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disagreeing {
    /// The line.
    pub record: WebRecord,
    /// The request, by its first frame.
    pub frame: FrameNumber,
    /// In what they differ.
    pub differs: Difference,
}

/// In what a line and a request differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// The line has the first status, and the capture the second.
    Status(u16, u16),
    /// The proof in the request is of another account than the line has.
    Account,
}

/// Those of the lines `left`, which are about no exchange, that are about a request like one of `wanted`; the server's clock is
/// `apart` from the capture's.
pub(super) fn of(
    left: &[&Kept],
    wanted: &[Wanted],
    attempts: &[Attempt],
    apart: i64,
) -> Vec<Disagreeing> {
    let fits = |line: &Kept, wanted: &Wanted| {
        let due = wanted.ends.nanos().saturating_add(apart);
        let off = line.record.time.nanos().saturating_sub(due);
        let is_free = wanted.found.is_none() && !wanted.is_doubtful && wanted.status.is_some();
        is_free && off.unsigned_abs() <= SLACK.unsigned_abs() && is_alike(line, wanted)
    };
    left.iter()
        .filter_map(|line| {
            let mut alike = wanted.iter().filter(|wanted| fits(line, wanted));
            let wanted = alike.next().filter(|_| alike.next().is_none())?;
            let lines = left.iter().filter(|line| fits(line, wanted)).count();
            let status = line.record.status.zip(wanted.status);
            let is_others = || {
                Proof::of(wanted, attempts)?
                    .contradicts(&line.record)
                    .then_some(())
            };
            let differs = match status {
                Some((logged, seen)) if logged != seen => Difference::Status(logged, seen),
                _ => is_others().map(|()| Difference::Account)?,
            };
            (lines == 1).then(|| Disagreeing {
                record: line.record.clone(),
                frame: wanted.frame,
                differs,
            })
        })
        .collect()
}
