//! Whether it is known where messages begin in one direction of a connection, and what is done where it is not.
//!
//! Never guesses: bytes between messages are passed over until one proves itself.

use crate::dissect::Probe;
use crate::dissect::outlet::Out;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// Says whether a message begins at the front, and sets `in_step` where one proves itself; other bytes are passed over.
pub(super) fn find(in_step: &mut bool, probe: fn(&[u8]) -> Probe, ready: &mut Ready<'_>) -> bool {
    if !*in_step {
        match probe(ready.bytes()) {
            Probe::Certain => *in_step = true,
            Probe::Unsure => {}
            Probe::NotMine => ready.take(usize::MAX, &mut FrameList::default()),
        }
    }
    *in_step
}

/// What stands at the front cannot be a message, as its `reading` shows: it is told, and all that is ready is passed over.
pub(super) fn lose(
    in_step: &mut bool,
    reading: &'static str,
    ready: &mut Ready<'_>,
    out: &mut Out<'_>,
) {
    *in_step = false;
    let mut frames = FrameList::default();
    ready.take(1, &mut frames);
    ready.take(usize::MAX, &mut FrameList::default());
    let error = DecodeError {
        reading,
        offset: 0,
        kind: DecodeErrorKind::Malformed,
    };
    out.unread(&frames, error);
}

/// `bytes` without the empty lines before a message, which are to be ignored (RFC 9112 section 2.2).
pub(super) fn behind_blank_lines(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let first = bytes.iter().position(|byte| !is_blank(byte));
    bytes
        .get(first.unwrap_or(bytes.len())..)
        .unwrap_or_default()
}

/// Takes the empty lines before a message.
pub(super) fn skip_blank_lines(ready: &mut Ready<'_>) {
    let bytes = ready.bytes();
    let blank = bytes.len() - behind_blank_lines(bytes).len();
    if blank > 0 {
        ready.take(blank, &mut FrameList::default());
    }
}
