//! One direction of a connection, message by message.
//!
//! Never takes what follows a gap for a message unless it begins like one.

use crate::hide::{Hider, Kind, Piece, be16, part, smb, tls, zero};
use crate::wire::ldap;

/// A longer message of a KDC is none.
const LONGEST: usize = 1 << 20;

/// Gives the length of the message at the front of some bytes.
type Length = fn(&[u8]) -> Option<usize>;
type Edit<'e, 'n> = &'e mut dyn FnMut(&mut Hider<'n>, &mut [u8]);

/// Edits all pieces of a direction.
pub(super) fn edit(hider: &mut Hider<'_>, kind: Option<Kind>, pieces: &mut [Piece]) {
    match kind {
        Some(Kind::Http) => hider.http(pieces),
        Some(Kind::Kerberos) => framed(hider, pieces, kerberos_len, &mut |hider, bytes| {
            hider.der(part(bytes, 4, usize::MAX));
        }),
        Some(Kind::Dns) => framed(hider, pieces, dns_len, &mut |hider, bytes| {
            hider.dns(part(bytes, 2, usize::MAX));
        }),
        Some(Kind::Ldap) => framed(hider, pieces, ldap_len, &mut |hider, bytes| {
            hider.der(bytes);
        }),
        Some(Kind::Smb) => framed(hider, pieces, smb::smb_len, &mut |hider, bytes| {
            hider.smb(bytes);
        }),
        Some(Kind::Tls) => framed(hider, pieces, tls::record_len, &mut |hider, bytes| {
            hider.tls(bytes);
        }),
        Some(Kind::Tds) => hider.tds(pieces),
        Some(Kind::Nbns | Kind::Ntp | Kind::Dhcp) | None => {
            for piece in pieces {
                piece.bytes.fill(0);
            }
        }
    }
}

/// Messages that say how long they are.
fn framed<'n>(hider: &mut Hider<'n>, pieces: &mut [Piece], length: Length, edit: Edit<'_, 'n>) {
    let mut next = i64::MIN;
    for piece in pieces {
        let bytes = piece.bytes.as_mut_slice();
        let mut at = behind(piece.offset, next, bytes.len());
        zero(bytes, 0, at);
        while at < bytes.len() {
            let rest = part(bytes, at, usize::MAX);
            let Some(len) = length(rest).filter(|len| *len > 0) else {
                rest.fill(0);
                at = bytes.len();
                break;
            };
            edit(hider, part(rest, 0, len));
            at = at.saturating_add(len);
        }
        next = piece.offset.saturating_add_unsigned(at as u64);
    }
}

/// How much of a piece at `offset` belongs to a message that ends at `next`.
pub(super) fn behind(offset: i64, next: i64, len: usize) -> usize {
    let skip = next.saturating_sub(offset).max(0);
    usize::try_from(skip).unwrap_or(usize::MAX).min(len)
}

fn kerberos_len(bytes: &[u8]) -> Option<usize> {
    let len = be16(bytes, 0)? << 16 | be16(bytes, 2)?;
    let is_message = bytes.get(4).is_none_or(|tag| matches!(tag, 0x60..=0x7f));
    (is_message && len <= LONGEST).then_some(len + 4)
}

fn dns_len(bytes: &[u8]) -> Option<usize> {
    Some(be16(bytes, 0)? + 2)
}

fn ldap_len(bytes: &[u8]) -> Option<usize> {
    ldap::is_message(bytes).then(|| ldap::message_len(bytes))?
}
