//! Captures of Endace cards (ERF): records without a file header. Times are little-endian, all else is big-endian.
//!
//! Never believes a file that merely begins as a record does: there is no magic, so one record has to lead to the next.

use crate::capture::error::CaptureError;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::capture::source::Source;
use crate::frame::{Frame, LinkType, Timestamp};

/// Bytes in which records are looked for.
pub(super) const WANTED: usize = 192 << 10;
/// Records that have to follow each other, unless the file ends before.
const CHAIN: usize = 4;
const HEADER: usize = 16;
const EXTENSION: usize = 8;
/// Before an Ethernet frame there are so many bytes of no meaning.
const BEFORE_ETHERNET: usize = 2;
/// Set in a type, or in an extension, behind which an extension follows.
const MORE: u8 = 0x80;
const ETHERNET: [u8; 4] = [2, 11, 16, 20];
const IP: [u8; 2] = [22, 23];
const PADDING: u8 = 48;
/// The last type but padding.
const LAST: u8 = 27;
/// Flags that no record has: letters have them.
const NO_FLAGS: u8 = 0xc0;
/// Set in the number of a link type that is of these cards alone, so that it is told as unread.
const UNKNOWN: u16 = 0x4000;

/// Whether records follow each other from the first byte on; `is_all` says that there is nothing behind `bytes`.
pub(super) fn is_chain(bytes: &[u8], is_all: bool) -> bool {
    let mut rest = bytes;
    for seen in 0..CHAIN {
        if rest.is_empty() {
            return is_all && seen > 0;
        }
        let Some(len) = plausible(rest) else {
            return false;
        };
        rest = match rest.get(len..) {
            Some(rest) => rest,
            None => return seen > 1,
        };
    }
    true
}

/// The length of a record that can be one: of a known type and flags, of this age, longer than its header.
fn plausible(head: &[u8]) -> Option<usize> {
    const YEARS: std::ops::Range<u32> = 788_918_400..3_000_000_000;
    let head = head.get(..HEADER)?;
    let (kind, len) = (head.get(8)? & !MORE, usize::from(Order::Big.u16(head, 10)));
    let is_known = (1..=LAST).contains(&kind) || kind == PADDING;
    let is_sound = is_known && head.get(9)? & NO_FLAGS == 0;
    let is_dated = YEARS.contains(&Order::Little.u32(head, 4));
    (is_sound && is_dated && len > HEADER).then_some(len)
}

/// Reads records.
#[derive(Debug)]
pub(super) struct ErfReader {
    source: Source,
    progress: Progress,
}

impl ErfReader {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            progress: Progress::default(),
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        let Some(len) = self.next_record() else {
            self.progress
                .end(&mut self.source, "ends inside the record that begins")?;
            return Ok(None);
        };
        self.source.consume(len);
        let record = self.source.consumed(len);
        let kind = record.get(8).map_or(0, |kind| kind & !MORE);
        let (link, before) = link(kind);
        let number = self.progress.count(link);
        let wire_len = u32::from(Order::Big.u16(record, 14));
        let data = behind_extensions(record).and_then(|data| data.get(before..));
        let data = data.unwrap_or_default();
        let bytes = data.get(..wire_len as usize).unwrap_or(data);
        Ok(Some(Frame {
            number,
            time: time(record),
            link,
            bytes,
            wire_len,
        }))
    }

    /// The length of the next record, once it is all available. Padding is none.
    fn next_record(&mut self) -> Option<usize> {
        loop {
            if !self.source.fill(HEADER) {
                return None;
            }
            let head = self.source.available();
            let (kind, len) = (head.get(8)? & !MORE, usize::from(Order::Big.u16(head, 10)));
            if len < HEADER {
                self.progress.damage(
                    self.source.offset(),
                    "holds a record of a length that cannot be, and is not read further,",
                );
                self.source.close();
                return None;
            }
            if !self.source.fill(len) {
                return None;
            }
            if kind != PADDING {
                return Some(len);
            }
            self.source.consume(len);
        }
    }
}

/// How the bytes of a record begin, and how many stand before them.
fn link(kind: u8) -> (LinkType, usize) {
    match kind {
        kind if ETHERNET.contains(&kind) => (LinkType::ETHERNET, BEFORE_ETHERNET),
        kind if IP.contains(&kind) => (LinkType::RAW, 0),
        other => (LinkType(u16::from(other) | UNKNOWN), 0),
    }
}

/// Seconds, and parts of a second of which 2³² are one.
fn time(record: &[u8]) -> Timestamp {
    let part = (u64::from(Order::Little.u32(record, 0)) * 1_000_000_000) >> 32;
    let seconds = i64::from(Order::Little.u32(record, 4)) * 1_000_000_000;
    Timestamp::from_nanos(seconds + i64::try_from(part).unwrap_or(0))
}

fn behind_extensions(record: &[u8]) -> Option<&[u8]> {
    let mut more = record.get(8)? & MORE != 0;
    let mut rest = record.get(HEADER..)?;
    while more {
        more = rest.first()? & MORE != 0;
        rest = rest.get(EXTENSION..)?;
    }
    Some(rest)
}
