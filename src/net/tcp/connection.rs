//! One TCP connection: both directions, how it began and how it ended.
//!
//! Never waits for a hole to be filled once the receiver has acknowledged the bytes in it.

use crate::endpoint::{ConnectionId, Direction, Endpoint};
use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::net::packet::{Origin, TcpFlags, TcpSegment};
use crate::net::provenance::Run;
use crate::net::tcp::stream::{Piece, Place, Ready, Stream};

/// Segments that may come before a hole is given up although the receiver has the bytes: frames are captured out of order by a few.
const PATIENCE_SEGMENTS: u32 = 8;
/// Capture time that may pass for the same reason.
const PATIENCE_NANOS: i64 = 1_000_000_000;
/// Early pieces after which a hole is given up where the other side is not in the capture to acknowledge it.
const EARLY_PIECES: usize = 512;
/// The same in capture time: no sender waits longer with its first retransmissions.
const HOLE_NANOS: i64 = 10_000_000_000;
/// A copy that follows sooner is a duplicate of the capture, not a retransmission: no sender's timer is shorter.
const RETRANSMISSION_NANOS: i64 = 100_000_000;
/// Bytes of one direction that wait to be taken: no message is longer.
const KEPT_BYTES: usize = Budget::KERBEROS_MESSAGE + 4;

/// What the reader of a connection may know and keep.
#[derive(Debug)]
pub struct Connection<T> {
    /// Its number.
    pub id: ConnectionId,
    /// Who opened it: the sender of the SYN, or the side taken for the client where none was seen.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// Whether its beginning was captured: the SYN or the answer to it.
    pub saw_start: bool,
    /// What the dissectors keep for it.
    pub state: T,
    ignored: bool,
}

impl<T> Connection<T> {
    /// Nobody wants it: from now on nothing of it is told, and nothing is kept.
    pub fn ignore(&mut self) {
        self.ignored = true;
    }

    /// Whether nobody wants it.
    pub(super) const fn is_ignored(&self) -> bool {
        self.ignored
    }
}

/// What a segment told about its connection.
#[derive(Debug)]
pub enum Event<'a, 'r> {
    /// Something happened to the connection itself, in the frame of the run.
    Signal(Signal, Run),
    /// Bytes of one direction are ready, in order.
    Bytes(Direction, &'a mut Ready<'r>),
    /// Bytes of one direction are not in the capture; what is ready next comes after them. The bytes before the gap that were
    /// not taken are lent a last time.
    Gap(Direction, Gap, &'a mut Ready<'r>),
    /// No more bytes will come in this direction: FIN reached in order, reset, ports reused, silence or the end of the
    /// capture. The bytes that were not taken are lent a last time.
    End(Direction, &'a mut Ready<'r>),
}

/// Bytes that no frame brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// How many.
    pub missing: u64,
    /// The frame whose captured part ended before them (snap length); `None` where no frame had them.
    pub cut_in: Option<Run>,
    /// The frame that showed that they are missing.
    pub seen_in: Run,
}

/// What happened to a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A SYN; the second and later ones are retransmissions.
    Syn,
    /// The answer to it.
    SynAck,
    /// A RST sent in this direction.
    Reset(Direction),
    /// The first FIN in this direction.
    Closed(Direction),
    /// The server acknowledged, for the first time, all that the client has sent so far, and sent no bytes with it.
    RequestAcknowledged,
    /// The client sends the same bytes again, because nobody acknowledged them.
    ClientRetransmits,
}

/// Who is told what happened.
pub(super) trait Sink<T>: FnMut(&mut Connection<T>, Event<'_, '_>) {}
impl<T, F: FnMut(&mut Connection<T>, Event<'_, '_>)> Sink<T> for F {}

/// A connection with its streams.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells whether one event of RFC 9293 was seen, and they come in any combination"
)]
pub(super) struct Live<T> {
    pub(super) connection: Connection<T>,
    to_server: Stream,
    to_client: Stream,
    last_syn: Option<Timestamp>,
    last_data: Option<Timestamp>,
    hole: Option<Hole>,
    closed_by_client: bool,
    closed_by_server: bool,
    answered_syn: bool,
    is_request_acknowledged: bool,
    pub(super) is_reset: bool,
}

/// A hole that is being waited for.
#[derive(Clone, Copy, Debug)]
struct Hole {
    since: Timestamp,
    segments: u32,
}

impl<T: Default> Live<T> {
    pub(super) fn new(id: ConnectionId, client: Endpoint, server: Endpoint) -> Self {
        Self {
            connection: Connection {
                id,
                client,
                server,
                saw_start: false,
                state: T::default(),
                ignored: false,
            },
            to_server: Stream::default(),
            to_client: Stream::default(),
            last_syn: None,
            last_data: None,
            hole: None,
            closed_by_client: false,
            closed_by_server: false,
            answered_syn: false,
            is_request_acknowledged: false,
            is_reset: false,
        }
    }

    /// Whether a SYN with `sequence` begins another connection between the same ports.
    pub(super) fn is_another(&self, direction: Direction, sequence: u32) -> bool {
        let stream = match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        };
        direction == Direction::ToClient || !stream.begins_with(sequence.wrapping_add(1))
    }

    /// Bytes that came early, in both directions.
    pub(super) const fn early_bytes(&self) -> usize {
        self.to_server.early_bytes() + self.to_client.early_bytes()
    }

    /// Whether it was reset, or both sides have ended.
    pub(super) const fn is_over(&self) -> bool {
        self.is_reset || (self.to_server.is_ended && self.to_client.is_ended)
    }

    /// Takes in a segment that goes in `direction`. `crowded`: all connections together hold too many early bytes.
    pub(super) fn segment(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        crowded: bool,
        sink: &mut impl Sink<T>,
    ) {
        let Some(&run) = origin.last() else {
            return;
        };
        if segment.flags.has(TcpFlags::SYN) {
            self.handshake(direction, segment, run, sink);
        }
        if segment.flags.has(TcpFlags::RST) {
            self.reset(direction, run, sink);
            return;
        }
        if self.is_reset {
            return;
        }
        if segment.flags.has(TcpFlags::ACK) {
            self.acknowledge(direction, segment, run, sink);
        }
        self.payload(direction, segment, origin, sink);
        if segment.flags.has(TcpFlags::FIN) {
            self.fin(direction, segment, run, sink);
        }
        self.give_up_holes(run, crowded, sink);
        self.end_finished(sink);
    }

    /// The connection is over: everything that is still held is given, and both directions end.
    pub(super) fn finish(&mut self, sink: &mut impl Sink<T>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            self.end(direction, sink);
        }
    }

    fn stream(&mut self, direction: Direction) -> &mut Stream {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn handshake(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        self.connection.saw_start = true;
        self.stream(direction)
            .begin(segment.sequence.wrapping_add(1));
        if segment.flags.has(TcpFlags::ACK) {
            self.stream(direction.reversed())
                .begin(segment.acknowledgment);
            if !self.answered_syn {
                self.answered_syn = true;
                sink(&mut self.connection, Event::Signal(Signal::SynAck, run));
            }
        } else if is_new(self.last_syn, run.time) {
            self.last_syn = Some(run.time);
            sink(&mut self.connection, Event::Signal(Signal::Syn, run));
        }
    }

    fn reset(&mut self, direction: Direction, run: Run, sink: &mut impl Sink<T>) {
        if !self.is_reset {
            self.is_reset = true;
            sink(
                &mut self.connection,
                Event::Signal(Signal::Reset(direction), run),
            );
            self.finish(sink);
        }
    }

    fn payload(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        sink: &mut impl Sink<T>,
    ) {
        let total = segment.payload.len() + segment.cut;
        if total == 0 || self.connection.ignored || self.stream(direction).is_ended {
            return;
        }
        let syn = u32::from(segment.flags.has(TcpFlags::SYN));
        let sequence = segment.sequence.wrapping_add(syn);
        let stream = self.stream(direction);
        stream.begin(sequence);
        let offset = stream.offset(sequence);
        if stream.is_behind_end(offset) {
            return;
        }
        let has_early = stream.early_pieces() > 0;
        let is_ahead = self.is_ahead(direction);
        let stream = self.stream(direction);
        match stream.place(offset, total) {
            Place::InOrder(old) if !has_early && !is_ahead => {
                self.in_order(direction, segment, origin, old, sink);
            }
            Place::Old => self.old(direction, total, origin, sink),
            // Also one that is in order: of its bytes some may have come early already, in another frame.
            place => {
                let piece = Piece {
                    bytes: segment.payload.to_vec(),
                    runs: origin.to_vec(),
                    cut: segment.cut as u64,
                };
                stream.store(offset, &piece);
                if let (Place::InOrder(_), false) = (place, is_ahead) {
                    self.note_data(direction, origin);
                    self.lend_early(direction, sink);
                }
            }
        }
    }

    /// Whether what goes in `direction` answers bytes of the other side that are not in the capture, or not yet: it waits until
    /// that hole is filled or given up, so that an answer never comes before what it answers.
    fn is_ahead(&mut self, direction: Direction) -> bool {
        let other = self.stream(direction.reversed());
        other.hole().is_some() && other.is_acknowledged_beyond()
    }

    /// The client said something new.
    fn note_data(&mut self, direction: Direction, origin: Origin<'_>) {
        if direction == Direction::ToServer {
            self.last_data = origin.last().map(|run| run.time);
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
        self.note_data(direction, origin);
        let cut = segment
            .cut
            .saturating_sub(old.saturating_sub(segment.payload.len())) as u64;
        let bytes = segment.payload.get(old..).unwrap_or_default();
        if old == 0 {
            self.lend(direction, bytes, origin, sink);
        } else {
            let runs: Vec<Run> = origin
                .iter()
                .filter(|run| run.end > old)
                .map(|run| Run {
                    end: run.end - old,
                    ..*run
                })
                .collect();
            self.lend(direction, bytes, &runs, sink);
        }
        self.pass_cut(direction, cut, origin.last().copied(), sink);
        self.lend_early(direction, sink);
    }

    /// All bytes of the segment are known. One byte, or none, just before the next is a keep-alive probe (RFC 1122 section 4.2.3.6).
    fn old(
        &mut self,
        direction: Direction,
        total: usize,
        origin: Origin<'_>,
        sink: &mut impl Sink<T>,
    ) {
        let Some(&run) = origin.last() else {
            return;
        };
        let waiting = direction == Direction::ToServer && !self.to_server.is_all_acknowledged();
        if total > 1 && waiting && is_new(self.last_data, run.time) {
            self.last_data = Some(run.time);
            sink(
                &mut self.connection,
                Event::Signal(Signal::ClientRetransmits, run),
            );
        }
    }

    fn lend(&mut self, direction: Direction, bytes: &[u8], runs: &[Run], sink: &mut impl Sink<T>) {
        let (stream, connection) = self.parts(direction);
        stream.lend(bytes, runs, |ready| {
            sink(connection, Event::Bytes(direction, ready));
        });
        if connection.ignored {
            *stream = Stream::default();
        } else if stream.kept_bytes() > KEPT_BYTES {
            connection.ignored = true;
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
        if let Some(run) = run.filter(|_| cut > 0 && !self.connection.ignored) {
            let gap = Gap {
                missing: cut,
                cut_in: Some(run),
                seen_in: run,
            };
            self.pass(direction, gap, sink);
        }
    }

    fn pass(&mut self, direction: Direction, gap: Gap, sink: &mut impl Sink<T>) {
        let (stream, connection) = self.parts(direction);
        stream.lend_last(|ready| sink(connection, Event::Gap(direction, gap, ready)));
        stream.jump(gap.missing);
    }

    fn lend_early(&mut self, direction: Direction, sink: &mut impl Sink<T>) {
        while !self.connection.ignored
            && let Some(piece) = self.stream(direction).next_early()
        {
            self.lend(direction, &piece.bytes, &piece.runs, sink);
            self.pass_cut(direction, piece.cut, piece.runs.last().copied(), sink);
        }
        let other = direction.reversed();
        if self.stream(other).is_waiting() && !self.is_ahead(other) {
            self.lend_early(other, sink);
        }
    }

    fn acknowledge(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        let other = self.stream(direction.reversed());
        if !other.has_begun() {
            return;
        }
        other.acknowledge(segment.acknowledgment);
        let silent = direction == Direction::ToClient && segment.payload.is_empty();
        if silent && !self.is_request_acknowledged && self.to_server.is_all_acknowledged() {
            self.is_request_acknowledged = true;
            sink(
                &mut self.connection,
                Event::Signal(Signal::RequestAcknowledged, run),
            );
        }
    }

    fn fin(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        let total = i64::try_from(segment.payload.len() + segment.cut).unwrap_or(0);
        let stream = self.stream(direction);
        stream.begin(segment.sequence);
        let end = stream.offset(segment.sequence) + total;
        stream.finish_at(end, run);
        let closed = match direction {
            Direction::ToServer => &mut self.closed_by_client,
            Direction::ToClient => &mut self.closed_by_server,
        };
        if !*closed {
            *closed = true;
            sink(
                &mut self.connection,
                Event::Signal(Signal::Closed(direction), run),
            );
        }
    }

    /// Jumps holes that will not be filled: the receiver has the bytes, or nothing says that it will get them.
    fn give_up_holes(&mut self, run: Run, crowded: bool, sink: &mut impl Sink<T>) {
        let has_hole = self.to_server.hole().is_some() || self.to_client.hole().is_some();
        if !has_hole {
            self.hole = None;
            return;
        }
        let hole = self.hole.get_or_insert(Hole {
            since: run.time,
            segments: 0,
        });
        hole.segments += 1;
        let hole = *hole;
        for direction in [Direction::ToServer, Direction::ToClient] {
            if self.is_hopeless(direction, hole, run.time, crowded) {
                self.hole = None;
                self.jump(direction, run, sink);
            }
        }
    }

    fn is_hopeless(
        &mut self,
        direction: Direction,
        hole: Hole,
        now: Timestamp,
        crowded: bool,
    ) -> bool {
        let waited = now.since(hole.since);
        let stream = self.stream(direction);
        if stream.hole().is_none() {
            return false;
        }
        let received = stream.is_acknowledged_beyond()
            && (hole.segments > PATIENCE_SEGMENTS || waited > PATIENCE_NANOS);
        received
            || crowded
            || stream.early_bytes() > Budget::EARLY_BYTES_PER_STREAM
            || stream.early_pieces() > EARLY_PIECES
            || waited > HOLE_NANOS
    }

    fn jump(&mut self, direction: Direction, run: Run, sink: &mut impl Sink<T>) {
        if let Some(missing) = self.stream(direction).hole() {
            let gap = Gap {
                missing,
                cut_in: None,
                seen_in: run,
            };
            self.pass(direction, gap, sink);
            self.lend_early(direction, sink);
        }
    }

    fn end_finished(&mut self, sink: &mut impl Sink<T>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            if self.stream(direction).is_finished() {
                self.end(direction, sink);
            }
        }
    }

    fn end(&mut self, direction: Direction, sink: &mut impl Sink<T>) {
        if self.stream(direction).is_ended || self.connection.ignored {
            return;
        }
        if self.is_ahead(direction) {
            self.jump_all(direction.reversed(), sink);
        }
        self.lend_early(direction, sink);
        self.jump_all(direction, sink);
        let (stream, connection) = self.parts(direction);
        stream.lend_last(|ready| sink(connection, Event::End(direction, ready)));
        stream.close();
    }

    /// Gives up every hole of a direction.
    fn jump_all(&mut self, direction: Direction, sink: &mut impl Sink<T>) {
        while !self.connection.ignored
            && let Some(run) = self.stream(direction).behind_hole()
            && self.stream(direction).hole().is_some()
        {
            self.jump(direction, run, sink);
        }
    }

    fn parts(&mut self, direction: Direction) -> (&mut Stream, &mut Connection<T>) {
        let stream = match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        (stream, &mut self.connection)
    }
}

/// Whether `now` is so much later than `last` that a copy was sent again by its sender.
fn is_new(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.since(last) >= RETRANSMISSION_NANOS)
}
