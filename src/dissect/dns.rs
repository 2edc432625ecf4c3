//! DNS over TCP (RFC 7766): a length of two bytes, then a message.
//!
//! Never looks for DNS on other ports than its own: nothing in a message proves it.

use crate::dissect::Probe;
use crate::dissect::message::MessageBody;
use crate::dissect::records::Format;
use crate::endpoint::Direction;
use crate::wire::dns;
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// The port of DNS.
pub(super) const PORT: u16 = 53;

/// A message's header (RFC 1035 section 4.1.1).
const HEADER: usize = 12;

/// Records of DNS.
pub(super) static FORMAT: Format = Format {
    prefix: 2,
    lengths: HEADER..=u16::MAX as usize,
    probe,
    decode,
};

/// Whether the bytes behind a length are a lookup or an answer to one, as far as they go.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match bytes.get(FORMAT.prefix..).map(dns::decode) {
        Some(Ok(_)) => Probe::Certain,
        Some(Err(DecodeError {
            kind: DecodeErrorKind::Malformed,
            ..
        })) => Probe::NotMine,
        Some(Err(_)) | None => Probe::Unsure,
    }
}

/// What a message says; `None` for an update and other things that look up no name.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<MessageBody>, DecodeError> {
    if bytes.len() >= HEADER && !dns::is_lookup(bytes) {
        return Ok(None);
    }
    dns::decode(bytes).map(|message| Some(MessageBody::Dns(message)))
}

/// Where a record's message goes.
pub(super) fn direction(bytes: &[u8]) -> Option<Direction> {
    let flags = bytes.get(FORMAT.prefix + 2)?;
    Some(if flags & 0x80 == 0 {
        Direction::ToServer
    } else {
        Direction::ToClient
    })
}
