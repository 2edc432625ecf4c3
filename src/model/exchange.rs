//! Where a message stands in the capture.

use std::fmt;
use std::net::IpAddr;

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

    /// The frames in which a question begins, each time that it was sent.
    pub fn firsts<'s>(
        asked: &'s Self,
        again: &'s [Self],
    ) -> impl Iterator<Item = FrameNumber> + 's {
        std::iter::once(asked).chain(again).map(Self::first)
    }

    /// The last frame: where Wireshark lists it.
    pub fn last(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or(FrameNumber(0))
    }
}

impl fmt::Display for Span {
    /// `frame 10`, `frames 4–7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first(), self.last()) {
            (first, last) if first == last => write!(f, "frame {first}"),
            (first, last) => write!(f, "frames {first}–{last}"),
        }
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
    pub reporter: IpAddr,
    /// The ICMP or ICMPv6 type.
    pub icmp_type: u8,
    /// The code.
    pub icmp_code: u8,
}

impl Unreachable {
    /// Whether it says that the packet did not get to its receiver. Some errors only ask for smaller packets or fewer of them
    /// (RFC 792; RFC 4443 section 3.2).
    pub const fn is_final(&self) -> bool {
        match self.reporter {
            IpAddr::V4(_) => !matches!((self.icmp_type, self.icmp_code), (4, _) | (3, 4)),
            IpAddr::V6(_) => self.icmp_type != 2,
        }
    }

    /// Whether it says that not all fragments of the packet came in time: ICMP 11/1 (RFC 792), `ICMPv6` 3/1 (RFC 4443).
    pub const fn is_lost_fragment(&self) -> bool {
        match self.reporter {
            IpAddr::V4(_) => matches!((self.icmp_type, self.icmp_code), (11, 1)),
            IpAddr::V6(_) => matches!((self.icmp_type, self.icmp_code), (3, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;

    fn error(reporter: &str, icmp_type: u8, icmp_code: u8) -> Unreachable {
        Unreachable {
            at: Moment {
                frame: FrameNumber(2),
                time: Timestamp::from_nanos(0),
            },
            reporter: reporter.parse().expect("an address"),
            icmp_type,
            icmp_code,
        }
    }

    #[test]
    fn an_error_that_asks_for_less_does_not_say_that_nobody_is_there() {
        assert!(error("10.0.0.1", 3, 13).is_final());
        assert!(!error("10.0.0.1", 3, 4).is_final());
        assert!(!error("10.0.0.1", 4, 0).is_final());
        assert!(error("fd00::1", 1, 4).is_final());
        assert!(!error("fd00::1", 2, 0).is_final());
    }

    #[test]
    fn lost_fragments_are_told_from_a_packet_that_went_in_circles() {
        assert!(error("10.0.0.1", 11, 1).is_lost_fragment());
        assert!(!error("10.0.0.1", 11, 0).is_lost_fragment());
        assert!(error("fd00::1", 3, 1).is_lost_fragment());
    }
}
