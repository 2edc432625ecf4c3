//! The buffers of a trace: each was filled by one processor, and they follow each other in the file.
//!
//! Never believes a size: what a buffer expands to is bounded by what of it is in the file.

use crate::capture::etl::xpress;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::capture::source::LARGEST;
use crate::capture::store::Store;

const ORDER: Order = Order::Little;
/// The length of a buffer's header.
pub(super) const HEADER: usize = 0x48;
/// A compressed buffer is believed up to this length, whatever it takes in the file,
const BELIEVED: usize = 64 << 10;
/// and beyond that up to so many times what it takes in the file.
const RATIO: usize = 256;

/// Flags of a buffer.
const LOST_EVENTS: u16 = 2;
const LOST_BUFFER: u16 = 4;
const WIDE_PROCESSOR: u16 = 0x20;
const COMPRESSED: u16 = 0x40;
/// All flags that are known.
const KNOWN: u16 = 0x1ff;
/// The last type of a buffer.
const LAST_TYPE: u16 = 7;

/// The header of a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Buffer {
    /// Where it begins in the file.
    pub(super) at: u64,
    /// What it takes in the file.
    size: u32,
    /// Where its records end, once it is expanded.
    filled: u32,
    flags: u16,
    pub(super) processor: u16,
}

impl Buffer {
    fn read(at: u64, header: &[u8]) -> Option<Self> {
        let header = header.get(..HEADER)?;
        let flags = ORDER.u16(header, 0x34);
        let processor = ORDER.u16(header, 0x28);
        let buffer = Self {
            at,
            size: ORDER.u32(header, 0),
            filled: ORDER.u32(header, 0x30),
            flags,
            processor: if flags & WIDE_PROCESSOR == 0 {
                processor & 0xff
            } else {
                processor
            },
        };
        let is_sound = (HEADER..=LARGEST).contains(&(buffer.size as usize))
            && (buffer.is_compressed() || buffer.filled <= buffer.size)
            && flags & !KNOWN == 0
            && ORDER.u16(header, 0x36) <= LAST_TYPE;
        is_sound.then_some(buffer)
    }

    const fn is_compressed(&self) -> bool {
        self.flags & COMPRESSED != 0
    }

    /// Whether something could not be written before or into it.
    pub(super) const fn has_losses(&self) -> bool {
        self.flags & (LOST_EVENTS | LOST_BUFFER) != 0
    }

    /// Its records, expanded; says whether they are all there.
    pub(super) fn load(&self, store: &mut Store) -> (Vec<u8>, bool) {
        let stored = store.get(self.at, self.size as usize);
        let is_cut = stored.len() < self.size as usize;
        let stored = stored.get(HEADER..).unwrap_or_default();
        let len = (self.filled as usize).saturating_sub(HEADER);
        if self.is_compressed() {
            let believed = len.min(BELIEVED + RATIO * stored.len()).min(LARGEST);
            let expanded = xpress::expand(stored, believed);
            (expanded.bytes, expanded.is_whole && believed == len)
        } else {
            let filled = stored.get(..len).unwrap_or(stored);
            (filled.to_vec(), !is_cut || filled.len() == len)
        }
    }
}

/// Walks from buffer to buffer.
#[derive(Debug, Default)]
pub(super) struct Walk {
    at: u64,
    /// The buffer before, and what the one before that took in the file.
    last: Option<Buffer>,
    usual: u32,
}

impl Walk {
    /// The next buffer; what is between two sound ones and is none is told.
    pub(super) fn next(&mut self, store: &mut Store, progress: &mut Progress) -> Option<Buffer> {
        if self.at >= store.size() {
            return None;
        }
        let buffer = Buffer::read(self.at, store.get(self.at, HEADER))
            .or_else(|| self.resynchronise(store, progress))?;
        self.usual = self.last.map_or(0, |last| last.size);
        self.last = Some(buffer);
        self.at = buffer.at + u64::from(buffer.size);
        Some(buffer)
    }

    /// A file may end in zeros; anything else that is no buffer is damage.
    fn resynchronise(&mut self, store: &mut Store, progress: &mut Progress) -> Option<Buffer> {
        let damaged = self.at;
        let found = self.sized_as_before(store).or_else(|| self.search(store));
        let is_padding = store.get(damaged, HEADER).iter().all(|byte| *byte == 0);
        if found.is_some() || !is_padding {
            progress.damage_somewhere(damaged, "holds something that is no buffer of a trace");
        }
        self.at = store.size();
        found
    }

    /// Where the size of the last buffer is damaged, it was that of the one before.
    fn sized_as_before(&self, store: &mut Store) -> Option<Buffer> {
        let at = self.last?.at + u64::from(self.usual);
        if self.usual == 0 || at > self.at {
            return None;
        }
        likely(at, store)
    }

    /// The next place that looks like a buffer. Compressed ones are not aligned.
    fn search(&self, store: &mut Store) -> Option<Buffer> {
        let is_compressed = self.last.is_some_and(|last| last.is_compressed());
        let step = if is_compressed { 1 } else { 8 };
        let mut at = self.at + step;
        while at < store.size() {
            if let Some(buffer) = likely(at, store) {
                return Some(buffer);
            }
            at += step;
        }
        None
    }
}

/// A buffer that was found by searching: flushed, with a record behind its header, or compressed.
fn likely(at: u64, store: &mut Store) -> Option<Buffer> {
    const FLUSHED: u32 = 3;
    let header = store.get(at, HEADER + 4);
    let has_record = header.get(HEADER + 3).is_some_and(|marks| *marks >= 0x80);
    let is_flushed = ORDER.u32(header, 0x2c) == FLUSHED;
    Buffer::read(at, header).filter(|buffer| {
        is_flushed && (buffer.is_compressed() || has_record) && buffer.filled as usize > HEADER
    })
}
