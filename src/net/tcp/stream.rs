//! One direction of a connection: segments in any order in, ordered bytes out.
//!
//! Never keeps bytes that nobody may still want: in-order bytes are lent from the frame, and only what is not taken, or
//! comes too early, is copied.

use std::collections::BTreeMap;

use crate::net::provenance::{FrameList, Run};
use crate::net::tcp::sequence::Origin;

/// The ordered bytes of one direction that nobody has taken yet, lent for the length of one call.
///
/// In-order bytes are lent straight from the frame. What is not taken is kept for the next call.
#[derive(Debug)]
pub struct Ready<'a> {
    bytes: &'a [u8],
    runs: &'a [Run],
    taken: usize,
}

impl Ready<'_> {
    /// The bytes that are not taken yet.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// Takes `len` bytes, or as many as there are, and adds the frames that brought them to `frames`.
    pub fn take(&mut self, len: usize, frames: &mut FrameList) {
        let from = self.taken;
        self.taken = from.saturating_add(len).min(self.bytes.len());
        let mut begin = 0;
        for run in self.runs {
            if begin < self.taken && run.end > from {
                frames.add(run.frame, run.time);
            }
            begin = run.end;
        }
    }
}

/// Bytes with the frames that brought them, and how many behind them were cut off by a snap length.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) runs: Vec<Run>,
    pub(super) cut: u64,
}

impl Piece {
    /// The part between two offsets into it; bytes that the snap length cut off may be among it.
    fn part(&self, from: i64, to: i64) -> Self {
        let place = |offset: i64| usize::try_from(offset).unwrap_or(0);
        let (begin, end) = (place(from), place(to).min(self.bytes.len()));
        let bytes = self.bytes.get(begin..end).unwrap_or_default();
        let runs = self
            .runs
            .iter()
            .filter(|run| run.end > begin)
            .map(|run| Run {
                end: run.end.min(end) - begin.min(end),
                ..*run
            });
        Self {
            bytes: bytes.to_vec(),
            runs: runs.collect(),
            cut: (place(to) - begin - bytes.len()) as u64,
        }
    }
}

/// A length as a distance between offsets.
fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Stream {
    origin: Option<Origin>,
    /// The offset of the next byte in order.
    next: i64,
    kept: Vec<u8>,
    kept_runs: Vec<Run>,
    early: BTreeMap<i64, Piece>,
    early_bytes: usize,
    /// The offset behind the last byte, once a FIN has told it, and the frame that did.
    end: Option<(i64, Run)>,
    /// The highest offset that the other side has acknowledged.
    acknowledged: i64,
    pub(super) is_ended: bool,
}

/// How a segment lies to what is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Its first new byte is the next one; so many of its bytes are old.
    InOrder(usize),
    /// Bytes before it are missing.
    Early,
    /// All of it is known already.
    Old,
}

impl Stream {
    /// Sets where the stream begins, if that is not known: `sequence` is its first byte's number.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.origin.get_or_insert(Origin(sequence));
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.origin.is_some()
    }

    /// Whether `sequence` is the number of the stream's first byte.
    pub(super) fn begins_with(&self, sequence: u32) -> bool {
        self.origin == Some(Origin(sequence))
    }

    pub(super) fn offset(&self, sequence: u32) -> i64 {
        self.origin
            .map_or(0, |origin| origin.offset(sequence, self.next))
    }

    /// Where `len` bytes at `offset` lie.
    pub(super) fn place(&self, offset: i64, len: usize) -> Place {
        let end = offset.saturating_add(i64::try_from(len).unwrap_or(i64::MAX));
        if offset > self.next {
            Place::Early
        } else if end > self.next {
            Place::InOrder(usize::try_from(self.next - offset).unwrap_or(0))
        } else {
            Place::Old
        }
    }

    /// Lends `bytes`, which are next in order, behind what was kept, and keeps what is not taken.
    pub(super) fn lend(&mut self, bytes: &[u8], runs: &[Run], sink: impl FnOnce(&mut Ready<'_>)) {
        self.next += i64::try_from(bytes.len()).unwrap_or(0);
        if self.kept.is_empty() {
            let mut ready = Ready {
                bytes,
                runs,
                taken: 0,
            };
            sink(&mut ready);
            let taken = ready.taken;
            self.keep(bytes, runs, taken);
        } else {
            self.keep(bytes, runs, 0);
            let mut ready = Ready {
                bytes: &self.kept,
                runs: &self.kept_runs,
                taken: 0,
            };
            sink(&mut ready);
            let taken = ready.taken;
            self.release(taken);
        }
    }

    /// Lends what was kept a last time: what is not taken now is gone.
    pub(super) fn lend_last(&mut self, sink: impl FnOnce(&mut Ready<'_>)) {
        let kept = std::mem::take(&mut self.kept);
        let runs = std::mem::take(&mut self.kept_runs);
        sink(&mut Ready {
            bytes: &kept,
            runs: &runs,
            taken: 0,
        });
    }

    /// Nothing more will come: everything that is held is let go.
    pub(super) fn close(&mut self) {
        *self = Self {
            is_ended: true,
            ..Self::default()
        };
    }

    /// Keeps `bytes` but for the first `taken`.
    fn keep(&mut self, bytes: &[u8], runs: &[Run], taken: usize) {
        let base = self.kept.len();
        let rest = bytes.get(taken..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        self.kept.extend_from_slice(rest);
        let kept = runs.iter().filter(|run| run.end > taken).map(|run| Run {
            end: base + run.end - taken,
            ..*run
        });
        self.kept_runs.extend(kept);
    }

    fn release(&mut self, taken: usize) {
        self.kept.drain(..taken.min(self.kept.len()));
        self.kept_runs.retain_mut(|run| {
            run.end = run.end.saturating_sub(taken);
            run.end > 0
        });
        if self.kept.is_empty() {
            self.kept = Vec::new();
            self.kept_runs = Vec::new();
        }
    }

    /// Passes over `missing` bytes.
    pub(super) fn jump(&mut self, missing: u64) {
        self.next = self
            .next
            .saturating_add(i64::try_from(missing).unwrap_or(i64::MAX));
    }

    /// Stores those bytes of a piece that came too early and that no earlier piece has brought: the first copy counts.
    pub(super) fn store(&mut self, offset: i64, piece: &Piece) {
        let end = offset + length(piece.bytes.len() as u64 + piece.cut);
        let mut from = offset;
        let known: Vec<(i64, i64)> = self
            .early
            .range(..end)
            .map(|(at, known)| (*at, *at + length(known.bytes.len() as u64 + known.cut)))
            .filter(|(_, until)| *until > offset)
            .collect();
        for (begin, until) in known.into_iter().chain([(end, end)]) {
            if from < begin.min(end) {
                self.store_part(from, &piece.part(from - offset, begin.min(end) - offset));
            }
            from = from.max(until);
        }
    }

    fn store_part(&mut self, offset: i64, piece: &Piece) {
        self.early_bytes += piece.bytes.len();
        self.early.insert(offset, piece.clone());
    }

    /// The first early piece, if it is in order now; what of it is old is cut off.
    pub(super) fn next_early(&mut self) -> Option<Piece> {
        let (&offset, piece) = self.early.first_key_value()?;
        let total = piece.bytes.len() + usize::try_from(piece.cut).unwrap_or(0);
        match self.place(offset, total) {
            Place::Early => None,
            Place::Old => {
                let (_, piece) = self.early.pop_first()?;
                self.early_bytes -= piece.bytes.len();
                self.next_early()
            }
            Place::InOrder(old) => {
                let (_, mut piece) = self.early.pop_first()?;
                self.early_bytes -= piece.bytes.len();
                let old_bytes = old.min(piece.bytes.len());
                piece.bytes.drain(..old_bytes);
                piece.cut -= (old - old_bytes) as u64;
                piece.runs.retain_mut(|run| {
                    run.end = run.end.saturating_sub(old_bytes);
                    run.end > 0
                });
                Some(piece)
            }
        }
    }

    /// How many bytes are missing before the first early piece, or before the end that a FIN has told.
    pub(super) fn hole(&self) -> Option<u64> {
        let early = self.early.first_key_value().map(|(offset, _)| *offset);
        let behind = early.or(self.end.map(|(end, _)| end))?;
        u64::try_from(behind - self.next)
            .ok()
            .filter(|missing| *missing > 0)
    }

    /// Whether bytes that are next in order are held back.
    pub(super) fn is_waiting(&self) -> bool {
        self.early
            .first_key_value()
            .is_some_and(|(offset, _)| *offset <= self.next)
    }

    /// The run that shows the hole: that of the first early piece, or of the FIN.
    pub(super) fn behind_hole(&self) -> Option<Run> {
        let early = self.early.first_key_value();
        early
            .and_then(|(_, piece)| piece.runs.last().copied())
            .or(self.end.map(|(_, run)| run))
    }

    pub(super) const fn early_bytes(&self) -> usize {
        self.early_bytes
    }

    pub(super) fn early_pieces(&self) -> usize {
        self.early.len()
    }

    pub(super) const fn kept_bytes(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn acknowledge(&mut self, sequence: u32) {
        let offset = self.offset(sequence);
        self.acknowledged = self.acknowledged.max(offset);
    }

    /// Whether the other side has acknowledged bytes that are not in the capture.
    pub(super) const fn is_acknowledged_beyond(&self) -> bool {
        self.acknowledged > self.next
    }

    /// Whether everything that was sent so far is acknowledged.
    pub(super) const fn is_all_acknowledged(&self) -> bool {
        self.acknowledged >= self.next && self.next > 0
    }

    /// A FIN tells where the stream ends.
    pub(super) fn finish_at(&mut self, offset: i64, run: Run) {
        self.end.get_or_insert((offset, run));
    }

    /// Whether the FIN has been reached in order.
    pub(super) fn is_finished(&self) -> bool {
        self.end.is_some_and(|(end, _)| self.next >= end)
    }

    /// Whether `offset` lies behind the end that a FIN has told.
    pub(super) fn is_behind_end(&self, offset: i64) -> bool {
        self.end.is_some_and(|(end, _)| offset >= end)
    }
}
