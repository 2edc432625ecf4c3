//! Resets that stand in the capture before the SYN which they refuse: frames that were written out of order.
//!
//! Never keeps more than a few, and believes one only where its numbers fit.

use std::collections::VecDeque;

use crate::net::packet::{TcpFlags, TcpSegment};
use crate::net::provenance::Run;
use crate::net::tcp::places::Pair;

/// Resets that are kept: no SYN comes later than its answer by more than a few frames.
const KEPT: usize = 8;
/// Time within which the SYN must follow.
const NANOS: i64 = 1_000_000_000;

/// The last resets that belonged to no connection.
#[derive(Debug, Default)]
pub(super) struct Refused {
    resets: VecDeque<(Pair, TcpSegment<'static>, Run)>,
}

impl Refused {
    /// Keeps `segment`, which belongs to no connection, if it refuses one (RFC 9293 section 3.10.7.1).
    pub(super) fn note(&mut self, pair: Pair, segment: &TcpSegment<'_>, run: Run) {
        let refuses = segment.flags.has(TcpFlags::RST) && segment.flags.has(TcpFlags::ACK);
        if !refuses {
            return;
        }
        if self.resets.len() == KEPT {
            self.resets.pop_front();
        }
        let segment = TcpSegment {
            payload: &[],
            cut: 0,
            ..*segment
        };
        self.resets.push_back((pair, segment, run));
    }

    /// The reset that refuses the SYN `segment`, with the frame that brought it.
    pub(super) fn take(
        &mut self,
        pair: Pair,
        segment: &TcpSegment<'_>,
        run: Run,
    ) -> Option<(TcpSegment<'static>, Run)> {
        let place = self.resets.iter().position(|(of, reset, seen)| {
            *of == pair
                && reset.src == segment.dst
                && reset.acknowledgment == segment.sequence.wrapping_add(1)
                && run.time.since(seen.time) < NANOS
        })?;
        let (_, reset, run) = self.resets.remove(place)?;
        Some((reset, run))
    }
}
