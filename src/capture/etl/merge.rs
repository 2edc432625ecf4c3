//! The records of all buffers in the order of their times, as Windows' own tools show them.
//!
//! Never holds more buffers than overlap in time, and of those no more than a limit: beyond it the order is that of the file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::capture::etl::buffers::Buffer;
use crate::capture::etl::records::{self, Record};
use crate::capture::store::Store;

/// Bytes of buffers that are held at a time: those of 128 processors with buffers of half a MiB.
const HELD: usize = 64 << 20;

/// A buffer and when its first record was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dated {
    pub(super) first: i64,
    pub(super) buffer: Buffer,
}

/// A buffer whose records are being told.
#[derive(Debug)]
struct Open {
    bytes: Vec<u8>,
    records: Vec<Record>,
    told: usize,
    /// What it counts against the limit.
    weight: usize,
    buffer: Buffer,
}

/// When the next record of an open buffer was written, where the buffer is in the file, and its slot.
type Turn = Reverse<(i64, u64, usize)>;

/// Tells the records.
#[derive(Debug)]
pub(super) struct Merge {
    /// By first time, those of one time as they lie in the file; the last is the next.
    waiting: Vec<Dated>,
    open: Vec<Option<Open>>,
    free: Vec<usize>,
    turns: BinaryHeap<Turn>,
    /// The slot of the record that was told last.
    current: Option<usize>,
    held: usize,
    /// Whether a buffer had to wait for others although its time had come.
    pub(super) is_disordered: bool,
}

impl Merge {
    pub(super) fn new(mut buffers: Vec<Dated>) -> Self {
        buffers.sort_by_key(|dated| Reverse((dated.first, dated.buffer.at)));
        Self {
            waiting: buffers,
            open: Vec::new(),
            free: Vec::new(),
            turns: BinaryHeap::new(),
            current: None,
            held: 0,
            is_disordered: false,
        }
    }

    /// The next record: its time, its bytes, and the processor that wrote it.
    pub(super) fn next(&mut self, store: &mut Store) -> Option<(i64, &[u8], u16)> {
        self.release();
        self.open_what_is_due(store);
        let Reverse((time, _, slot)) = self.turns.pop()?;
        self.current = Some(slot);
        let open = self.open.get(slot)?.as_ref()?;
        let bytes = open.records.get(open.told)?.of(&open.bytes)?;
        Some((time, bytes, open.buffer.processor))
    }

    /// The record that was told last is done with.
    fn release(&mut self) {
        let Some(slot) = self.current.take() else {
            return;
        };
        let Some(Some(open)) = self.open.get_mut(slot) else {
            return;
        };
        open.told += 1;
        if let Some(record) = open.records.get(open.told) {
            self.turns
                .push(Reverse((record.time, open.buffer.at, slot)));
        } else {
            self.held -= open.weight;
            self.open[slot] = None;
            self.free.push(slot);
        }
    }

    /// Opens all buffers that begin before the next record.
    #[inline]
    fn open_what_is_due(&mut self, store: &mut Store) {
        while let Some(dated) = self.waiting.last() {
            if let Some(Reverse((time, _, _))) = self.turns.peek() {
                if *time < dated.first {
                    return;
                }
                if self.held > HELD {
                    self.is_disordered = true;
                    return;
                }
            }
            if let Some(dated) = self.waiting.pop() {
                self.open(dated.buffer, store);
            }
        }
    }

    fn open(&mut self, buffer: Buffer, store: &mut Store) {
        let (bytes, _) = buffer.load(store);
        let records = records::of(&bytes).list;
        let Some(first) = records.first() else {
            return;
        };
        let weight = bytes.len() + records.len() * size_of::<Record>();
        self.held += weight;
        let slot = self.free.pop().unwrap_or(self.open.len());
        self.turns.push(Reverse((first.time, buffer.at, slot)));
        let open = Some(Open {
            bytes,
            records,
            told: 0,
            weight,
            buffer,
        });
        match self.open.get_mut(slot) {
            Some(place) => *place = open,
            None => self.open.push(open),
        }
    }
}
