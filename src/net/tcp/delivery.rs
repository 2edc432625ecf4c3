//! How the bytes of a connection reach its reader: in order, and a hole in them after some patience.
//!
//! Never lends an answer before what it answers, as far as the acknowledgements tell, and never waits without end.

use crate::endpoint::Direction;
use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::net::packet::{Origin, TcpFlags, TcpSegment};
use crate::net::provenance::Run;
use crate::net::tcp::connection::{Event, Gap, Signal, Sink};
use crate::net::tcp::early::Piece;
use crate::net::tcp::live::Live;
use crate::net::tcp::stream::{Hole, Place, Stream};

/// Segments that may come before a hole is given up although the receiver has the bytes: frames are captured out of order by a few.
const PATIENCE_SEGMENTS: u32 = 16;
/// Capture time that may pass for the same reason.
const PATIENCE_NANOS: i64 = 1_000_000_000;
/// How long a hole stays open where the other side is not in the capture to acknowledge anything: no sender waits longer with
/// its first retransmissions.
const HOLE_NANOS: i64 = 10_000_000_000;

impl<T> Live<T> {
    pub(super) fn payload(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        sink: &mut impl Sink<T>,
    ) {
        let total = segment.payload.len() + segment.cut;
        if total == 0 || self.connection.is_ignored() || self.stream(direction).is_ended {
            return;
        }
        let syn = u32::from(segment.flags.has(TcpFlags::SYN));
        let sequence = segment.sequence.wrapping_add(syn);
        let stream = self.stream(direction);
        stream.begin(first_byte(sequence, total));
        let offset = stream.offset(sequence);
        if stream.is_behind_end(offset) {
            return;
        }
        let place = stream.place(offset, total);
        let has_early = stream.has_early();
        match place {
            Place::Old => self.old(direction, segment, origin, sink),
            Place::InOrder(old) if !has_early && !self.is_ahead(direction) => {
                self.note(direction, segment, origin);
                self.in_order(direction, segment, origin, old, sink);
            }
            // Also one that is in order: of its bytes some may have come early already, in another frame.
            Place::InOrder(_) | Place::Early => {
                self.note(direction, segment, origin);
                let piece = Piece {
                    bytes: segment.payload.to_vec(),
                    runs: origin.to_vec(),
                    cut: segment.cut as u64,
                };
                self.stream(direction).store(offset, &piece);
            }
        }
    }

    /// Whether what goes in `direction` answers bytes of the other side that are not in the capture, or not yet: it waits until
    /// that hole is filled or given up, so that an answer never comes before what it answers.
    pub(super) fn is_ahead(&mut self, direction: Direction) -> bool {
        self.stream(direction.reversed()).received_hole().is_some()
    }

    /// Lends all early bytes whose turn has come.
    pub(super) fn lend_early(&mut self, sink: &mut impl Sink<T>) {
        while !self.connection.is_ignored()
            && let Some(direction) = self.next_direction()
        {
            if let Some(piece) = self.stream(direction).next_early() {
                self.lend(direction, &piece.bytes, &piece.runs, sink);
                self.pass_cut(direction, piece.cut, piece.runs.last().copied(), sink);
            }
        }
    }

    /// Jumps holes that will not be filled: the receiver has the bytes, or nothing says that it will get them.
    pub(super) fn give_up_holes(&mut self, now: Timestamp, crowded: bool, sink: &mut impl Sink<T>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            while !self.connection.is_ignored()
                && let Some(hole) = hopeless(self.stream(direction), now, crowded)
            {
                self.jump(direction, hole, sink);
            }
        }
    }

    /// Gives up every hole of a direction.
    pub(super) fn jump_all(&mut self, direction: Direction, sink: &mut impl Sink<T>) {
        self.lend_early(sink);
        while !self.connection.is_ignored()
            && let Some(hole) = self.stream(direction).hole()
        {
            self.jump(direction, hole, sink);
        }
    }

    fn next_direction(&mut self) -> Option<Direction> {
        [Direction::ToServer, Direction::ToClient]
            .into_iter()
            .find(|direction| self.stream(*direction).is_waiting() && !self.is_ahead(*direction))
    }

    /// New bytes of the client: they want to be acknowledged.
    fn note(&mut self, direction: Direction, segment: &TcpSegment<'_>, origin: Origin<'_>) {
        if let (Direction::ToServer, Some(run)) = (direction, origin.last()) {
            self.said.remember(segment, *run);
            self.is_request_acknowledged = false;
        }
    }

    fn in_order(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        old: usize,
        sink: &mut impl Sink<T>,
    ) {
        let old_bytes = old.min(segment.payload.len());
        let cut = segment.cut.saturating_sub(old - old_bytes) as u64;
        let bytes = segment.payload.get(old_bytes..).unwrap_or_default();
        if old == 0 {
            self.lend(direction, bytes, origin, sink);
        } else {
            let runs: Vec<Run> = origin
                .iter()
                .filter(|run| run.end > old_bytes)
                .map(|run| Run {
                    end: run.end - old_bytes,
                    ..*run
                })
                .collect();
            self.lend(direction, bytes, &runs, sink);
        }
        self.pass_cut(direction, cut, origin.last().copied(), sink);
    }

    /// All bytes of the segment are known. A single byte is a keep-alive probe (RFC 1122 section 4.2.3.6).
    fn old(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        sink: &mut impl Sink<T>,
    ) {
        let waits = direction == Direction::ToServer && !self.to_server.is_all_acknowledged();
        let is_probe = segment.payload.len() + segment.cut == 1;
        if let Some(&run) = origin.last()
            && waits
            && !is_probe
            && !self.said.is_copy(segment, run)
        {
            self.said.remember(segment, run);
            self.tell(Signal::ClientRetransmits, run, sink);
        }
    }

    fn lend(&mut self, direction: Direction, bytes: &[u8], runs: &[Run], sink: &mut impl Sink<T>) {
        let (stream, connection) = self.parts(direction);
        if !bytes.is_empty() {
            stream.lend(bytes, runs, |ready| {
                sink(connection, Event::Bytes(direction, ready));
            });
        }
    }

    /// Tells bytes that the snap length cut off.
    fn pass_cut(
        &mut self,
        direction: Direction,
        cut: u64,
        run: Option<Run>,
        sink: &mut impl Sink<T>,
    ) {
        if let Some(run) = run.filter(|_| cut > 0 && !self.connection.is_ignored()) {
            let gap = Gap {
                missing: cut,
                cut_in: Some(run),
                seen_in: run,
            };
            self.pass(direction, gap, sink);
        }
    }

    fn jump(&mut self, direction: Direction, hole: Hole, sink: &mut impl Sink<T>) {
        let gap = Gap {
            missing: hole.missing,
            cut_in: None,
            seen_in: hole.seen_in,
        };
        self.pass(direction, gap, sink);
        self.lend_early(sink);
    }

    fn pass(&mut self, direction: Direction, gap: Gap, sink: &mut impl Sink<T>) {
        let (stream, connection) = self.parts(direction);
        stream.lend_last(|ready| sink(connection, Event::Gap(direction, gap, ready)));
        stream.jump(gap.missing);
    }
}

/// Where a stream begins whose first bytes are these. One byte alone is taken for a keep-alive probe: the byte before the next.
const fn first_byte(sequence: u32, total: usize) -> u32 {
    if total == 1 {
        sequence.wrapping_add(1)
    } else {
        sequence
    }
}

/// The hole that is not worth waiting for any longer, after one more segment.
fn hopeless(stream: &mut Stream, now: Timestamp, crowded: bool) -> Option<Hole> {
    let wait = stream.wait(now)?;
    let waited = now.since(wait.since);
    let received = stream.received_hole();
    if received.is_some() && (wait.segments > PATIENCE_SEGMENTS || waited > PATIENCE_NANOS) {
        return received;
    }
    let is_too_much = crowded || stream.early_bytes() > Budget::EARLY_BYTES_PER_STREAM;
    let is_unheard = waited > HOLE_NANOS && !stream.is_heard();
    stream.hole().filter(|_| is_too_much || is_unheard)
}
