//! Which frame brought which byte.
//!
//! Never holds more than the runs of bytes that are still waiting to be taken.

use crate::frame::{FrameNumber, Timestamp};

/// A run of bytes that one frame brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Where the run ends; it begins where the run before it ends. An offset into the payload it comes with.
    pub end: usize,
    /// The frame that brought it.
    pub frame: FrameNumber,
    /// When that frame was captured.
    pub time: Timestamp,
}
