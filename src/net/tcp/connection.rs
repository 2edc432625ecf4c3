//! One TCP connection: both directions, how it began and how it ended.

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

impl<T> Connection<T> {
    /// Nobody wants its bytes: from now on only [`Signal`]s are told, and nothing is buffered.
    pub fn ignore(&mut self) {
        self.ignored = true;
    }
}

/// What a segment told about its connection.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something happened to the connection itself, in the frame of the run.
    Signal(Signal, Run),
    /// Bytes of one direction are ready, in order.
    Bytes(Direction, Ready<'a>),
    /// Bytes of one direction are not in the capture; what is ready next comes after them.
    Gap(Direction, Gap),
    /// No more bytes will come in this direction: FIN reached in order, reset, ports reused, silence or the end of the capture.
    End(Direction),
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
    /// The client sends the same bytes again, because nobody acknowledged them. A copy with the same IP identification
    /// (mirror port) is not a retransmission.
    ClientRetransmits,
}
