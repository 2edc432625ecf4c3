//! Kerberos version 5 (RFC 4120, RFC 6806, MS-KILE): messages, names, numbers.
//!
//! Never decrypts, and keeps no cipher: of a ticket remain its names, its length and a digest.

pub(in crate::wire) mod adapter;
#[cfg(test)]
mod agreement;
mod e_data;
pub mod error_code;
pub mod etype;
mod fields;
pub mod message;
pub mod mit_words;
pub mod name;
pub mod number;
pub mod options;
mod outline;
pub mod padata;

pub use outline::{Outline, outline};

use crate::wire::der;
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// Decodes the message at the front of `bytes`.
///
/// Messages that are whole and sound go through `kerberos_asn1`. What that refuses, for one odd field, and what was cut by
/// a snap length is read field by field: what stands before the cut is given.
///
/// # Errors
///
/// [`DecodeError`] where `bytes` do not begin a Kerberos message, or begin an error and end before its code.
pub fn decode(bytes: &[u8]) -> Result<KerberosMessage, DecodeError> {
    let error = |offset, kind| DecodeError {
        reading: "Kerberos message",
        offset,
        kind,
    };
    let outline = outline(bytes).ok_or(error(0, DecodeErrorKind::Malformed))?;
    let whole = der::is_sound(bytes)
        .then(|| adapter::decode(bytes))
        .flatten();
    whole
        .or_else(|| fields::decode(bytes))
        .ok_or(if bytes.len() < outline.len {
            error(bytes.len(), DecodeErrorKind::Truncated)
        } else {
            error(0, DecodeErrorKind::Malformed)
        })
}
