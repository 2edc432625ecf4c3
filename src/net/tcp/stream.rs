//! One direction of a connection: segments in any order in, ordered bytes out.
//!
//! Never keeps bytes that nobody may still want: in-order bytes are lent from the frame, and only what is not taken, or
//! comes too early, is copied.

use crate::frame::Timestamp;
use crate::net::provenance::{FrameList, Run};
use crate::net::tcp::early::{Early, Piece};
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

impl<'a> Ready<'a> {
    /// The bytes that are not taken yet. They stay when they are taken.
    pub fn bytes(&self) -> &'a [u8] {
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

/// No window of today's stacks is larger, and no hole of a capture that still shows anything.
const FARTHEST: i64 = 64 << 20;
/// Bytes under way at a time, as a rule.
const WINDOW: i64 = 4 << 20;
/// One direction. Most segments come in order and touch nothing but the first few fields.
#[derive(Debug, Default)]
pub(super) struct Stream {
    origin: Option<Origin>,
    /// The offset of the next byte in order.
    next: i64,
    /// The highest offset that the other side has acknowledged, and where.
    acknowledged: Option<(i64, Run)>,
    pub(super) is_ended: bool,
    /// What most streams do not have, and not at all times.
    rare: Option<Box<Rare>>,
    kept: Vec<u8>,
    kept_runs: Vec<Run>,
}

/// What a stream has that is about to end, or in which bytes are missing.
#[derive(Debug, Default)]
struct Rare {
    early: Early,
    /// The offset behind the last byte, and the FIN that told it.
    end: Option<(i64, Run)>,
    wait: Option<Wait>,
}

/// Bytes that are not here although something shows that they were sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hole {
    /// How many.
    pub(super) missing: u64,
    /// The frame that shows it.
    pub(super) seen_in: Run,
}

/// How long holes have been waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) since: Timestamp,
    /// Segments of either direction that came meanwhile.
    pub(super) segments: u32,
    /// What the other side had acknowledged when the wait began: it is for all holes before that.
    until: i64,
}

impl Wait {
    const fn new(since: Timestamp, until: i64) -> Self {
        Self {
            since,
            segments: 0,
            until,
        }
    }
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

    /// The number of the stream's first byte.
    pub(super) fn first(&self) -> Option<u32> {
        self.origin.map(|Origin(first)| first)
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

    /// Nothing more will come: everything that is held is let go. Where the stream lay is still known.
    pub(super) fn close(&mut self) {
        *self = Self {
            origin: self.origin,
            next: self.next,
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

    /// Stores those bytes of a piece that came too early and that no earlier piece has brought.
    pub(super) fn store(&mut self, offset: i64, piece: &Piece) {
        self.rare().early.store(offset, piece);
    }

    /// The first early piece, if it is in order now; what of it is old is cut off.
    pub(super) fn next_early(&mut self) -> Option<Piece> {
        self.rare.as_mut()?.early.take(self.next)
    }

    /// Whether bytes that are next in order are held back.
    pub(super) fn is_waiting(&self) -> bool {
        self.first_early()
            .is_some_and(|(offset, _)| offset <= self.next)
    }

    /// What is missing before the next bytes that are here, before the FIN, or before what the other side has acknowledged.
    pub(super) fn hole(&self) -> Option<Hole> {
        match self.first_early().or(self.end()) {
            Some((offset, run)) => self.hole_before(offset, run),
            None => self.received_hole(),
        }
    }

    /// What the other side has and the capture has not. Where nothing but an acknowledgement tells of them, one byte is that of
    /// a FIN, and more than a window was never sent.
    pub(super) fn received_hole(&self) -> Option<Hole> {
        let (received, run) = self.acknowledged?;
        let behind = self.first_early().or(self.end());
        match behind.filter(|(offset, _)| *offset <= received) {
            Some((offset, run)) => self.hole_before(offset, run),
            None if (2..=WINDOW).contains(&(received - self.next)) => {
                self.hole_before(received, run)
            }
            None => None,
        }
    }

    fn hole_before(&self, offset: i64, seen_in: Run) -> Option<Hole> {
        let missing = u64::try_from(offset.saturating_sub(self.next)).ok()?;
        (missing > 0).then_some(Hole { missing, seen_in })
    }

    /// Counts a segment for which the first hole has been waited; `None` where there is no hole.
    pub(super) fn wait(&mut self, now: Timestamp) -> Option<Wait> {
        if self.hole().is_none() {
            self.calm_down();
            return None;
        }
        let received = self.received_hole().and(self.acknowledged);
        let (next, until) = (self.next, received.map_or(i64::MAX, |(until, _)| until));
        let wait = self.rare().wait.get_or_insert(Wait::new(now, until));
        let is_other = next >= wait.until || (received.is_some() && wait.until == i64::MAX);
        if is_other {
            *wait = Wait::new(now, until);
        }
        wait.segments += 1;
        Some(*wait)
    }

    /// Nothing is waited for any more.
    fn calm_down(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.wait = None;
            if rare.early.is_empty() && rare.end.is_none() {
                self.rare = None;
            }
        }
    }

    pub(super) fn early_bytes(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.early.bytes())
    }

    pub(super) fn has_early(&self) -> bool {
        self.rare
            .as_ref()
            .is_some_and(|rare| !rare.early.is_empty())
    }

    /// Whether nothing is missing, nothing came early and no end is in sight: nothing has to be waited for.
    #[inline]
    pub(super) fn is_smooth(&self) -> bool {
        self.rare.is_none() && self.received_hole().is_none()
    }

    /// The offset of the first early piece, and the frame that brought its first byte.
    fn first_early(&self) -> Option<(i64, Run)> {
        self.rare.as_ref()?.early.first()
    }

    fn end(&self) -> Option<(i64, Run)> {
        self.rare.as_ref()?.end
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) const fn kept_bytes(&self) -> usize {
        self.kept.len()
    }

    /// The other side wants `sequence` next.
    pub(super) fn acknowledge(&mut self, sequence: u32, run: Run) {
        let offset = self.offset(sequence);
        if self.acknowledged.is_none_or(|(known, _)| offset > known) {
            self.acknowledged = Some((offset, run));
        }
    }

    /// Whether the other side was ever heard.
    pub(super) const fn is_heard(&self) -> bool {
        self.acknowledged.is_some()
    }

    /// Whether everything that was sent so far is acknowledged.
    pub(super) fn is_all_acknowledged(&self) -> bool {
        self.next > 0
            && self
                .acknowledged
                .is_some_and(|(offset, _)| offset >= self.next)
    }

    pub(super) fn finish_at(&mut self, offset: i64, run: Run) {
        self.rare().end.get_or_insert((offset, run));
    }

    /// A RST has the number of the next byte (RFC 9293 section 3.10.7): what lies before it was sent. One byte is that of a FIN,
    /// and more than a window was never sent.
    pub(super) fn reset_at(&mut self, sequence: u32, run: Run) {
        let offset = self.offset(sequence);
        let is_behind = (2..=WINDOW).contains(&(offset - self.next));
        if self.has_begun() && !self.is_ended && is_behind {
            self.finish_at(offset, run);
        }
    }

    /// Whether the FIN has been reached in order.
    pub(super) fn is_finished(&self) -> bool {
        self.end().is_some_and(|(end, _)| self.next >= end)
    }

    /// Whether `offset` lies behind the end that a FIN has told.
    pub(super) fn is_behind_end(&self, offset: i64) -> bool {
        self.end().is_some_and(|(end, _)| offset >= end)
    }

    /// Whether `sequence` is so far from the next byte that it belongs to another stream: more than any window.
    pub(super) fn is_elsewhere(&self, sequence: u32) -> bool {
        self.has_begun() && (self.offset(sequence) - self.next).abs() > FARTHEST
    }
}
