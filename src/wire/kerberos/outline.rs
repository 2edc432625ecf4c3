//! Whether bytes begin a Kerberos message, and how long it says it is.
//!
//! Never reads more than the first few fields.

use crate::wire::der::{INTEGER, SEQUENCE, Tlv};

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
    if sequence.tag != SEQUENCE || sequence.total() > outer.stated {
        return None;
    }
    let version = u8::from(matches!(tag, 10 | 12));
    let expected = [(version, 5), (version + 1, tag)];
    let fits = sequence
        .children()
        .zip(expected)
        .all(|(field, (number, value))| holds(&field, number, value));
    fits.then_some(Outline {
        tag,
        len: outer.total(),
    })
}

/// Whether `field` is `[number] INTEGER value`, or is cut before that can be seen.
fn holds(field: &Tlv<'_>, number: u8, value: u8) -> bool {
    if field.tag != 0xa0 | number {
        return false;
    }
    field.is_cut() || matches!(field.value, [INTEGER, 1, found] if *found == value)
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
        let mut wrong = bytes;
        wrong[13] = 0x1f;
        assert_eq!(outline(&wrong), None);
    }
}
