//! The name service of NetBIOS: names of sixteen bytes, each written as two letters (RFC 1001 section 14.1).
//!
//! Never keeps a hardware address.

use crate::hide::{Hider, be16, part, zero};

const HEADER: usize = 12;
/// A name's letters, behind their number.
const LETTERS: usize = 32;
/// The sixteenth byte is the kind of the name.
const NAME: usize = 15;
const STATUS: usize = 0x21;
const NAME_SERVICE: usize = 0x20;

impl Hider<'_> {
    /// Edits a message; what follows its records is zeroed.
    pub(super) fn nbns(&mut self, bytes: &mut [u8]) {
        let at = self.nbns_records(bytes);
        zero(bytes, at, usize::MAX);
    }

    fn nbns_records(&mut self, bytes: &mut [u8]) -> usize {
        let count = |at| be16(bytes, at).unwrap_or(0);
        let (questions, records) = (count(4), count(6) + count(8) + count(10));
        let mut at = HEADER;
        for place in 0..questions + records {
            let Some(head) = self.nbns_name(bytes, at) else {
                return at;
            };
            at = (head + 4).min(bytes.len());
            if place < questions {
                continue;
            }
            let Some((kind, len)) = be16(bytes, head).zip(be16(bytes, head + 8)) else {
                return at;
            };
            at = (head + 10 + len).min(bytes.len());
            self.nbns_data(kind, part(bytes, head + 10, at));
        }
        at
    }

    fn nbns_data(&mut self, kind: usize, data: &mut [u8]) {
        match kind {
            NAME_SERVICE => {
                for entry in data.chunks_mut(6) {
                    self.address_bytes(part(entry, 2, 6));
                }
            }
            STATUS => {
                let count = usize::from(data.first().copied().unwrap_or(0));
                let end = 1 + count * 18;
                for entry in part(data, 1, end).chunks_mut(18) {
                    self.name(part(entry, 0, NAME));
                }
                zero(data, end, usize::MAX);
            }
            _ => data.fill(0),
        }
    }

    /// Edits the name at `at`; gives the place behind it.
    fn nbns_name(&mut self, bytes: &mut [u8], at: usize) -> Option<usize> {
        let len = usize::from(*bytes.get(at)?);
        if len >= 0xc0 {
            return Some(at + 2);
        }
        if len != LETTERS {
            return None;
        }
        self.letters(bytes.get_mut(at + 1..at + 1 + LETTERS)?);
        let mut at = at + 1 + LETTERS;
        loop {
            match usize::from(*bytes.get(at)?) {
                0 => return Some(at + 1),
                0xc0.. => return Some(at + 2),
                len => {
                    self.name(bytes.get_mut(at + 1..at + 1 + len)?);
                    at += 1 + len;
                }
            }
        }
    }

    fn letters(&mut self, letters: &mut [u8]) {
        let (pairs, _) = letters.as_chunks::<2>();
        let mut name: Vec<u8> = pairs
            .iter()
            .map(|[high, low]| high.wrapping_sub(b'A') << 4 | low.wrapping_sub(b'A') & 15)
            .collect();
        self.name(part(&mut name, 0, NAME));
        for (pair, byte) in letters.chunks_exact_mut(2).zip(name) {
            pair.copy_from_slice(&[b'A' + (byte >> 4), b'A' + (byte & 15)]);
        }
    }
}
