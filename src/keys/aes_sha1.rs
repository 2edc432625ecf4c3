//! Whether a key opens what is encrypted with `aes128-cts-hmac-sha1-96` or `aes256-cts-hmac-sha1-96` (RFC 3962).
//!
//! Never looks at what it has decrypted, but for its checksum.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, consts::U16};
use aes::{Aes128, Aes256};
use cts::cipher::{BlockSizeUser, InnerIvInit};
use cts::{CbcCs3, Decrypt};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::keys::TICKET;

/// The length of a block of AES, to which the constants of keys are folded.
const BLOCK: usize = 16;
/// The length of the checksum at the end.
const CHECKSUM: usize = 12;

pub(super) fn opens_128(key: &[u8], cipher: &[u8]) -> bool {
    opens::<Aes128>(key, cipher).unwrap_or(false)
}

pub(super) fn opens_256(key: &[u8], cipher: &[u8]) -> bool {
    opens::<Aes256>(key, cipher).unwrap_or(false)
}

/// `None` where the key or the cipher text has no length that can be.
fn opens<C>(key: &[u8], cipher: &[u8]) -> Option<bool>
where
    C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16>,
{
    let (hidden, checksum) = cipher.split_at_checked(cipher.len().checked_sub(CHECKSUM)?)?;
    let mut plain = hidden.to_vec();
    let encryption = C::new_from_slice(&derived::<C>(key, 0xaa)?).ok()?;
    CbcCs3::inner_iv_init(encryption, &Array::default())
        .decrypt(&mut plain)
        .ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&derived::<C>(key, 0x55)?).ok()?;
    mac.update(&plain);
    Some(mac.verify_truncated_left(checksum).is_ok())
}

/// The key for one purpose with tickets (RFC 3961 section 5.3): 0xAA to encrypt, 0x55 for the checksum.
fn derived<C>(key: &[u8], purpose: u8) -> Option<Vec<u8>>
where
    C: KeyInit + BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    let cipher = C::new_from_slice(key).ok()?;
    let [a, b, c, d] = TICKET.to_be_bytes();
    let mut block = Array::from(n_fold(&[a, b, c, d, purpose]));
    let mut derived = Vec::with_capacity(key.len() + BLOCK);
    while derived.len() < key.len() {
        cipher.encrypt_block(&mut block);
        derived.extend_from_slice(&block);
    }
    derived.truncate(key.len());
    Some(derived)
}

/// `N` bytes in which each bit of `input` counts (RFC 3961 section 5.1): copies of it, each turned by 13 bits more than the one before,
/// are written one behind the other until they fill a multiple of `N`, and its pieces are added with the carry going round.
fn n_fold<const N: usize>(input: &[u8]) -> [u8; N] {
    let bits = 8 * input.len();
    let turned = |at: usize| {
        let copy = at / bits;
        let from = (at + bits - (13 * copy) % bits) % bits;
        input
            .get(from / 8)
            .is_some_and(|byte| byte & (0x80 >> (from % 8)) != 0)
    };
    let byte_at =
        |at: usize| (0..8).fold(0_u8, |byte, bit| byte << 1 | u8::from(turned(8 * at + bit)));
    let len = lowest_common_multiple(input.len(), N);
    let mut sum = [0_u8; N];
    for piece in (0..len).step_by(N) {
        let mut carry = 0;
        for (place, byte) in sum.iter_mut().enumerate().rev() {
            carry = add(byte, byte_at(piece + place), carry);
        }
        while carry != 0 {
            for byte in sum.iter_mut().rev() {
                carry = add(byte, 0, carry);
            }
        }
    }
    sum
}

/// Adds to `byte`, and gives the carry.
fn add(byte: &mut u8, other: u8, carry: u8) -> u8 {
    let [high, low] = (u16::from(*byte) + u16::from(other) + u16::from(carry)).to_be_bytes();
    *byte = low;
    high
}

fn lowest_common_multiple(a: usize, b: usize) -> usize {
    (1..=b)
        .map(|times| times * a)
        .find(|it| it % b == 0)
        .unwrap_or(a * b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hexadecimal;

    /// RFC 3961 appendix A.1.
    #[test]
    fn texts_are_folded_as_the_standard_shows() {
        assert_eq!(hexadecimal(&n_fold::<8>(b"012345")), "be072631276b1955");
        assert_eq!(hexadecimal(&n_fold::<7>(b"password")), "78a07b6caf85fa");
        assert_eq!(
            hexadecimal(&n_fold::<8>(b"Rough Consensus, and Running Code")),
            "bb6ed30870b7f0e0"
        );
        assert_eq!(
            hexadecimal(&n_fold::<21>(b"password")),
            "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"
        );
        assert_eq!(
            hexadecimal(&n_fold::<24>(b"MASSACHVSETTS INSTITVTE OF TECHNOLOGY")),
            "db3b0d8f0b061e603282b308a50841229ad798fab9540c1b"
        );
        assert_eq!(
            hexadecimal(&n_fold::<16>(b"kerberos")),
            "6b65726265726f737b9b5b2b93132b93"
        );
    }

    #[test]
    fn lengths_that_cannot_be_open_nothing() {
        for len in [0, 11, 12, 27, 28, 60] {
            for key in [0, 15, 16, 32] {
                assert!(!opens_128(&vec![7; key], &vec![9; len]));
                assert!(!opens_256(&vec![7; key], &vec![9; len]));
            }
        }
    }
}
