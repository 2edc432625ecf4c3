//! One event of a provider, as a trace has it or as Network Monitor wraps it in a frame.
//!
//! Never knows what an event means.

use crate::capture::etl::records::kind;
use crate::capture::order::Order;

const ORDER: Order = Order::Little;
/// The length of an event's header.
const HEADER: usize = 80;
/// The least that Network Monitor puts before the data of an event.
const WRAPPED: usize = 89;

/// Who wrote an event: a GUID in the byte order of Windows.
pub(super) type Provider = [u8; 16];

/// An event, as far as packets need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::capture) struct Event<'a> {
    pub(super) provider: Provider,
    pub(super) id: u16,
    pub(super) keyword: u64,
    /// Where it was written: processor, process and thread.
    pub(super) writer: Writer,
    pub(super) data: &'a [u8],
}

/// Pieces of one packet have the same writer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Writer {
    pub(super) processor: u16,
    pub(super) process: u32,
    pub(super) thread: u32,
}

impl<'a> Event<'a> {
    /// Reads a record that is all there; `None` where it is of another kind.
    #[inline]
    pub(super) fn of_record(record: &'a [u8], processor: u16) -> Option<Self> {
        if !kind::EVENT.contains(record.get(2)?) {
            return None;
        }
        let data = record.get(HEADER..)?;
        let has_extension = record.get(4)? & 1 != 0;
        let data = if has_extension {
            behind_items(data)?
        } else {
            data
        };
        Self::of_header(record, processor, data)
    }

    /// Reads the frame in which Network Monitor keeps an event.
    pub(in crate::capture) fn of_frame(frame: &'a [u8]) -> Option<Self> {
        let len = usize::from(ORDER.u16(frame.get(..WRAPPED)?, 86));
        let begin = frame.len().checked_sub(len)?;
        let data = frame.get(begin.max(WRAPPED)..)?;
        Self::of_header(frame, u16::from(*frame.get(80)?), data)
    }

    /// The two are laid out alike in what matters.
    #[inline]
    fn of_header(header: &[u8], processor: u16, data: &'a [u8]) -> Option<Self> {
        Some(Self {
            provider: *header.get(24..)?.first_chunk()?,
            id: ORDER.u16(header, 40),
            keyword: u64::from_le_bytes(*header.get(48..)?.first_chunk()?),
            writer: Writer {
                processor,
                process: ORDER.u32(header, 12),
                thread: ORDER.u32(header, 8),
            },
            data,
        })
    }
}

/// What follows the extended items: each says whether another follows.
fn behind_items(mut data: &[u8]) -> Option<&[u8]> {
    const ITEM: usize = 8;
    loop {
        let item = data.get(..ITEM)?;
        let len = usize::from(ORDER.u16(item, 6));
        data = data.get((ITEM + len).next_multiple_of(8)..)?;
        if ORDER.u16(item, 4) & 1 == 0 {
            return Some(data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_items_are_no_data() {
        let items = b"\0\0\x01\0\x01\0\x0a\0ten bytes!......\0\0\x02\0\0\0\0\0the data";
        let mut record = vec![0; HEADER];
        record[2] = 0x13;
        record[40] = 7;
        let mut with_items = record.clone();
        with_items[4] = 1;
        with_items.extend(items);
        record.extend(b"the data");
        let event = Event::of_record(&record, 3).unwrap();
        assert_eq!((event.id, event.writer.processor), (7, 3));
        assert_eq!(Event::of_record(&with_items, 3), Some(event));
        for len in 0..with_items.len() - 8 {
            assert_eq!(Event::of_record(&with_items[..len], 3), None, "{len}");
        }
    }
}
