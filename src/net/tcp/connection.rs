//! What the reader of a connection sees of it: the connection, and what happens to it.
//!
//! Never knows how segments become ordered bytes.

use crate::endpoint::{ConnectionId, Direction, Endpoint};
use crate::net::provenance::Run;
use crate::net::tcp::stream::Ready;

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

impl<T: Default> Connection<T> {
    /// A connection of which nothing is known yet but its ends.
    pub(super) fn new(id: ConnectionId, client: Endpoint, server: Endpoint) -> Self {
        Self {
            id,
            client,
            server,
            saw_start: false,
            state: T::default(),
            ignored: false,
        }
    }
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
    /// The answer to it, or where the capture lacks that, the server's first segment.
    SynAck,
    /// A RST sent in this direction.
    Reset(Direction),
    /// The first FIN in this direction.
    Closed(Direction),
    /// The server acknowledged, for the first time, all that the client has sent so far, and sent no bytes with it.
    RequestAcknowledged,
    /// The client sends the same bytes again, because nobody acknowledged them. A copy with the same IP identification, or one
    /// that follows at once, is a duplicate of the capture.
    ClientRetransmits,
}

/// Who is told what happened.
pub(super) trait Sink<T>: FnMut(&mut Connection<T>, Event<'_, '_>) {}
impl<T, F: FnMut(&mut Connection<T>, Event<'_, '_>)> Sink<T> for F {}
