//! Kerberos over TCP (RFC 4120 section 7.2.2): a length of four bytes, then a message.
//!
//! Never asks the port: a message proves itself by its application tag, its lengths and its version.

use crate::dissect::Probe;
use crate::dissect::message::MessageBody;
use crate::dissect::records::Format;
use crate::endpoint::Direction;
use crate::limits::Budget;
use crate::wire::kerberos;

/// So many bytes of a message show its application tag, its sequence and its version.
const OUTLINE: usize = 20;
/// So many show the tag and the sequence: enough where there are no more.
const HEADERS: usize = 8;

/// Records of Kerberos.
pub(super) static FORMAT: Format = Format {
    prefix: 4,
    lengths: OUTLINE..=Budget::KERBEROS_MESSAGE,
    probe,
    decode: |bytes| kerberos::decode(bytes).map(|message| Some(MessageBody::Kerberos(message))),
};

/// Whether a stream begins with a record that holds a Kerberos message.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    probe_with(bytes, OUTLINE)
}

/// The same for bytes behind which none are there.
pub(super) fn probe_last(bytes: &[u8]) -> Probe {
    probe_with(bytes, HEADERS)
}

fn probe_with(bytes: &[u8], enough: usize) -> Probe {
    let Some(len) = FORMAT.len(bytes) else {
        let may_grow = bytes.first().is_none_or(|&high| high == 0);
        return if may_grow {
            Probe::Unsure
        } else {
            Probe::NotMine
        };
    };
    if !FORMAT.lengths.contains(&len) {
        return Probe::NotMine;
    }
    let message = bytes.get(FORMAT.prefix..).unwrap_or_default();
    match kerberos::outline(message) {
        Some(outline) if outline.len <= len && message.len() >= enough => Probe::Certain,
        Some(_) if message.len() < enough => Probe::Unsure,
        None if message.len() < HEADERS && message.first().is_none_or(|tag| tag & 0xe0 == 0x60) => {
            Probe::Unsure
        }
        _ => Probe::NotMine,
    }
}

/// Where a record's message goes: a request (AS-REQ 10, TGS-REQ 12, AP-REQ 14) to the KDC, anything else from it.
pub(super) fn direction(bytes: &[u8]) -> Option<Direction> {
    let outline = kerberos::outline(bytes.get(FORMAT.prefix..)?)?;
    Some(match outline.tag {
        10 | 12 | 14 => Direction::ToServer,
        _ => Direction::ToClient,
    })
}
