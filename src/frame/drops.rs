//! What the machine that captured a frame says became of it: a component of its network stack dropped it.
//!
//! Never says why in words: what its numbers mean differs from one Windows to the next.

use crate::frame::FrameNumber;

/// A packet that was dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PacketDrop {
    /// The frame that shows it.
    pub frame: FrameNumber,
    /// The number of the event that says that it was dropped.
    pub event: u64,
    /// Who dropped it, as the trace names the component: `wfplwfs.sys`.
    pub component: String,
    /// Why, by the number that Windows gives the reason.
    pub reason: u32,
    /// Where in the component, by the number that Windows gives the place.
    pub location: u32,
    /// Whether it was to leave the machine, and not to come in.
    pub is_outbound: bool,
}

impl PacketDrop {
    /// `filter.sys drops the SYN before it leaves the machine`; `what` is the packet.
    pub fn told(&self, what: &str) -> String {
        let when = if self.is_outbound {
            "before it leaves the machine"
        } else {
            "as it comes in"
        };
        format!("{} drops {what} {when}", self.component)
    }
}
