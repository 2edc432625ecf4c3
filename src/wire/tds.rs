//! TDS, with which clients talk to SQL Server: packets, what both sides say of encryption, and the call that stores a
//! registration (MS-TDS).
//!
//! Never reads a login: it holds an account and a password that anybody can decode. Never keeps any other request.

mod places;
mod request;
mod value;

pub use places::{Place, What, places};
pub use request::{call, headers, names_procedure, names_procedure_in_text};

use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// Bytes of the header of a packet (MS-TDS 2.2.3.1).
pub const HEADER: usize = 8;
/// A packet is no longer than this (MS-TDS 2.2.6.4, `PacketSize`).
const LONGEST: usize = 32_767;
/// The last packet of a message.
const END_OF_MESSAGE: u8 = 0x01;
/// Options of a PRELOGIN that are looked at: the specification has nine.
const OPTIONS: usize = 32;
/// The option that says what a side wants of encryption.
const ENCRYPTION: u8 = 0x01;
/// The end of the options.
const TERMINATOR: u8 = 0xff;

/// The type of a message (MS-TDS 2.2.3.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PacketType(pub u8);

impl PacketType {
    /// Statements as text.
    pub const BATCH: Self = Self(0x01);
    /// The call of a procedure.
    pub const RPC: Self = Self(0x03);
    /// An answer of the server.
    pub const ANSWER: Self = Self(0x04);
    /// A login.
    pub const LOGIN: Self = Self(0x10);
    /// What comes before the login, and the handshake of TLS.
    pub const PRELOGIN: Self = Self(0x12);
}

/// The header of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The type of its message.
    pub kind: PacketType,
    /// No packet of the message follows.
    pub is_last: bool,
    /// Bytes of the packet, the header included: `HEADER <= len <= 32767`.
    pub len: usize,
}

/// What a side wants of encryption (MS-TDS 2.2.6.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encryption(pub u8);

impl Encryption {
    /// The login alone.
    pub const OFF: Self = Self(0);
    /// Everything.
    pub const ON: Self = Self(1);
    /// Nothing: it is not able to.
    pub const NOT_SUPPORTED: Self = Self(2);
    /// Everything, or no session.
    pub const REQUIRED: Self = Self(3);

    /// `off`, `on`, `not supported`, `required`.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::OFF => "off",
            Self::ON => "on",
            Self::NOT_SUPPORTED => "not supported",
            Self::REQUIRED => "required",
            _ => return None,
        })
    }

    /// Whether, as the answer of a server, it means that nothing behind it can be read.
    pub const fn hides_all(self) -> bool {
        matches!(self, Self::ON | Self::REQUIRED)
    }
}

/// The header at the front of `bytes`; `None` where there are too few of them, or they are none.
pub fn header(bytes: &[u8]) -> Option<Header> {
    let [kind, status, high, low, _, _, _, _window, ..] = *bytes else {
        return None;
    };
    let len = usize::from(u16::from_be_bytes([high, low]));
    let is_known = matches!(kind, 1..=4 | 6..=8 | 0x0e | 0x10..=0x12);
    (is_known && (HEADER..=LONGEST).contains(&len)).then_some(Header {
        kind: PacketType(kind),
        is_last: status & END_OF_MESSAGE != 0,
        len,
    })
}

/// Bytes of the TLS record at the front of `bytes`: behind the handshake a login stands in one, without a header of TDS.
pub fn tls_record_len(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0x14..=0x17, 3, _, high, low, ..] => {
            Some(5 + usize::from(u16::from_be_bytes([high, low])))
        }
        _ => None,
    }
}

/// Whether a client's conversation may begin with `bytes`, or go on with them; `None` where more of them are needed.
pub fn looks_like_tds(bytes: &[u8]) -> Option<bool> {
    /// Until here a message shows what it is.
    const SHOWN: usize = HEADER + 16;
    let first = bytes.first()?;
    if !matches!(first, 0x01 | 0x03 | 0x10 | 0x12) {
        return Some(false);
    }
    if bytes.len() < SHOWN {
        return (!is_start(bytes)).then_some(false);
    }
    let body = bytes.get(HEADER..).unwrap_or_default();
    let is_body = match PacketType(*first) {
        PacketType::PRELOGIN => matches!(body, [0, 0, _, 0, 6, ..]),
        PacketType::LOGIN => matches!(body, [_, _, _, _, _, _, _, 0x70..=0x74, ..]),
        _ => headers(body).is_some(),
    };
    Some(is_start(bytes) && is_body && header(bytes).is_some())
}

/// Whether the fields of a header that have few values are right as far as they are there.
fn is_start(bytes: &[u8]) -> bool {
    let status = bytes.get(1).is_none_or(|status| status & 0xe0 == 0);
    let len = bytes.get(2).is_none_or(|high| high & 0x80 == 0);
    let window = bytes.get(7).is_none_or(|window| *window == 0);
    status && len && window
}

/// What a PRELOGIN says of encryption; `None` where it says nothing.
///
/// # Errors
///
/// [`DecodeError`] where `bytes`, which stand behind the header, are none.
pub fn encryption(bytes: &[u8]) -> Result<Option<Encryption>, DecodeError> {
    let mut reader = Reader::new(bytes);
    for _ in 0..OPTIONS {
        let token = reader.u8("PRELOGIN option")?;
        if token == TERMINATOR {
            return Ok(None);
        }
        let at = usize::from(reader.u16_be("offset of an option")?);
        reader.u16_be("length of an option")?;
        if token == ENCRYPTION {
            return Ok(bytes.get(at).copied().map(Encryption));
        }
    }
    Err(reader.error("PRELOGIN options", DecodeErrorKind::Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The PRELOGIN of FreeTDS in frame 62 of `tests/data/sql-calls.pcap`.
    const PRELOGIN: &[u8] = &[
        0x12, 0x01, 0x00, 0x34, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x15, 0x00, 0x06, 0x01, 0x00,
        0x1b, 0x00, 0x01, 0x02, 0x00, 0x1c, 0x00, 0x0c, 0x03, 0x00, 0x28, 0x00, 0x04, 0xff, 0x08,
        0x00, 0x01, 0x55, 0x00, 0x00, 0x00, 0x4d, 0x53, 0x53, 0x51, 0x4c, 0x53, 0x65, 0x72, 0x76,
        0x65, 0x72, 0x00, 0x50, 0x18, 0x00, 0x00,
    ];

    #[test]
    fn other_protocols_are_not_taken_for_it() {
        for bytes in [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
            &[0x12, 0xff, 0, 0],
            &[1; 40],
            &[3; 40],
            &[0x10; 40],
        ] {
            assert_eq!(looks_like_tds(bytes), Some(false), "{bytes:?}");
        }
    }

    #[test]
    fn a_prelogin_is_known_by_its_first_option() {
        assert_eq!(looks_like_tds(PRELOGIN), Some(true));
        assert_eq!(looks_like_tds(&PRELOGIN[..12]), None);
        assert_eq!(header(PRELOGIN).unwrap().len, PRELOGIN.len());
    }

    #[test]
    fn what_a_side_wants_of_encryption_is_read_or_its_absence() {
        let body = &PRELOGIN[HEADER..];
        assert_eq!(encryption(body), Ok(Some(Encryption::OFF)));
        assert_eq!(encryption(&body[..body.len() / 2]), Ok(None));
        assert!(encryption(&[2; 200]).is_err());
        assert!(encryption(&[]).is_err());
    }
}
