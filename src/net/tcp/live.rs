//! A connection that somebody reads: how it begins, what is acknowledged and how it ends.
//!
//! Never believes that a copy which the capture made was sent twice.

use crate::endpoint::{ConnectionId, Direction, Endpoint};
use crate::limits::Budget;
use crate::net::packet::{Origin, TcpFlags, TcpSegment};
use crate::net::provenance::Run;
use crate::net::tcp::connection::{Connection, Event, Signal, Sink};
use crate::net::tcp::copies::{Copies, Trace};
use crate::net::tcp::places::End;
use crate::net::tcp::stream::Stream;

/// Bytes of one direction that wait to be taken: no message is longer.
const KEPT_BYTES: usize = Budget::KERBEROS_MESSAGE + 4;
/// The same while all connections together hold too much: the head of a message with a small ticket.
const KEPT_BYTES_IN_A_CROWD: usize = 4 << 10;

/// A connection with its streams.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells whether one event of RFC 9293 was seen, and they come in any combination"
)]
pub(super) struct Live<T> {
    pub(super) connection: Connection<T>,
    pub(super) to_server: Stream,
    pub(super) to_client: Stream,
    /// Which end of its pair the client is.
    client: End,
    last_syn: Option<Trace>,
    /// What the client has sent last.
    pub(super) said: Copies,
    closed_by_client: bool,
    closed_by_server: bool,
    answered_syn: bool,
    /// Whether all that the client has sent is acknowledged, and that was told or went without saying.
    pub(super) is_request_acknowledged: bool,
    pub(super) is_reset: bool,
    /// Whether it was given up although somebody wanted it: it held too much.
    pub(super) is_given_up: bool,
}

impl<T: Default> Live<T> {
    /// A connection between `client`, which is `end` of the pair, and `server`.
    pub(super) fn new(id: ConnectionId, client: Endpoint, server: Endpoint, end: End) -> Self {
        Self {
            connection: Connection::new(id, client, server),
            to_server: Stream::default(),
            to_client: Stream::default(),
            client: end,
            last_syn: None,
            said: Copies::default(),
            closed_by_client: false,
            closed_by_server: false,
            answered_syn: false,
            is_request_acknowledged: false,
            is_reset: false,
            is_given_up: false,
        }
    }
}

impl<T> Live<T> {
    fn direction(&self, from: End) -> Direction {
        if from == self.client {
            Direction::ToServer
        } else {
            Direction::ToClient
        }
    }

    /// Whether `segment` belongs to another connection between the same ports: a SYN with another number or after a reset, an
    /// answer to another SYN, or bytes that are out of reach of any window.
    pub(super) fn is_another(&self, from: End, segment: &TcpSegment<'_>, run: Run) -> bool {
        let direction = self.direction(from);
        let (mine, other) = match direction {
            Direction::ToServer => (&self.to_server, &self.to_client),
            Direction::ToClient => (&self.to_client, &self.to_server),
        };
        let first = segment.sequence.wrapping_add(1);
        if segment.flags.has(TcpFlags::SYN) && segment.flags.has(TcpFlags::ACK) {
            let answers = other.begins_with(segment.acknowledgment);
            mine.has_begun() && !mine.begins_with(first) && other.has_begun() && !answers
        } else if segment.flags.has(TcpFlags::SYN) {
            let is_copy = self
                .last_syn
                .is_some_and(|last| last.is_copied_by(segment, run));
            !mine.begins_with(first) || (self.is_reset && !is_copy)
        } else {
            let bytes = segment.payload.len() + segment.cut;
            bytes > 0 && mine.is_elsewhere(segment.sequence)
        }
    }

    /// The number of the SYN that began it.
    pub(super) fn begins_after(&self) -> Option<u32> {
        Some(self.to_server.first()?.wrapping_sub(1))
    }

    /// Bytes that are held in both directions.
    pub(super) fn held_bytes(&self) -> usize {
        self.to_server.early_bytes()
            + self.to_client.early_bytes()
            + self.to_server.kept_bytes()
            + self.to_client.kept_bytes()
    }

    /// Whether nothing can be told of it any more: it was reset, or both sides have ended. After a refusal the client may try
    /// again.
    pub(super) const fn is_done(&self) -> bool {
        self.is_over() && (self.answered_syn || !self.is_reset)
    }

    /// Whether it was reset, or both sides have ended.
    pub(super) const fn is_over(&self) -> bool {
        self.is_reset || (self.to_server.is_ended && self.to_client.is_ended)
    }

    /// Takes in a segment. `crowded`: all connections together hold too many bytes.
    pub(super) fn segment(
        &mut self,
        from: End,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        crowded: bool,
        sink: &mut impl Sink<T>,
    ) {
        let Some(&run) = origin.last() else {
            return;
        };
        let direction = self.direction(from);
        if segment.flags.has(TcpFlags::SYN) {
            self.handshake(direction, segment, run, sink);
        }
        if segment.flags.has(TcpFlags::RST) {
            self.reset(direction, segment, run, sink);
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
        if !(self.to_server.is_smooth() && self.to_client.is_smooth()) {
            self.lend_early(sink);
            self.give_up_holes(run.time, crowded, sink);
            self.end_finished(sink);
        }
        self.keep_to_budget(crowded, sink);
    }

    /// The connection is over: everything that is still held is given, and both directions end.
    pub(super) fn finish(&mut self, sink: &mut impl Sink<T>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            self.end(direction, sink);
        }
    }

    pub(super) fn stream(&mut self, direction: Direction) -> &mut Stream {
        self.parts(direction).0
    }

    pub(super) fn parts(&mut self, direction: Direction) -> (&mut Stream, &mut Connection<T>) {
        let stream = match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        (stream, &mut self.connection)
    }

    pub(super) fn tell(&mut self, signal: Signal, run: Run, sink: &mut impl Sink<T>) {
        sink(&mut self.connection, Event::Signal(signal, run));
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
                self.tell(Signal::SynAck, run, sink);
            }
            return;
        }
        let last = self.last_syn.replace(Trace::of(segment, run));
        if !last.is_some_and(|last| last.is_copied_by(segment, run)) {
            self.tell(Signal::Syn, run, sink);
        }
    }

    fn reset(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        if !self.is_reset {
            self.is_reset = true;
            self.tell(Signal::Reset(direction), run, sink);
            self.stream(direction).reset_at(segment.sequence, run);
            self.finish(sink);
        }
    }

    /// An acknowledgement that goes in `direction` is about the bytes of the other one.
    fn acknowledge(
        &mut self,
        direction: Direction,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        let saw_start = self.connection.saw_start;
        let begins = saw_start && self.stream(direction).begins_with(segment.sequence);
        let other = self.stream(direction.reversed());
        if begins {
            // The answer to the SYN may be lost, or come late: whoever has said nothing yet was told nothing yet.
            other.begin(segment.acknowledgment);
        }
        if segment.flags.has(TcpFlags::SYN)
            || !other.has_begun()
            || other.is_elsewhere(segment.acknowledgment)
        {
            return;
        }
        other.acknowledge(segment.acknowledgment, run);
        if saw_start && direction == Direction::ToClient && !self.answered_syn {
            self.answered_syn = true;
            self.tell(Signal::SynAck, run, sink);
        }
        if direction == Direction::ToClient
            && !self.is_request_acknowledged
            && self.to_server.is_all_acknowledged()
        {
            self.is_request_acknowledged = true;
            if segment.payload.is_empty() && segment.cut == 0 {
                self.tell(Signal::RequestAcknowledged, run, sink);
            }
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
        if stream.is_elsewhere(segment.sequence) {
            return;
        }
        let end = stream.offset(segment.sequence) + total;
        stream.finish_at(end, run);
        let closed = match direction {
            Direction::ToServer => &mut self.closed_by_client,
            Direction::ToClient => &mut self.closed_by_server,
        };
        if !std::mem::replace(closed, true) {
            self.tell(Signal::Closed(direction), run, sink);
        }
    }

    fn end_finished(&mut self, sink: &mut impl Sink<T>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            if self.stream(direction).is_finished() && !self.is_ahead(direction) {
                self.end(direction, sink);
            }
        }
    }

    fn end(&mut self, direction: Direction, sink: &mut impl Sink<T>) {
        if self.stream(direction).is_ended || self.connection.is_ignored() {
            return;
        }
        if self.is_ahead(direction) {
            self.jump_all(direction.reversed(), sink);
        }
        self.jump_all(direction, sink);
        if self.connection.is_ignored() {
            return;
        }
        let (stream, connection) = self.parts(direction);
        stream.lend_last(|ready| sink(connection, Event::End(direction, ready)));
        stream.close();
    }

    /// A reader that takes nothing, or a crowd of unfinished messages, must not fill the memory: what was kept is given a last
    /// time.
    fn keep_to_budget(&mut self, crowded: bool, sink: &mut impl Sink<T>) {
        let limit = if crowded {
            KEPT_BYTES_IN_A_CROWD
        } else {
            KEPT_BYTES
        };
        let kept = self.to_server.kept_bytes().max(self.to_client.kept_bytes());
        if kept > limit && !self.connection.is_ignored() {
            self.is_given_up = true;
            self.finish(sink);
            self.connection.ignore();
        }
    }
}
