//! Whether a key opens what is encrypted with `aes128-cts-hmac-sha256-128` or `aes256-cts-hmac-sha384-192` (RFC 8009).
//!
//! Never decrypts: the checksum of these types is over the cipher text.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384};

use crate::keys::TICKET;

/// The state that each message begins with, which the checksum is over too.
const NO_STATE: [u8; 16] = [0; 16];

pub(super) fn opens_128(key: &[u8], cipher: &[u8]) -> bool {
    key.len() == 16 && opens::<Sha256>(key, cipher, 16).unwrap_or(false)
}

pub(super) fn opens_256(key: &[u8], cipher: &[u8]) -> bool {
    key.len() == 32 && opens::<Sha384>(key, cipher, 24).unwrap_or(false)
}

/// `len` is that of the checksum, and of the key for it. `None` where the cipher text has no length that can be.
fn opens<H: EagerHash>(key: &[u8], cipher: &[u8], len: usize) -> Option<bool>
where
    Hmac<H>: KeyInit + Mac,
{
    let (hidden, checksum) = cipher.split_at_checked(cipher.len().checked_sub(len)?)?;
    let mut mac = keyed::<H>(&derived::<H>(key, len)?)?;
    mac.update(&NO_STATE);
    mac.update(hidden);
    Some(mac.verify_truncated_left(checksum).is_ok())
}

/// The key for the checksum of tickets (RFC 8009 section 3), `len` bytes long.
fn derived<H: EagerHash>(key: &[u8], len: usize) -> Option<Vec<u8>>
where
    Hmac<H>: KeyInit + Mac,
{
    let bits = u32::try_from(8 * len).ok()?;
    let mut mac = keyed::<H>(key)?;
    mac.update(&1_u32.to_be_bytes());
    mac.update(&TICKET.to_be_bytes());
    mac.update(&[0x55, 0]);
    mac.update(&bits.to_be_bytes());
    let derived = mac.finalize().into_bytes();
    derived.get(..len).map(<[u8]>::to_vec)
}

fn keyed<H: EagerHash>(key: &[u8]) -> Option<Hmac<H>>
where
    Hmac<H>: KeyInit,
{
    Hmac::<H>::new_from_slice(key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(digits: &str) -> Vec<u8> {
        let digits: Vec<char> = digits
            .chars()
            .filter(|digit| !digit.is_whitespace())
            .collect();
        let pairs = digits.chunks_exact(2).map(String::from_iter);
        pairs
            .map(|pair| u8::from_str_radix(&pair, 16).unwrap())
            .collect()
    }

    /// RFC 8009 appendix A: the encryptions of nothing, which are for use 2, and the keys from which those are derived.
    #[test]
    fn the_key_of_the_standard_opens_its_example_and_no_other_does() {
        let key = bytes("3705D960 80C17728 A0E800EA B6E0D23C");
        let cipher =
            bytes("EF85FB89 0BB8472F 4DAB2039 4DCA781D AD877EDA 39D50C87 0C0D5A0A 8E48C718");
        assert!(opens_128(&key, &cipher));
        let long_key =
            bytes("6D404D37 FAF79F9D F0D33568 D3206698 00EB4836 472EA8A0 26D16B71 82460C52");
        let long_cipher = bytes(
            "41F53FA5 BFE7026D 91FAF9BE 959195A0 58707273 A96A40F0 A0196062 1AC61274 8B9BBFBE 7EB4CE3C",
        );
        assert!(opens_256(&long_key, &long_cipher));
        assert!(!opens_128(&key, &long_cipher) && !opens_256(&long_key, &cipher));
        for at in 0..cipher.len() {
            let mut other = cipher.clone();
            other[at] ^= 1;
            assert!(!opens_128(&key, &other), "{at}");
            assert!(!opens_128(&key, &cipher[..at]), "{at}");
        }
    }
}
