//! Where the frames are: the table at the end of the file, or the frames themselves where it is missing.
//!
//! Never holds more than a piece of the table.

use super::frame::{self, Record};
use super::header::NetmonHeader;
use crate::capture::order::Order;
use crate::capture::store::Store;

/// Bytes of one entry: the place of a frame in the file.
const ENTRY: u64 = 4;
/// Bytes of the table that are held.
const PIECE: usize = 64 << 10;
/// Where the first frame may be: behind the header, or behind a header that was padded.
const FIRST: [u64; 2] = [72, 128];

/// The places of the frames, one after the other.
#[derive(Debug)]
pub(super) struct Table {
    /// What is left of the table in the file.
    next: u64,
    end: u64,
    piece: Vec<u8>,
    at: usize,
    /// Set where there is no table: the place at which the next frame is believed.
    walk: Option<u64>,
}

impl Table {
    pub(super) fn new(header: NetmonHeader, store: &mut Store) -> Self {
        let (begin, len) = header.table;
        let end = begin + len / ENTRY * ENTRY;
        let mut is_frame = |place: &u64| frame::is_plausible(header, store, *place);
        let walk = FIRST.into_iter().find(&mut is_frame);
        let is_whole = begin + len <= store.size();
        Self {
            next: begin,
            end: if is_whole { end } else { begin },
            piece: Vec::new(),
            at: 0,
            walk: walk.filter(|_| !is_whole),
        }
    }

    /// The place of the next frame.
    #[inline]
    pub(super) fn next(&mut self, store: &mut Store) -> Option<u64> {
        if self.walk.is_some() {
            return self.walk;
        }
        if self.at >= self.piece.len() {
            self.load(store);
        }
        let place = self.following()?;
        self.at += 4;
        Some(place)
    }

    /// The place behind that of the frame that was given last, as far as it is at hand.
    #[inline]
    pub(super) fn following(&self) -> Option<u64> {
        let entry = self.piece.get(self.at..self.at + 4)?;
        Some(u64::from(Order::Little.u32(entry, 0)))
    }

    /// Without the table: the next frame is behind the one that was read last, if anything like a frame is.
    #[inline]
    pub(super) fn walk_on(
        &mut self,
        header: NetmonHeader,
        store: &mut Store,
        last: Option<Record>,
    ) {
        if self.walk.is_some() {
            let next = last.map(|record| record.end);
            self.walk = next.filter(|place| frame::is_plausible(header, store, *place));
        }
    }

    /// Gives no place any more.
    pub(super) fn stop(&mut self) {
        self.walk = None;
        self.end = self.next;
        self.at = self.piece.len();
    }

    fn load(&mut self, store: &mut Store) {
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let piece = store.get(self.next, left.min(PIECE));
        self.piece.clear();
        self.piece.extend_from_slice(piece);
        self.at = 0;
        self.next += self.piece.len() as u64;
    }
}
