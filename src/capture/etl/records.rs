//! The records of a buffer: where each begins, how long it is, and when it was written.
//!
//! Never looks behind a record that cannot be: nothing marks where the next one begins.

use crate::capture::order::Order;

const ORDER: Order = Order::Little;

/// A record of a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// By the raw clock of the session.
    pub(super) time: i64,
    /// Where it begins in the buffer.
    pub(super) at: u32,
    pub(super) len: u32,
}

impl Record {
    /// Its bytes in its buffer.
    #[inline]
    pub(super) fn of(self, buffer: &[u8]) -> Option<&[u8]> {
        let rest = buffer.get(self.at as usize..)?;
        rest.get(..self.len as usize)
    }
}

/// The records of a buffer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Records {
    /// In the order of their times.
    pub(super) list: Vec<Record>,
    /// Whether the last ends where the buffer does.
    pub(super) is_whole: bool,
}

/// The types of records that matter here.
pub(super) mod kind {
    pub(in super::super) const SYSTEM: [u8; 2] = [1, 2];
    pub(in super::super) const EVENT: [u8; 2] = [0x12, 0x13];
    pub(super) const COMPACT: [u8; 2] = [3, 4];
    pub(super) const PERFORMANCE: [u8; 2] = [0x10, 0x11];
}

/// Lists the records of a buffer, without its header.
pub(super) fn of(buffer: &[u8]) -> Records {
    let mut list: Vec<Record> = Vec::new();
    let mut at = 0;
    let is_whole = loop {
        let rest = buffer.get(at..).unwrap_or_default();
        if rest.len() < 8 || is_end(rest) {
            break true;
        }
        let Some((len, time)) = head(rest) else {
            break false;
        };
        // What has no time of its own was written behind what is before it.
        let before = list.last().map_or(0, |record| record.time);
        list.push(Record {
            time: time.unwrap_or(before),
            at: u32::try_from(at).unwrap_or(u32::MAX),
            len: u32::try_from(len).unwrap_or(u32::MAX),
        });
        at += len.next_multiple_of(8);
    };
    if !list.is_sorted_by_key(|record| record.time) {
        list.sort_by_key(|record| record.time);
    }
    Records { list, is_whole }
}

/// Behind the last record there is nothing, or what was there before.
fn is_end(rest: &[u8]) -> bool {
    matches!(ORDER.u32(rest, 0), 0 | u32::MAX)
}

/// Length and time of the record that begins `rest`.
#[inline]
fn head(rest: &[u8]) -> Option<(usize, Option<i64>)> {
    let (kind, marks) = (*rest.get(2)?, *rest.get(3)? >> 6);
    let (len_at, time_at) = match (marks, kind) {
        (3, _) if kind::SYSTEM.contains(&kind) || kind::COMPACT.contains(&kind) => (4, Some(16)),
        (3, _) if kind::PERFORMANCE.contains(&kind) => (4, Some(8)),
        (3, 0x0a..=0x0b | 0x12..=0x15) => (0, Some(16)),
        // Messages of the software trace preprocessor, and what is not known.
        (2 | 3, _) => (0, None),
        _ => return None,
    };
    let len = usize::from(ORDER.u16(rest, len_at));
    let least = time_at.map_or(8, |at| at + 8);
    if len < least || len > rest.len() {
        return None;
    }
    Some((len, time_at.map(|at| ORDER.i64(rest, at))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(len: u16, kind: [u8; 2], time_at: usize, time: i64) -> Vec<u8> {
        let mut bytes = vec![0; usize::from(len).next_multiple_of(8)];
        let len_at = if time_at == 16 && kind[0] > 4 || time_at == 0 {
            0
        } else {
            4
        };
        bytes[len_at..len_at + 2].copy_from_slice(&len.to_le_bytes());
        bytes[2..4].copy_from_slice(&kind);
        if time_at > 0 {
            bytes[time_at..time_at + 8].copy_from_slice(&time.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn every_kind_of_header_tells_its_length_and_time() {
        let buffer = [
            record(33, [2, 0xc0], 16, 1),
            record(24, [4, 0xc0], 16, 2),
            record(17, [0x11, 0xc0], 8, 3),
            record(12, [0, 0x90], 0, 0),
            record(48, [0x14, 0xc0], 16, 4),
            record(85, [0x13, 0xc0], 16, 5),
            vec![0xff; 30],
        ];
        let records = of(&buffer.concat());
        let told: Vec<(i64, u32)> = records.list.iter().map(|r| (r.time, r.len)).collect();
        assert_eq!(told, [(1, 33), (2, 24), (3, 17), (3, 12), (4, 48), (5, 85)]);
        assert!(records.is_whole);
    }

    #[test]
    fn records_are_told_by_time_and_those_of_one_time_as_they_lie() {
        let times = [5, 3, 5, 4];
        let buffer: Vec<Vec<u8>> = times.map(|time| record(80, [0x13, 0xc0], 16, time)).into();
        let list = of(&buffer.concat()).list;
        let told: Vec<(i64, u32)> = list.iter().map(|r| (r.time, r.at / 80)).collect();
        assert_eq!(told, [(3, 1), (4, 3), (5, 0), (5, 2)]);
    }

    #[test]
    fn a_length_that_cannot_be_ends_the_buffer() {
        let sound = record(80, [0x13, 0xc0], 16, 1);
        for len in [1, 23, 90, u16::MAX] {
            let mut bytes = [sound.clone(), sound.clone()].concat();
            bytes[80..82].copy_from_slice(&len.to_le_bytes());
            let records = of(&bytes);
            assert_eq!((records.list.len(), records.is_whole), (1, false), "{len}");
        }
    }
}
