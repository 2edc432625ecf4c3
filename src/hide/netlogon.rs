//! What a domain controller answers to a ping (MS-ADTS 6.3.1.9): flags and names.
//!
//! Never follows a pointer of a name.

use crate::hide::{Hider, le16, zero};

/// Operation, two bytes, flags, and the GUID of the domain.
const HEADER: usize = 24;
/// Names of an answer: forest, domain, host, the same for NetBIOS, user and two sites.
const NAMES: usize = 8;
const MOST_LABELS: usize = 64;

impl Hider<'_> {
    /// Edits an answer; `false` where it is none.
    pub(super) fn netlogon(&mut self, bytes: &mut [u8]) -> bool {
        if !matches!(le16(bytes, 0), Some(23 | 25)) || le16(bytes, 2) != Some(0) {
            return false;
        }
        zero(bytes, 8, HEADER);
        let mut at = HEADER;
        for _ in 0..NAMES {
            let Some(behind) = self.netlogon_name(bytes, at) else {
                break;
            };
            at = behind;
        }
        zero(bytes, at, usize::MAX);
        true
    }

    fn netlogon_name(&mut self, bytes: &mut [u8], mut at: usize) -> Option<usize> {
        for _ in 0..MOST_LABELS {
            let len = usize::from(*bytes.get(at)?);
            match len {
                0 => return Some(at + 1),
                0xc0.. => return (at + 2 <= bytes.len()).then_some(at + 2),
                _ => {}
            }
            self.name(bytes.get_mut(at + 1..at + 1 + len)?);
            at += 1 + len;
        }
        None
    }
}
