//! Copies that a capture made: a mirror port that shows a frame on its way in and out, or files of two machines merged.
//!
//! Never compares bytes: a copy has the identification of its packet, or follows it at once.

use crate::frame::Timestamp;
use crate::net::packet::TcpSegment;
use crate::net::provenance::Run;

/// A copy that follows sooner is a duplicate of the capture, not a retransmission: hardly a sender's timer is shorter.
const RETRANSMISSION_NANOS: i64 = 100_000_000;
/// Segments that are remembered: more than one request has.
const REMEMBERED: usize = 8;

/// What is remembered of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    sequence: u32,
    identification: u16,
    time: Timestamp,
}

impl Trace {
    pub(super) const fn of(segment: &TcpSegment<'_>, run: Run) -> Self {
        Self {
            sequence: segment.sequence,
            identification: segment.identification,
            time: run.time,
        }
    }

    /// Whether a segment with the same bytes is this one, captured again.
    pub(super) const fn is_copied_by(self, segment: &TcpSegment<'_>, run: Run) -> bool {
        self.is_packet_of(segment) || run.time.since(self.time) < RETRANSMISSION_NANOS
    }

    const fn is_packet_of(self, segment: &TcpSegment<'_>) -> bool {
        self.sequence == segment.sequence
            && self.identification != 0
            && self.identification == segment.identification
    }
}

/// The last segments of one direction.
#[derive(Debug, Default)]
pub(super) struct Copies {
    latest: Option<Trace>,
    /// Sequence numbers and identifications. An identification of 0 is none.
    last: [(u32, u16); REMEMBERED],
    place: u8,
}

impl Copies {
    pub(super) fn remember(&mut self, segment: &TcpSegment<'_>, run: Run) {
        self.latest = Some(Trace::of(segment, run));
        self.place = self.place.wrapping_add(1);
        let place = usize::from(self.place) % REMEMBERED;
        if let Some(packet) = self.last.get_mut(place) {
            *packet = (segment.sequence, segment.identification);
        }
    }

    /// Whether a segment without a new byte is one of those that are remembered, or follows the latest at once.
    pub(super) fn is_copy(&self, segment: &TcpSegment<'_>, run: Run) -> bool {
        let packet = (segment.sequence, segment.identification);
        let is_packet = segment.identification != 0 && self.last.contains(&packet);
        is_packet
            || self
                .latest
                .is_some_and(|latest| latest.is_copied_by(segment, run))
    }
}
