//! Words that several formats of the report share.
//!
//! Never knows a layout, a colour or an escape: what comes from here may hold text of the wire.

pub(super) mod attempt;
pub(super) mod clocks;
pub(super) mod finding;
pub(super) mod inputs;
pub(super) mod log_story;
pub(super) mod overview;
pub(super) mod steps;
pub(super) mod surroundings;
pub(super) mod times;

use crate::frame::FrameNumber;

/// `17` or `4–7`.
pub(super) fn frames(first: FrameNumber, last: FrameNumber) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}
