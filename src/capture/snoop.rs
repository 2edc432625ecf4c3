//! Captures of Solaris (snoop, RFC 1761): a header, then records. All numbers are big-endian.
//!
//! Never looks for a record behind one that is damaged: nothing in the format marks where the next begins.

use crate::capture::error::CaptureError;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::capture::source::Source;
use crate::frame::{Frame, LinkType, Timestamp};

/// The length of the file header.
pub(super) const HEADER: usize = 16;
const RECORD: usize = 24;
/// The longest record that is believed.
const MOST: usize = 256 << 10;
const ORDER: Order = Order::Big;

/// Reads the file header, if `bytes` begin with one: the link type of all frames.
pub(super) fn header(bytes: &[u8]) -> Option<LinkType> {
    const VERSION: u32 = 2;
    let header = bytes.get(..HEADER)?;
    if !has_magic(header) || ORDER.u32(header, 8) != VERSION {
        return None;
    }
    Some(match ORDER.u32(header, 12) {
        0 | 4 => LinkType::ETHERNET,
        2 => LinkType::TOKEN_RING,
        8 => LinkType::FDDI,
        other => LinkType(u16::try_from(other).unwrap_or(u16::MAX) | UNKNOWN),
    })
}

/// Set in the number of a link type that is snoop's own, so that it is told as unread.
const UNKNOWN: u16 = 0x8000;

/// Whether `bytes` begin as a file header does.
pub(super) fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"snoop\0\0\0")
}

/// Reads records.
#[derive(Debug)]
pub(super) struct SnoopReader {
    source: Source,
    link: LinkType,
    progress: Progress,
}

impl SnoopReader {
    /// A reader of the records behind the header, which is consumed.
    pub(super) fn new(source: Source, link: LinkType) -> Self {
        Self {
            source,
            link,
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
        let number = self.progress.count(self.link);
        self.source.consume(len);
        let record = self.source.consumed(len);
        let captured = ORDER.u32(record, 4);
        let behind = record.get(RECORD..).unwrap_or_default();
        let seconds = i64::from(ORDER.u32(record, 16)) * 1_000_000_000;
        let micros = i64::from(ORDER.u32(record, 20)) * 1_000;
        Ok(Some(Frame {
            number,
            time: Timestamp::from_nanos(seconds + micros),
            link: self.link,
            bytes: behind.get(..captured as usize).unwrap_or(behind),
            wire_len: ORDER.u32(record, 0).max(captured),
        }))
    }

    /// The length of the next record, header and padding included, once it is all available.
    fn next_record(&mut self) -> Option<usize> {
        if !self.source.fill(RECORD) {
            return None;
        }
        let head = self.source.available();
        let (captured, len) = (ORDER.u32(head, 4) as usize, ORDER.u32(head, 8) as usize);
        if len > MOST || captured.saturating_add(RECORD) > len {
            self.progress.damage(
                self.source.offset(),
                "holds a record of a length that cannot be, and is not read further,",
            );
            self.source.close();
            return None;
        }
        self.source.fill(len).then_some(len)
    }
}
