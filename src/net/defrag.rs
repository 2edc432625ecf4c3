//! IP fragments to whole datagrams (RFC 791, RFC 8200 section 4.5).
//!
//! Never keeps more than its budget: the oldest datagram in pieces leaves first, and that is told.

use std::collections::VecDeque;
use std::iter::once;
use std::net::IpAddr;
use std::ops::Range;

use crate::frame::{FrameNumber, Timestamp};
use crate::limits::{Budget, Limitation};
use crate::net::ip::Datagram;
use crate::net::provenance::Run;

/// No datagram is longer.
const LONGEST: usize = 65_535;
/// What a piece takes beside its bytes.
const PIECE: usize = 64;
/// Pieces of one datagram: the smallest that IPv4 allows, of the longest datagram, are hardly more.
const PIECES: usize = 2_048;
/// Datagrams that are remembered after they were whole, to know the copies that a mirror port made of their pieces.
const REMEMBERED: usize = 32;
/// How long: no sender uses an identification again so soon.
const MEMORY_NANOS: i64 = 1_000_000_000;

/// What tells the pieces of one datagram from those of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct FragmentKey {
    id: u32,
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
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
#[derive(PartialEq, Eq, Debug)]
pub(in crate::net) struct Whole {
    /// Its payload up to where a piece was cut by the snap length.
    pub(in crate::net) bytes: Vec<u8>,
    /// Bytes behind them that were on the wire.
    pub(in crate::net) cut: usize,
    /// Which frame brought which bytes.
    pub(in crate::net) runs: Vec<Run>,
}

/// Datagrams in pieces, the oldest first.
#[derive(Debug, Default)]
pub(in crate::net) struct Defragmenter {
    open: VecDeque<Pieces>,
    held: usize,
    whole: VecDeque<(FragmentKey, Timestamp)>,
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
    /// On the wire; `bytes` are as many of them as were captured.
    len: usize,
    bytes: Vec<u8>,
    frame: FrameNumber,
    time: Timestamp,
}

impl Defragmenter {
    /// Adds a piece; gives the datagram once it is whole. Where pieces overlap, the bytes that came first count.
    pub(in crate::net) fn add(
        &mut self,
        piece: &Datagram<'_>,
        fragment: Fragment,
        run: Run,
    ) -> Option<Whole> {
        self.expire(run.time);
        let key = FragmentKey {
            id: fragment.id,
            src: piece.src,
            dst: piece.dst,
            protocol: piece.protocol,
        };
        let end = fragment.offset + piece.payload.len() + piece.cut;
        if end > LONGEST || end == fragment.offset {
            return None;
        }
        let at = self.position(key, run)?;
        let pieces = self.open.get_mut(at)?;
        if fragment.is_last {
            pieces.end.get_or_insert(end);
        }
        self.held += pieces.insert(fragment.offset..end, piece.payload, run);
        if pieces.is_whole() {
            return self.complete(at, run.time);
        }
        if pieces.parts.len() > PIECES {
            self.drop(at);
        }
        while self.held > Budget::FRAGMENT_BYTES || self.open.len() > Budget::FRAGMENTED_DATAGRAMS {
            self.drop(0);
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

    /// Where the datagram's pieces are gathered; `None` where it was whole a moment ago.
    fn position(&mut self, key: FragmentKey, run: Run) -> Option<usize> {
        if let Some(at) = self.open.iter().position(|pieces| pieces.key == key) {
            return Some(at);
        }
        if self.whole.iter().any(|(whole, _)| *whole == key) {
            return None;
        }
        self.open.push_back(Pieces {
            key,
            begun: run.time,
            first_frame: run.frame,
            end: None,
            parts: Vec::new(),
        });
        Some(self.open.len() - 1)
    }

    fn complete(&mut self, at: usize, now: Timestamp) -> Option<Whole> {
        let pieces = self.open.remove(at)?;
        self.held -= pieces.held();
        if self.whole.len() == REMEMBERED {
            self.whole.pop_front();
        }
        self.whole.push_back((pieces.key, now));
        Some(pieces.join())
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some((_, since)) = self.whole.front()
            && now.since(*since) > MEMORY_NANOS
        {
            self.whole.pop_front();
        }
        while let Some(pieces) = self.open.front()
            && now.since(pieces.begun) > Budget::FRAGMENT_AGE_NANOS
        {
            self.drop(0);
        }
    }

    fn drop(&mut self, at: usize) {
        if let Some(pieces) = self.open.remove(at) {
            self.held -= pieces.held();
            self.lost += 1;
            self.first_lost.get_or_insert(pieces.first_frame);
        }
    }
}

impl Pieces {
    /// Inserts those bytes of a range that are new, as far as they were captured; gives how much more is held.
    fn insert(&mut self, range: Range<usize>, captured: &[u8], run: Run) -> usize {
        let before = self.held();
        let known: Vec<Range<usize>> = self.parts.iter().map(Part::range).collect();
        let mut from = range.start;
        for known in known.into_iter().chain(once(range.end..range.end)) {
            let to = known.start.min(range.end);
            if from < to {
                let place = |offset: usize| (offset - range.start).min(captured.len());
                let bytes = captured.get(place(from)..place(to)).unwrap_or_default();
                self.parts.push(Part {
                    offset: from,
                    len: to - from,
                    bytes: bytes.to_vec(),
                    frame: run.frame,
                    time: run.time,
                });
            }
            from = from.max(known.end);
        }
        self.parts.sort_by_key(|part| part.offset);
        self.held() - before
    }

    fn held(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len() + PIECE).sum()
    }

    fn is_whole(&self) -> bool {
        let Some(end) = self.end else {
            return false;
        };
        let mut reached = 0;
        for part in &self.parts {
            if part.offset > reached {
                return false;
            }
            reached = part.offset + part.len;
        }
        reached >= end
    }

    fn join(self) -> Whole {
        let end = self.end.unwrap_or(0);
        let mut bytes = Vec::with_capacity(self.held());
        let mut runs = Vec::with_capacity(self.parts.len());
        for part in self.parts {
            let is_cut = part.bytes.len() < part.len;
            bytes.extend_from_slice(&part.bytes);
            bytes.truncate(end);
            runs.push(Run {
                end: bytes.len(),
                frame: part.frame,
                time: part.time,
            });
            if is_cut {
                break;
            }
        }
        Whole {
            cut: end - bytes.len(),
            bytes,
            runs,
        }
    }
}

impl Part {
    fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    /// Adds a piece of a datagram with a number that tells it from others.
    fn add(
        pool: &mut Defragmenter,
        id: u32,
        (offset, is_last): (usize, bool),
        (payload, cut): (&[u8], usize),
        (frame, millis): (u64, i64),
    ) -> Option<Whole> {
        let fragment = Fragment {
            id,
            offset,
            is_last,
        };
        let piece = Datagram {
            src: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
            dst: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)),
            protocol: 17,
            identification: 0,
            hops: 64,
            payload,
            cut,
            fragment: Some(fragment),
        };
        let run = Run {
            end: payload.len(),
            frame: FrameNumber(frame),
            time: Timestamp::from_nanos(millis * 1_000_000),
        };
        pool.add(&piece, fragment, run)
    }

    fn frames(whole: &Whole) -> Vec<(usize, u64)> {
        let runs = whole.runs.iter();
        runs.map(|run| (run.end, run.frame.0)).collect()
    }

    #[test]
    fn pieces_in_any_order_and_overlapping_give_the_first_copy_of_each_byte() {
        let mut pool = Defragmenter::default();
        assert!(add(&mut pool, 1, (8, true), (b"cccc", 0), (3, 0)).is_none());
        assert!(add(&mut pool, 1, (4, false), (b"bbbbXX", 0), (5, 0)).is_none());
        let whole = add(&mut pool, 1, (0, false), (b"aaaaYYYY", 0), (7, 0)).unwrap();
        assert_eq!(
            (whole.bytes.as_slice(), whole.cut),
            (&b"aaaabbbbcccc"[..], 0)
        );
        assert_eq!(frames(&whole), [(4, 7), (8, 5), (12, 3)]);
        assert_eq!(pool.held, 0);
    }

    #[test]
    fn bytes_behind_the_end_do_not_hide_a_hole() {
        let mut pool = Defragmenter::default();
        assert!(add(&mut pool, 1, (0, false), (&[1; 48], 0), (1, 0)).is_none());
        assert!(add(&mut pool, 1, (56, true), (&[2; 8], 0), (2, 0)).is_none());
        assert!(add(&mut pool, 1, (64, false), (&[3; 80], 0), (3, 0)).is_none());
        let whole = add(&mut pool, 1, (48, false), (&[4; 8], 0), (4, 0)).unwrap();
        assert_eq!((whole.bytes.len(), whole.cut), (64, 0));
    }

    #[test]
    fn a_piece_that_the_snap_length_cut_ends_what_is_known() {
        let mut pool = Defragmenter::default();
        assert!(add(&mut pool, 1, (0, false), (b"aaaa", 4), (1, 0)).is_none());
        let whole = add(&mut pool, 1, (8, true), (b"bb", 2), (2, 0)).unwrap();
        assert_eq!((whole.bytes.as_slice(), whole.cut), (&b"aaaa"[..], 8));
        assert_eq!(frames(&whole), [(4, 1)]);
    }

    #[test]
    fn copies_of_a_mirror_port_change_nothing() {
        let mut pool = Defragmenter::default();
        for frame in [1, 2] {
            assert!(add(&mut pool, 1, (0, false), (b"aaaaaaaa", 0), (frame, 0)).is_none());
        }
        let whole = add(&mut pool, 1, (8, true), (b"b", 0), (3, 1)).unwrap();
        assert_eq!(frames(&whole), [(8, 1), (9, 3)]);
        assert!(add(&mut pool, 1, (8, true), (b"b", 0), (4, 1)).is_none());
        assert_eq!(pool.limitation(), None);
    }

    #[test]
    fn an_identification_is_used_again_by_another_datagram() {
        let mut pool = Defragmenter::default();
        for millis in [0, 5_000] {
            assert!(add(&mut pool, 1, (0, false), (b"aaaaaaaa", 0), (1, millis)).is_none());
            assert!(add(&mut pool, 1, (8, true), (b"b", 0), (2, millis)).is_some());
        }
    }

    #[test]
    fn a_piece_that_never_comes_is_told() {
        let mut pool = Defragmenter::default();
        assert!(add(&mut pool, 1, (0, false), (b"aaaaaaaa", 0), (8, 0)).is_none());
        assert!(add(&mut pool, 2, (0, false), (b"aaaaaaaa", 0), (9, 31_000)).is_none());
        assert_eq!((pool.lost, pool.open.len()), (1, 1));
        let limitation = pool.limitation().unwrap();
        assert_eq!(limitation.since_frame, Some(FrameNumber(8)));
        assert!(limitation.text.starts_with("2 "));
    }

    #[test]
    fn a_flood_of_first_pieces_stays_inside_the_budget_and_is_told() {
        let mut pool = Defragmenter::default();
        for id in 0..2_000 {
            assert!(add(&mut pool, id, (0, false), (&[0; 1400], 0), (9, 0)).is_none());
        }
        assert!(pool.open.len() <= Budget::FRAGMENTED_DATAGRAMS);
        assert!(pool.limitation().unwrap().text.starts_with("2000 "));
    }

    #[test]
    fn a_datagram_in_crumbs_is_let_go() {
        let mut pool = Defragmenter::default();
        for at in 0..10_000 {
            assert!(add(&mut pool, 1, (at * 2, false), (&[0], 0), (at as u64, 0)).is_none());
            assert!(pool.held <= Budget::FRAGMENT_BYTES);
            assert!(pool.open.iter().all(|open| open.parts.len() <= PIECES));
        }
        assert!(pool.lost > 0);
    }
}
