//! Questions about the time, and their answers.
//!
//! Never keeps a signature.

use crate::hide::zero;

const NTP: usize = 48;

/// Edits a question about the time, or its answer: whom the server follows is an address.
pub(super) fn ntp(bytes: &mut [u8]) {
    zero(bytes, 12, 16);
    zero(bytes, NTP, usize::MAX);
}
