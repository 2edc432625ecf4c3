//! Whether a key opens what is encrypted with `rc4-hmac` (RFC 4757).
//!
//! Never looks at what it has decrypted, but for its checksum.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use rc4::{Rc4, StreamCipher};

use crate::keys::TICKET;

/// The length of a key, and of the checksum at the beginning.
const LEN: usize = 16;

pub(super) fn opens(key: &[u8], cipher: &[u8]) -> bool {
    key.len() == LEN && opened(key, cipher).unwrap_or(false)
}

/// `None` where the cipher text has no length that can be.
fn opened(key: &[u8], cipher: &[u8]) -> Option<bool> {
    let (checksum, hidden) = cipher.split_at_checked(LEN)?;
    let of_use = digest(key, &TICKET.to_le_bytes())?.finalize().into_bytes();
    let of_message = digest(&of_use, checksum)?.finalize().into_bytes();
    let mut plain = hidden.to_vec();
    Rc4::new_from_slice(&of_message)
        .ok()?
        .try_apply_keystream(&mut plain)
        .ok()?;
    Some(digest(&of_use, &plain)?.verify_slice(checksum).is_ok())
}

fn digest(key: &[u8], bytes: &[u8]) -> Option<Hmac<Md5>> {
    let mut mac = Hmac::<Md5>::new_from_slice(key).ok()?;
    mac.update(bytes);
    Some(mac)
}
