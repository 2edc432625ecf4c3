//! Which frame brought which byte.
//!
//! Never holds more than the runs of bytes that are still waiting to be taken.

use smallvec::SmallVec;

use crate::frame::{Frame, FrameNumber, Timestamp};
use crate::limits::Budget;

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

impl Run {
    /// The first `end` bytes, all of them brought by `frame`.
    #[inline]
    pub(in crate::net) const fn of(frame: &Frame<'_>, end: usize) -> Self {
        Self {
            end,
            frame: frame.number,
            time: frame.time,
        }
    }
}

/// Frames, ascending, each once. Most messages have one or two, which need no allocation.
pub type Frames = SmallVec<[FrameNumber; 2]>;

/// The frames of one message, gathered while its bytes are taken: ascending, each once.
///
/// At most [`Budget::FRAMES_PER_MESSAGE`] are named; of a longer message the last frame replaces the last one named.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameList {
    frames: Frames,
    times: Option<(Timestamp, Timestamp)>,
}

impl FrameList {
    /// Adds the frame that brought a run.
    pub fn add(&mut self, frame: FrameNumber, time: Timestamp) {
        let (first, last) = self.times.unwrap_or((time, time));
        self.times = Some((first.min(time), last.max(time)));
        if let Err(place) = self.frames.binary_search(&frame) {
            if self.frames.len() >= Budget::FRAMES_PER_MESSAGE {
                self.frames.pop();
                self.frames.push(frame);
            } else {
                self.frames.insert(place, frame);
            }
        }
    }

    /// Whether no frame was added.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The frames, ascending.
    pub fn frames(&self) -> &[FrameNumber] {
        &self.frames
    }

    /// The first frame, and the earliest time.
    pub fn first(&self) -> Option<(FrameNumber, Timestamp)> {
        Some((*self.frames.first()?, self.times?.0))
    }

    /// The frames, the time of the earliest and the time of the latest; `None` when there is no frame.
    pub fn into_parts(self) -> Option<(Frames, Timestamp, Timestamp)> {
        let (first, last) = self.times?;
        Some((self.frames, first, last))
    }
}
