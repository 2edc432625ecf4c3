//! Bytes that came before their turn.
//!
//! Never keeps a second copy: of each byte the first one counts.

use std::collections::BTreeMap;

use crate::net::provenance::Run;

/// What a piece takes beside its bytes.
const PIECE: usize = 128;

/// A length as a distance between offsets.
fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Bytes with the frames that brought them, and how many behind them were cut off by a snap length.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) runs: Vec<Run>,
    pub(super) cut: u64,
}

impl Piece {
    /// The offset behind it, where `offset` is its own.
    fn end(&self, offset: i64) -> i64 {
        offset.saturating_add(length(self.bytes.len() as u64 + self.cut))
    }

    const fn held(&self) -> usize {
        self.bytes.len() + PIECE
    }

    /// The part between two offsets into it; bytes that the snap length cut off may be among it.
    fn part(&self, from: i64, to: i64) -> Self {
        let place = |offset: i64| usize::try_from(offset).unwrap_or(0);
        let (begin, end) = (place(from), place(to).min(self.bytes.len()));
        let bytes = self.bytes.get(begin..end).unwrap_or_default();
        let mut runs: Vec<Run> = self
            .runs
            .iter()
            .filter(|run| run.end > begin)
            .map(|run| Run {
                end: run.end.min(end) - begin.min(end),
                ..*run
            })
            .collect();
        if runs.is_empty() {
            runs.extend(self.runs.last().map(|run| Run { end: 0, ..*run }));
        }
        Self {
            bytes: bytes.to_vec(),
            runs,
            cut: (place(to) - begin - bytes.len()) as u64,
        }
    }
}

/// Pieces by their offset, without overlap.
#[derive(Debug, Default)]
pub(super) struct Early {
    pieces: BTreeMap<i64, Piece>,
    bytes: usize,
}

impl Early {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// What the pieces take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The offset of the first piece, and the frame that brought its first byte.
    pub(super) fn first(&self) -> Option<(i64, Run)> {
        let (offset, piece) = self.pieces.first_key_value()?;
        Some((*offset, *piece.runs.first()?))
    }

    /// Keeps those bytes of a piece that no earlier one has brought.
    pub(super) fn store(&mut self, offset: i64, piece: &Piece) {
        let end = piece.end(offset);
        let before = self.pieces.range(..=offset).next_back();
        let behind = self
            .pieces
            .range(offset.saturating_add(1)..end.max(offset + 1));
        let known: Vec<(i64, i64)> = before
            .into_iter()
            .chain(behind)
            .map(|(at, known)| (*at, known.end(*at)))
            .collect();
        let mut from = offset;
        for (begin, until) in known.into_iter().chain([(end, end)]) {
            let to = begin.min(end);
            if from < to {
                let part = piece.part(from - offset, to - offset);
                self.bytes += part.held();
                self.pieces.insert(from, part);
            }
            from = from.max(until);
        }
    }

    /// Takes the bytes that come at `next`, if they are here; what lies before them is let go.
    pub(super) fn take(&mut self, next: i64) -> Option<Piece> {
        while self.first().is_some_and(|(offset, _)| offset <= next) {
            let (offset, piece) = self.pieces.pop_first()?;
            self.bytes -= piece.held();
            let end = piece.end(offset);
            if end > next {
                return Some(piece.part(next - offset, end - offset));
            }
        }
        None
    }
}
