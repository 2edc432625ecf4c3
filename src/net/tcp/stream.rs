//! One direction of a connection: segments in any order in, ordered bytes out.

use crate::net::provenance::{FrameList, Run};

/// The ordered bytes of one direction that nobody has taken yet, lent for the length of one call.
///
/// In-order bytes are lent straight from the frame. What is not taken is kept for the next call.
#[derive(Debug)]
pub struct Ready<'a> {
    bytes: &'a [u8],
    runs: &'a [Run],
    taken: usize,
}

impl Ready<'_> {
    /// The bytes that are not taken yet.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// Takes `len` bytes, or as many as there are, and adds the frames that brought them to `frames`.
    pub fn take(&mut self, len: usize, frames: &mut FrameList) {
        let from = self.taken;
        self.taken = from.saturating_add(len).min(self.bytes.len());
        let mut begin = 0;
        for run in self.runs {
            if begin < self.taken && run.end > from {
                frames.add(run.frame, run.time);
            }
            begin = run.end;
        }
    }
}
