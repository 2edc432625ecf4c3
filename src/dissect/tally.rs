//! Counts of what could not be told one by one.
//!
//! Never forgets how many there were.

use crate::frame::FrameNumber;
use crate::limits::Limitation;

/// Things of one kind that are told one by one.
const TOLD: u64 = 20;

/// Things of one kind, of which the first few are told.
#[derive(Debug, Default)]
pub(super) struct Tally {
    count: u64,
    first_untold: Option<FrameNumber>,
}

impl Tally {
    /// Counts one more; says whether it is to be told.
    pub(super) fn admit(&mut self, frame: FrameNumber) -> bool {
        self.count += 1;
        let is_told = self.count <= TOLD;
        if !is_told {
            self.first_untold.get_or_insert(frame);
        }
        is_told
    }

    /// What is left to say: how many more there were of `what`.
    pub(super) fn rest(&self, what: &str) -> Option<Limitation> {
        let text = || format!("{} more {what}.", self.count - TOLD);
        self.first_untold
            .map(|first| Limitation::since(first, text()))
    }
}

/// How many sessions there are of a kind, and the first frame of that kind.
#[derive(Debug, Default)]
pub(super) struct Sessions(Option<(FrameNumber, u64)>);

impl Sessions {
    pub(super) fn add(&mut self, frame: FrameNumber) {
        let (first, count) = self.0.unwrap_or((frame, 0));
        self.0 = Some((first, count + 1));
    }

    /// What there is to say of them; `more` is said of each.
    pub(super) fn told(&self, more: &str) -> Option<Limitation> {
        let (first, count) = self.0?;
        let text = match count {
            1 => format!("A session with SQL Server is {more}"),
            _ => format!("{count} sessions with SQL Server are {more}"),
        };
        Some(Limitation::since(first, text))
    }
}
