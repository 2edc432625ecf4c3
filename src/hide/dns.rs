//! DNS and LLMNR: names label by label, addresses in answers.
//!
//! Never follows a pointer: each name is edited where it stands.

use crate::hide::{Hider, be16, part, zero};

/// The header of a message.
const HEADER: usize = 12;
/// Type, class, time to live and length of a record.
const RECORD: usize = 10;
/// A label of the tree that Windows keeps below a domain.
const MSDCS: &[u8] = b"_msdcs";

impl Hider<'_> {
    /// Edits a message; what follows its records is zeroed.
    pub(super) fn dns(&mut self, bytes: &mut [u8]) {
        let at = self.dns_records(bytes).unwrap_or(HEADER);
        zero(bytes, at, usize::MAX);
    }

    /// The place up to which the message could be read.
    fn dns_records(&mut self, bytes: &mut [u8]) -> Option<usize> {
        let questions = be16(bytes, 4)?;
        let records = be16(bytes, 6)? + be16(bytes, 8)? + be16(bytes, 10)?;
        let mut at = HEADER;
        for _ in 0..questions {
            let Some(behind) = self.dns_name(bytes, at) else {
                return Some(at);
            };
            at = (behind + 4).min(bytes.len());
        }
        for _ in 0..records {
            let Some(behind) = self.dns_record(bytes, at) else {
                return Some(at);
            };
            at = behind;
        }
        Some(at)
    }

    fn dns_record(&mut self, bytes: &mut [u8], at: usize) -> Option<usize> {
        let head = self.dns_name(bytes, at)?;
        let (kind, len) = (be16(bytes, head)?, be16(bytes, head + 8)?);
        let from = head + RECORD;
        let to = (from + len).min(bytes.len());
        self.dns_data(kind, bytes, from, to);
        Some(to)
    }

    fn dns_data(&mut self, kind: usize, bytes: &mut [u8], from: usize, to: usize) {
        let name_at = match kind {
            1 | 28 => {
                self.address_bytes(part(bytes, from, to));
                return;
            }
            2 | 5 | 6 | 12 | 39 => from,
            15 => from + 2,
            33 => from + 6,
            _ => {
                zero(bytes, from, to);
                return;
            }
        };
        let inside = part(bytes, 0, to);
        let behind = self.dns_name(inside, name_at);
        match (kind, behind) {
            (6, Some(second)) => {
                let end = self.dns_name(inside, second).unwrap_or(second);
                zero(inside, end + 20, to);
            }
            (_, behind) => zero(inside, behind.unwrap_or(name_at), to),
        }
    }

    /// Edits the labels of the name at `at`; gives the place behind it.
    fn dns_name(&mut self, bytes: &mut [u8], mut at: usize) -> Option<usize> {
        loop {
            let len = usize::from(*bytes.get(at)?);
            match len {
                0 => return Some(at + 1),
                0xc0.. => return (at + 2 <= bytes.len()).then_some(at + 2),
                64.. => return None,
                _ => {}
            }
            let (from, to) = (at + 1, at + 1 + len);
            let next = bytes.get(to + 1..to + 1 + MSDCS.len());
            let is_of_windows = next.is_some_and(|next| next.eq_ignore_ascii_case(MSDCS));
            let label = bytes.get_mut(from..to)?;
            if !(is_of_windows && len <= 3) {
                self.name(label);
            }
            at = to;
        }
    }
}
