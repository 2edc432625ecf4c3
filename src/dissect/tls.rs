//! TLS: the ClientHello, and nothing after it.
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

/// A TLS connection whose ClientHello is awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct TlsConversation;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match tls::looks_like_tls(bytes) {
        Some(true) => Probe::Certain,
        Some(false) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

impl TlsConversation {
    /// Takes the ClientHello; says whether nothing more is wanted.
    pub(super) fn bytes(
        self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        let whole = tls::record_len(ready.bytes()).is_some_and(|len| ready.bytes().len() >= len);
        if whole {
            hello(line, direction, ready, None, out);
        }
        whole
    }

    /// Takes what is there of a ClientHello that was cut.
    pub(super) fn last(
        self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        hello(line, direction, ready, Some(Loss::Missed), out);
    }
}

fn hello(
    line: Line,
    direction: Direction,
    ready: &mut Ready<'_>,
    loss: Option<Loss>,
    out: &mut Out<'_>,
) {
    let len = tls::record_len(ready.bytes()).unwrap_or(usize::MAX);
    let hello = tls::decode(ready.bytes());
    let mut frames = FrameList::default();
    ready.take(len, &mut frames);
    if let Ok(hello) = hello {
        out.message(
            line.envelope(direction, frames, loss),
            MessageBody::TlsClientHello(hello),
        );
    }
}
