//! TLS: the `ClientHello`, and nothing after it.
//!
//! Never reads encrypted bytes.

use crate::dissect::Probe;
use crate::dissect::conversation::Line;
use crate::dissect::message::{Loss, MessageBody};
use crate::dissect::outlet::Out;
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::tls;

/// A TLS connection: its `ClientHello` is awaited, then the first bytes in answer to it, or their absence.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TlsConversation {
    is_told: bool,
}

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match tls::looks_like_tls(bytes) {
        Some(true) => Probe::Certain,
        Some(false) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

/// Where a hello goes.
pub(super) fn direction(bytes: &[u8]) -> Option<Direction> {
    tls::is_client_hello(bytes).map(|is_client| {
        if is_client {
            Direction::ToServer
        } else {
            Direction::ToClient
        }
    })
}

impl TlsConversation {
    /// Takes the `ClientHello`; says whether nothing more is wanted.
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        if self.is_told || direction == Direction::ToClient {
            ready.take(usize::MAX, &mut FrameList::default());
            return true;
        }
        if let Some(len) = tls::hello_len(ready.bytes()) {
            self.tell(line, ready, len, None, out);
        }
        false
    }

    /// Takes what is there of a `ClientHello` that was cut.
    pub(super) fn last(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        loss: Loss,
        out: &mut Out<'_>,
    ) {
        if !self.is_told && direction == Direction::ToServer && !ready.bytes().is_empty() {
            self.tell(line, ready, usize::MAX, Some(loss), out);
        }
    }

    fn tell(
        &mut self,
        line: Line,
        ready: &mut Ready<'_>,
        len: usize,
        loss: Option<Loss>,
        out: &mut Out<'_>,
    ) {
        self.is_told = true;
        let hello = tls::decode(ready.bytes());
        let mut frames = FrameList::default();
        ready.take(len, &mut frames);
        out.decoded(
            line.envelope(Direction::ToServer, frames, loss),
            hello.map(|hello| Some(MessageBody::TlsClientHello(hello))),
        );
    }
}
