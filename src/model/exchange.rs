//! Where a message stands in the capture.

use crate::dissect::message::{Frames, Loss, Message};
use crate::frame::{FrameNumber, Timestamp};

/// The frames and the times of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The frames that brought it, ascending; never empty.
    pub frames: Frames,
    /// The time of the first of them.
    pub time: Timestamp,
    /// The time of the last of them.
    pub last_time: Timestamp,
    /// Why not all its bytes are in the capture; `None` when they are.
    pub loss: Option<Loss>,
}

impl Span {
    /// Where `message` stands; its list of frames is taken out of it.
    pub fn take(message: &mut Message) -> Self {
        Self {
            frames: std::mem::take(&mut message.frames),
            time: message.time,
            last_time: message.last_time,
            loss: message.loss,
        }
    }

    /// The first frame: where a reader starts.
    pub fn first(&self) -> FrameNumber {
        self.frames.first().copied().unwrap_or(FrameNumber(0))
    }

    /// The last frame: where Wireshark lists it.
    pub fn last(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or(FrameNumber(0))
    }
}

/// One frame and its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment {
    /// The frame.
    pub frame: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
}

/// An ICMP error about a request, or about a connection that was being opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreachable {
    /// The frame of the ICMP message.
    pub at: Moment,
    /// Who reports it.
    pub reporter: std::net::IpAddr,
    /// The ICMP or ICMPv6 type.
    pub icmp_type: u8,
    /// The code.
    pub icmp_code: u8,
}
