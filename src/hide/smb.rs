//! How an SMB session begins.
//!
//! Never keeps a signature, nor anything that is done in a session.

use crate::hide::{Hider, be16, le16, part, zero};

/// An SMB message begins behind the four bytes of its session.
const SESSION: usize = 4;

/// The length of the message at the front of a stream, its session's header included.
pub(super) fn smb_len(bytes: &[u8]) -> Option<usize> {
    (bytes.first() == Some(&0)).then_some(())?;
    let high = usize::from(*bytes.get(1)?) << 16;
    Some(SESSION + high + be16(bytes, 2)?)
}

impl Hider<'_> {
    /// Edits a message of SMB: of an answer to a negotiation the dialect and the clock stay, of a session's setup the status and
    /// the names in its token.
    pub(super) fn smb(&mut self, bytes: &mut [u8]) {
        let Some(message) = bytes.get_mut(SESSION..) else {
            return;
        };
        match message.get(..5) {
            Some([0xff, b'S', b'M', b'B', 0x72]) => version_1(message),
            Some([0xfe, b'S', b'M', b'B', 64]) if is_negotiate_answer(message) => {
                zero(message, 48, 64);
                zero(message, 64 + 8, 64 + 24);
                // No token and no context is left.
                zero(message, 64 + 6, 64 + 8);
                zero(message, 64 + 56, usize::MAX);
            }
            Some([0xfe, b'S', b'M', b'B', 64]) if le16(message, 12) == Some(1) => {
                self.setup(message);
            }
            _ => message.fill(0),
        }
    }

    fn setup(&mut self, message: &mut [u8]) {
        let is_answer = message.get(16).is_some_and(|flags| flags & 1 != 0);
        let place = 64 + if is_answer { 4 } else { 12 };
        let (at, len) = (le16(message, place), le16(message, place + 2));
        let fixed = place + 4;
        // The session and the signature, and one that was before.
        zero(message, 40, 64);
        let Some((at, len)) = at.zip(len).filter(|(at, _)| *at >= fixed) else {
            return zero(message, fixed, usize::MAX);
        };
        zero(message, fixed, at);
        self.token(part(message, at, at + len));
        zero(message, at + len, usize::MAX);
    }
}

fn version_1(message: &mut [u8]) {
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

fn is_negotiate_answer(message: &[u8]) -> bool {
    le16(message, 12) == Some(0)
        && message.get(16).is_some_and(|flags| flags & 1 != 0)
        && le16(message, 64) == Some(65)
}
