//! IP fragments to whole datagrams (RFC 791, RFC 8200 section 4.5).
//!
//! Never keeps more than its budget: the oldest datagram in pieces leaves first, and that is told.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::frame::{FrameNumber, Timestamp};
use crate::limits::{Budget, Limitation};
use crate::net::provenance::Run;

/// No datagram is longer.
const LONGEST: usize = 65_535;

/// What tells the pieces of one datagram from those of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::net) struct FragmentKey {
    pub(in crate::net) src: IpAddr,
    pub(in crate::net) dst: IpAddr,
    pub(in crate::net) protocol: u8,
    pub(in crate::net) id: u32,
}

/// Where a piece belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::net) struct Fragment {
    pub(in crate::net) id: u32,
    /// In bytes, from the beginning of the datagram's payload.
    pub(in crate::net) offset: usize,
    pub(in crate::net) is_last: bool,
}

/// A datagram whose pieces are all there.
#[derive(Debug)]
pub(in crate::net) struct Whole {
    pub(in crate::net) bytes: Vec<u8>,
    /// Which frame brought which bytes.
    pub(in crate::net) runs: Vec<Run>,
}

/// Datagrams in pieces, the oldest first.
#[derive(Debug, Default)]
pub(in crate::net) struct Defragmenter {
    open: VecDeque<Pieces>,
    held: usize,
    lost: u64,
    first_lost: Option<FrameNumber>,
}

#[derive(Debug)]
struct Pieces {
    key: FragmentKey,
    begun: Timestamp,
    first_frame: FrameNumber,
    end: Option<usize>,
    /// By offset, without overlap.
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    offset: usize,
    bytes: Vec<u8>,
    frame: FrameNumber,
    time: Timestamp,
}

impl Defragmenter {
    /// Adds a piece; gives the datagram once it is whole. Where pieces overlap, the bytes that came first count.
    pub(in crate::net) fn add(
        &mut self,
        key: FragmentKey,
        fragment: Fragment,
        bytes: &[u8],
        run: Run,
    ) -> Option<Whole> {
        self.expire(run.time);
        let end = fragment.offset + bytes.len();
        if end > LONGEST || bytes.is_empty() {
            return None;
        }
        let at = self.position(key, run);
        let pieces = self.open.get_mut(at)?;
        if fragment.is_last {
            pieces.end.get_or_insert(end);
        }
        self.held += pieces.insert(fragment.offset, bytes, run);
        if pieces.is_whole() {
            let pieces = self.open.remove(at)?;
            self.held -= pieces.held();
            return Some(pieces.join());
        }
        while self.held > Budget::FRAGMENT_BYTES || self.open.len() > Budget::FRAGMENTED_DATAGRAMS {
            self.drop_oldest();
        }
        None
    }

    /// What came of datagrams that were never whole.
    pub(in crate::net) fn limitation(&self) -> Option<Limitation> {
        let open = self.open.iter().map(|pieces| pieces.first_frame).min();
        let lost = self.lost + self.open.len() as u64;
        let first = match (self.first_lost, open) {
            (Some(lost), Some(open)) => lost.min(open),
            (lost, open) => lost.or(open)?,
        };
        Some(Limitation::since(
            first,
            format!("{lost} fragmented datagrams are not whole in the capture and were left out."),
        ))
    }

    fn position(&mut self, key: FragmentKey, run: Run) -> usize {
        if let Some(at) = self.open.iter().position(|pieces| pieces.key == key) {
            return at;
        }
        self.open.push_back(Pieces {
            key,
            begun: run.time,
            first_frame: run.frame,
            end: None,
            parts: Vec::new(),
        });
        self.open.len() - 1
    }

    fn expire(&mut self, now: Timestamp) {
        while self
            .open
            .front()
            .is_some_and(|pieces| now.since(pieces.begun) > Budget::FRAGMENT_AGE_NANOS)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(pieces) = self.open.pop_front() {
            self.held -= pieces.held();
            self.lost += 1;
            self.first_lost.get_or_insert(pieces.first_frame);
        }
    }
}

impl Pieces {
    /// Inserts those of `bytes` that are new; gives how many.
    fn insert(&mut self, offset: usize, bytes: &[u8], run: Run) -> usize {
        let mut added = 0;
        let mut from = offset;
        let end = offset + bytes.len();
        let taken: Vec<(usize, usize)> = self
            .parts
            .iter()
            .map(|part| (part.offset, part.offset + part.bytes.len()))
            .collect();
        for (begin, until) in taken.into_iter().chain([(end, end)]) {
            let to = begin.min(end);
            if from < to
                && let Some(new) = bytes.get(from - offset..to - offset)
            {
                added += new.len();
                self.parts.push(Part {
                    offset: from,
                    bytes: new.to_vec(),
                    frame: run.frame,
                    time: run.time,
                });
            }
            from = from.max(until);
        }
        self.parts.sort_by_key(|part| part.offset);
        added
    }

    fn held(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len()).sum()
    }

    fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| self.held() >= end)
            && self.parts.first().is_some_and(|part| part.offset == 0)
    }

    fn join(self) -> Whole {
        let mut bytes = Vec::with_capacity(self.held());
        let mut runs = Vec::with_capacity(self.parts.len());
        for part in self.parts {
            bytes.extend_from_slice(&part.bytes);
            runs.push(Run {
                end: bytes.len(),
                frame: part.frame,
                time: part.time,
            });
        }
        if let Some(end) = self.end {
            bytes.truncate(end);
        }
        Whole { bytes, runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn key(id: u32) -> FragmentKey {
        FragmentKey {
            src: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
            dst: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)),
            protocol: 17,
            id,
        }
    }

    fn run(frame: u64) -> Run {
        Run {
            end: 0,
            frame: FrameNumber(frame),
            time: Timestamp::from_nanos(0),
        }
    }

    fn fragment(offset: usize, is_last: bool) -> Fragment {
        Fragment {
            id: 1,
            offset,
            is_last,
        }
    }

    #[test]
    fn pieces_in_any_order_and_overlapping_give_the_first_copy_of_each_byte() {
        let mut pool = Defragmenter::default();
        assert!(
            pool.add(key(1), fragment(8, true), b"cccc", run(3))
                .is_none()
        );
        assert!(
            pool.add(key(1), fragment(4, false), b"bbbbXX", run(5))
                .is_none()
        );
        let whole = pool
            .add(key(1), fragment(0, false), b"aaaaYYYY", run(7))
            .unwrap();
        assert_eq!(whole.bytes, b"aaaabbbbcccc");
        let runs: Vec<(usize, u64)> = whole
            .runs
            .iter()
            .map(|run| (run.end, run.frame.0))
            .collect();
        assert_eq!(runs, [(4, 7), (8, 5), (12, 3)]);
        assert_eq!(pool.held, 0);
    }

    #[test]
    fn a_flood_of_first_pieces_stays_inside_the_budget_and_is_told() {
        let mut pool = Defragmenter::default();
        for id in 0..2_000 {
            assert!(
                pool.add(key(id), fragment(0, false), &[0; 1400], run(9))
                    .is_none()
            );
        }
        assert!(pool.open.len() <= Budget::FRAGMENTED_DATAGRAMS);
        assert!(pool.limitation().unwrap().text.starts_with("2000 "));
    }
}
