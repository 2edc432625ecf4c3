//! Whether bytes begin a Kerberos message, and how long it says it is.
//!
//! Never reads more than the first few fields.

use crate::wire::der::{INTEGER, SEQUENCE, Tlv};

/// Bytes of the fields `pvno` and `msg-type`.
const VERSION_AND_TYPE: usize = 10;

/// The outside of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outline {
    /// The application tag's number, which is the message type: 10 to 15, 20 to 22, 30.
    pub tag: u8,
    /// The whole length in bytes, as the header states it.
    pub len: usize,
}

/// The outline of the message that `bytes` begin, if they do: application tag, SEQUENCE, protocol version 5 and the message
/// type of the tag (RFC 4120 section 5), as far as there are bytes; at least the two headers must be there.
pub fn outline(bytes: &[u8]) -> Option<Outline> {
    let outer = Tlv::read(bytes)?;
    let tag = outer.tag & 0x1f;
    if outer.tag & 0xe0 != 0x60 || !matches!(tag, 10..=15 | 20..=22 | 30) {
        return None;
    }
    let sequence = Tlv::read(outer.value)?;
    if sequence.tag != SEQUENCE
        || sequence.total() > outer.stated
        || sequence.stated < VERSION_AND_TYPE
    {
        return None;
    }
    let version = u8::from(matches!(tag, 10 | 12));
    let rest = after_field(sequence.value, version, 5)?;
    after_field(rest, version + 1, tag)?;
    Some(Outline {
        tag,
        len: outer.total(),
    })
}

/// What follows `[number] INTEGER value` at the front of `bytes`: nothing, where they end in it. `None` for any other field.
fn after_field(bytes: &[u8], number: u8, value: u8) -> Option<&[u8]> {
    let expected = [0xa0 | number, 3, INTEGER, 1, value];
    match bytes.strip_prefix(&expected) {
        Some(rest) => Some(rest),
        None => expected.starts_with(bytes).then_some(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_have_no_outline() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc],
            // an LDAP search request
            &[0x30, 0x0c, 0x02, 0x01, 0x01, 0x63, 0x07, 0x04, 0x00],
            // a GSS-API token: application tag 0 and an object identifier
            &[0x60, 0x10, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7],
            &[],
            // the tags of a message, with nothing or something else in them
            b"\x6a\x02\x30\x00................",
            b"\x6c\x82\x03\x00\x30\x82\x02\xfc\xa1\x84\xff\xff\xff\xff..",
            b"\x7e\x10\x30\x0e\x1f\x1f............",
        ] {
            assert_eq!(outline(bytes), None, "{bytes:x?}");
        }
    }

    #[test]
    fn an_error_of_a_kdc_has_its_tag_and_its_length() {
        let bytes = [
            0x7e, 0x63, 0x30, 0x61, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x1e,
        ];
        assert_eq!(outline(&bytes), Some(Outline { tag: 30, len: 101 }));
        for cut in 4..bytes.len() {
            assert_eq!(outline(&bytes[..cut]), outline(&bytes), "{cut}");
        }
        let mut wrong = bytes;
        wrong[13] = 0x1f;
        assert_eq!(outline(&wrong), None);
    }
}
