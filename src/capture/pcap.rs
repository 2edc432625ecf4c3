//! The classic format (pcap savefile): a header, then records. Records are framed here and read by `pcap-parser`.
//!
//! Never looks for a record behind one that is damaged: nothing in the format marks where the next begins.

use pcap_parser::{
    LegacyPcapBlock, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
};

use crate::capture::Progress;
use crate::capture::error::CaptureError;
use crate::capture::source::{LARGEST, Source};
use crate::frame::{Frame, LinkType, Timestamp};

/// The length of the file header.
pub(super) const HEADER: usize = 24;
const RECORD: usize = 16;
/// The record header of Linux systems that had the interface index in it.
const MODIFIED_RECORD: usize = 24;

/// What the file header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PcapHeader {
    order: Order,
    /// Nanoseconds in a unit of the fraction.
    unit: i64,
    record: usize,
    link: LinkType,
    /// Bytes of a frame check sequence at the end of each frame.
    check_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Little,
    Big,
}

/// Reads the file header, if `bytes` begin with one.
pub(super) fn header(bytes: &[u8]) -> Option<PcapHeader> {
    let (order, unit, record) = match bytes.get(..4)? {
        [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, 1_000, RECORD),
        [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, 1_000, RECORD),
        [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, 1, RECORD),
        [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, 1, RECORD),
        [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, 1_000, MODIFIED_RECORD),
        [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, 1_000, MODIFIED_RECORD),
        _ => return None,
    };
    let network = order.number(bytes.get(20..24)?);
    Some(PcapHeader {
        order,
        unit,
        record,
        link: LinkType(low_half(network)),
        check_bytes: check_bytes(network),
    })
}

/// Bit 26 says that bits 28 to 31 hold the length of the frame check sequence, in units of two bytes.
const fn check_bytes(network: u32) -> usize {
    if network & 0x0400_0000 == 0 {
        0
    } else {
        2 * (network >> 28) as usize
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the link type is the low half"
)]
const fn low_half(network: u32) -> u16 {
    network as u16
}

impl Order {
    fn number(self, bytes: &[u8]) -> u32 {
        let octets = bytes.try_into().unwrap_or_default();
        match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        }
    }
}

/// Reads records.
#[derive(Debug)]
pub(super) struct PcapReader {
    source: Source,
    header: PcapHeader,
    progress: Progress,
}

impl PcapReader {
    pub(super) fn new(source: Source, header: PcapHeader) -> Self {
        Self {
            source,
            header,
            progress: Progress::default(),
        }
    }

    pub(super) const fn format(&self) -> &'static str {
        match (self.header.unit, self.header.record) {
            (1, _) => "pcap with nanoseconds",
            (_, RECORD) => "pcap",
            _ => "pcap with modified record headers",
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        let Some(len) = self.record_len()? else {
            return Ok(None);
        };
        let number = self.progress.count(self.header.link);
        self.source.consume(len);
        let header = self.header;
        let Some(block) = block(header, self.source.consumed(len)) else {
            self.progress
                .break_at(self.source.offset(), "holds a record that cannot be read");
            return Ok(None);
        };
        let fraction = i64::from(block.ts_usec) * header.unit;
        let seconds = i64::from(block.ts_sec) * 1_000_000_000;
        let wire_len = block.origlen.max(block.caplen);
        let (bytes, wire_len) = without_check(block.data, wire_len, header.check_bytes);
        Ok(Some(Frame {
            number,
            time: Timestamp::from_nanos(seconds + fraction),
            link: header.link,
            bytes,
            wire_len,
        }))
    }

    /// The length of the next record, header included, once it is all available.
    fn record_len(&mut self) -> Result<Option<usize>, CaptureError> {
        let record = self.header.record;
        if !self.source.fill(record).map_err(CaptureError::Read)? {
            if !self.source.available().is_empty() {
                self.progress
                    .break_at(self.source.offset(), "ends inside a record header");
            }
            return Ok(None);
        }
        let captured = self.source.available().get(8..12).unwrap_or_default();
        let len = record + self.header.order.number(captured) as usize;
        if len > LARGEST {
            self.progress.break_at(
                self.source.offset(),
                "holds a record of a length that cannot be",
            );
            return Ok(None);
        }
        if !self.source.fill(len).map_err(CaptureError::Read)? {
            self.progress
                .break_at(self.source.offset(), "ends inside the record that begins");
            return Ok(None);
        }
        Ok(Some(len))
    }
}

/// Reads a record that is all there. `pcap-parser` knows the modified header in one byte order only.
fn block(header: PcapHeader, bytes: &[u8]) -> Option<LegacyPcapBlock<'_>> {
    let parsed = match (header.record, header.order) {
        (RECORD, Order::Little) => parse_pcap_frame(bytes),
        (RECORD, Order::Big) => parse_pcap_frame_be(bytes),
        (_, Order::Little) => parse_pcap_frame_modified(bytes),
        (_, Order::Big) => return modified_big_endian(bytes),
    };
    parsed.ok().map(|(_, block)| block)
}

fn modified_big_endian(bytes: &[u8]) -> Option<LegacyPcapBlock<'_>> {
    let number = |at: usize| {
        bytes
            .get(at..at + 4)
            .map(|octets| Order::Big.number(octets))
    };
    Some(LegacyPcapBlock {
        ts_sec: number(0)?,
        ts_usec: number(4)?,
        caplen: number(8)?,
        origlen: number(12)?,
        data: bytes.get(MODIFIED_RECORD..)?,
    })
}

/// Takes off the frame check sequence, as far as it was captured.
fn without_check(bytes: &[u8], wire_len: u32, check: usize) -> (&[u8], u32) {
    let wire_len = wire_len.saturating_sub(u32::try_from(check).unwrap_or(0));
    let kept = bytes.len().min(wire_len as usize);
    (bytes.get(..kept).unwrap_or(bytes), wire_len)
}
