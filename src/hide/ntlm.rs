//! NTLM: names become pseudonyms; challenges, responses and keys become zeros.
//!
//! Never keeps a byte that no field of a message has.

use crate::hide::{Hider, le16, le32, part, zero};

/// NEGOTIATE_UNICODE.
const UNICODE: usize = 1;
/// Behind the proof of a second response stand versions, a clock and the client's challenge, then pairs.
const V1_RESPONSE: usize = 24;
const V2_PAIRS: usize = 44;
/// The header of a message without its fields.
const HEADER: usize = 12;

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Oem,
    Secret,
    Pairs,
    Response,
}

impl Hider<'_> {
    /// Edits a message, as far as it is there.
    pub(super) fn ntlm(&mut self, bytes: &mut [u8]) {
        let original = bytes.to_vec();
        let fields: &[(usize, Field)] = match original.get(8) {
            Some(1) => &[(16, Field::Oem), (24, Field::Oem)],
            Some(2) => &[(12, Field::Name), (40, Field::Pairs)],
            Some(3) => &[
                (12, Field::Secret),
                (20, Field::Response),
                (28, Field::Name),
                (36, Field::Name),
                (44, Field::Name),
                (52, Field::Secret),
            ],
            _ => {
                bytes.fill(0);
                return;
            }
        };
        let (flags, fixed) = match original.get(8) {
            Some(1) => (12, 40),
            Some(2) => (20, 56),
            _ => (60, 72),
        };
        let is_wide = le32(&original, flags).is_some_and(|flags| flags & UNICODE != 0);
        let body = fields
            .iter()
            .filter_map(|(at, _)| {
                le32(&original, at + 4).filter(|_| le16(&original, *at) != Some(0))
            })
            .min()
            .unwrap_or(fixed);
        zero(bytes, HEADER.max(body.min(fixed)), usize::MAX);
        if original.get(8) == Some(&2) {
            zero(bytes, 24, 40);
        }
        for (at, field) in fields {
            self.place(&original, bytes, *at, *field, is_wide);
        }
    }

    fn place(&mut self, from: &[u8], to: &mut [u8], at: usize, field: Field, is_wide: bool) {
        let Some((len, offset)) = le16(from, at).zip(le32(from, at + 4)) else {
            return;
        };
        let end = offset.saturating_add(len);
        let Some(original) = from.get(offset.max(HEADER)..end) else {
            return;
        };
        let mut value = original.to_vec();
        match field {
            Field::Name if is_wide => self.wide_name(&mut value),
            Field::Name | Field::Oem => self.name(&mut value),
            Field::Secret => value.fill(0),
            Field::Pairs => self.pairs(&mut value),
            Field::Response => self.response(&mut value),
        }
        let place = part(to, offset.max(HEADER), end);
        if place.len() == value.len() {
            place.copy_from_slice(&value);
        }
    }

    /// The clock of a second response stays, and the pairs behind it.
    fn response(&mut self, value: &mut [u8]) {
        if value.len() <= V1_RESPONSE {
            value.fill(0);
            return;
        }
        zero(value, 0, 16);
        zero(value, 18, 24);
        zero(value, 32, V2_PAIRS);
        self.pairs(part(value, V2_PAIRS, usize::MAX));
    }

    /// Names, flags and the clock (MS-NLMP 2.2.2.1).
    fn pairs(&mut self, mut rest: &mut [u8]) {
        while let Some((id, len)) = le16(rest, 0).zip(le16(rest, 2)) {
            let end = (4 + len).min(rest.len());
            let (pair, behind) = rest.split_at_mut(end);
            rest = behind;
            let value = part(pair, 4, end);
            match id {
                0 => break,
                1..=5 | 9 => self.wide_name(value),
                6 | 7 if value.len() <= 8 => {}
                _ => value.fill(0),
            }
        }
        rest.fill(0);
    }
}
