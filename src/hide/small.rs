//! Messages of which only a clock is wanted.
//!
//! Never keeps a signature.

use crate::hide::{be16, le16, zero};

const NTP: usize = 48;
/// An SMB message begins behind the four bytes of its session.
const SESSION: usize = 4;

/// Edits a question about the time, or its answer: whom the server follows is an address.
pub(super) fn ntp(bytes: &mut [u8]) {
    zero(bytes, 12, 16);
    zero(bytes, NTP, usize::MAX);
}

/// The length of the message at the front of a stream, its session's header included.
pub(super) fn smb_len(bytes: &[u8]) -> Option<usize> {
    (bytes.first() == Some(&0)).then_some(())?;
    let high = usize::from(*bytes.get(1)?) << 16;
    Some(SESSION + high + be16(bytes, 2)?)
}

/// Edits a message of SMB: of an answer to a negotiation the dialect and the clock stay.
pub(super) fn smb(bytes: &mut [u8]) {
    let Some(message) = bytes.get_mut(SESSION..) else {
        return;
    };
    match message.get(..5) {
        Some([0xff, b'S', b'M', b'B', 0x72]) => {
            zero(message, 14, 22);
            let fixed = if message.get(32) == Some(&17) {
                32 + 35
            } else {
                32
            };
            let count = le16(message, fixed).unwrap_or(0);
            let is_answer = message.get(9).is_some_and(|flags| flags & 0x80 != 0);
            if is_answer && count > 0 {
                zero(message, fixed + 2, usize::MAX);
            } else if !is_answer {
                zero(message, 0, usize::MAX);
            }
        }
        Some([0xfe, b'S', b'M', b'B', 64]) if is_negotiate_answer(message) => {
            zero(message, 48, 64);
            zero(message, 64 + 8, 64 + 24);
            // No token and no context is left.
            zero(message, 64 + 6, 64 + 8);
            zero(message, 64 + 56, usize::MAX);
        }
        _ => message.fill(0),
    }
}

fn is_negotiate_answer(message: &[u8]) -> bool {
    le16(message, 12) == Some(0)
        && message.get(16).is_some_and(|flags| flags & 1 != 0)
        && le16(message, 64) == Some(65)
}
