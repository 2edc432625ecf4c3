//! The classic format (pcap savefile): a header, then records. Records are framed here and read by `pcap-parser`.
//!
//! Never looks for a record behind one that is damaged: nothing in the format marks where the next begins.

use pcap_parser::{
    LegacyPcapBlock, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
};

use crate::capture::error::CaptureError;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::capture::source::Source;
use crate::frame::{Frame, LinkType, Timestamp};

/// The length of the file header.
pub(super) const HEADER: usize = 24;
const RECORD: usize = 16;
/// The record header of Linux systems that had the interface index in it.
const MODIFIED_RECORD: usize = 24;
/// Captured bytes of a record that are always believed: the largest snap length that tools set by themselves.
const NORMAL: u32 = 256 << 10;
/// Captured bytes of a record that are believed where the file's snap length allows so many.
const MOST: u32 = 16 << 20;

/// What the file header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PcapHeader {
    order: Order,
    /// Nanoseconds in a unit of the fraction.
    unit: i64,
    /// The length of a record header.
    record: usize,
    /// The most captured bytes of a record that are believed.
    most: u32,
    link: LinkType,
    /// Bytes of a frame check sequence at the end of each frame.
    check_bytes: usize,
}

/// Reads the file header, if `bytes` begin with one.
pub(super) fn header(bytes: &[u8]) -> Option<PcapHeader> {
    let (order, unit, record) = magic(bytes)?;
    let header = bytes.get(..HEADER)?;
    let network = order.u32(header, 20);
    Some(PcapHeader {
        order,
        unit,
        record,
        most: order.u32(header, 16).clamp(NORMAL, MOST),
        link: LinkType(low_half(network)),
        check_bytes: check_bytes(network),
    })
}

/// Whether `bytes` begin as a file header does.
pub(super) fn has_magic(bytes: &[u8]) -> bool {
    magic(bytes).is_some()
}

/// Byte order, unit of the fraction and length of a record header.
fn magic(bytes: &[u8]) -> Option<(Order, i64, usize)> {
    Some(match bytes.get(..4)? {
        [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, 1_000, RECORD),
        [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, 1_000, RECORD),
        [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, 1, RECORD),
        [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, 1, RECORD),
        [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, 1_000, MODIFIED_RECORD),
        [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, 1_000, MODIFIED_RECORD),
        _ => return None,
    })
}

/// Whether `bytes` begin with the header of AIX: version 2.2, and a link type that is an interface type of RFC 1573.
pub(super) fn is_aix(bytes: &[u8]) -> bool {
    const ETHERNET: u32 = 6;
    const TOKEN_RING: u32 = 9;
    const FDDI: u32 = 15;
    const LOOPBACK: u32 = 24;
    let order = Order::Big;
    bytes.starts_with(&[0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 2])
        && matches!(
            order.u32(bytes, 20),
            ETHERNET | TOKEN_RING | FDDI | LOOPBACK
        )
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
            (1, _) => "pcap (nanoseconds)",
            (_, RECORD) => "pcap",
            _ => "pcap (modified record headers)",
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    #[expect(
        clippy::inline_always,
        reason = "measured: the frame is not copied from layer to layer"
    )]
    #[inline(always)]
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        let Some(len) = self.next_record() else {
            self.progress
                .end(&mut self.source, "ends inside the record that begins")?;
            return Ok(None);
        };
        let number = self.progress.count(self.header.link);
        self.source.consume(len);
        Ok(block(self.header, self.source.consumed(len)).map(|block| {
            let time = i64::from(block.ts_sec) * 1_000_000_000
                + i64::from(block.ts_usec) * self.header.unit;
            let wire_len = block.origlen.max(block.caplen);
            let (bytes, wire_len) =
                super::without_check(block.data, wire_len, self.header.check_bytes);
            Frame {
                number,
                time: Timestamp::from_nanos(time),
                link: self.header.link,
                bytes,
                wire_len,
            }
        }))
    }

    /// The length of the next record, header included, once it is all available.
    #[expect(
        clippy::inline_always,
        reason = "measured: the frame is not copied from layer to layer"
    )]
    #[inline(always)]
    fn next_record(&mut self) -> Option<usize> {
        let record = self.header.record;
        if !self.source.fill(record) {
            return None;
        }
        let captured = self.header.order.u32(self.source.available(), 8);
        if captured > self.header.most {
            self.give_up();
            return None;
        }
        let len = record + captured as usize;
        self.source.fill(len).then_some(len)
    }

    fn give_up(&mut self) {
        self.progress.damage(
            self.source.offset(),
            "holds a record of a length that cannot be, and is not read further,",
        );
        self.source.close();
    }
}

/// Reads a record that is all there. `pcap-parser` knows the modified header in one byte order only.
#[inline]
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
    let number = |at| Order::Big.u32(bytes, at);
    Some(LegacyPcapBlock {
        ts_sec: number(0),
        ts_usec: number(4),
        caplen: number(8),
        origlen: number(12),
        data: bytes.get(MODIFIED_RECORD..)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_bits_of_the_network_field_are_no_link_type() {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&[0xa1, 0xb2, 0xc3, 0xd4]);
        bytes[20..].copy_from_slice(&[0x24, 0, 0, 1]);
        let header = header(&bytes).unwrap();
        assert_eq!(header.link, LinkType::ETHERNET);
        assert_eq!(header.check_bytes, 4);
        assert_eq!(check_bytes(0x2000_0001), 0);
    }

    #[test]
    fn a_record_is_believed_up_to_the_snap_length_within_limits() {
        let most = |snap_len: u32| {
            let mut bytes = [0; HEADER];
            bytes[..4].copy_from_slice(&[0xd4, 0xc3, 0xb2, 0xa1]);
            bytes[16..20].copy_from_slice(&snap_len.to_le_bytes());
            header(&bytes).unwrap().most
        };
        assert_eq!(most(0), NORMAL);
        assert_eq!(most(65_535), NORMAL);
        assert_eq!(most(1 << 20), 1 << 20);
        assert_eq!(most(0x7fff_ffff), MOST);
    }
}
