//! pcapng: sections of blocks. Blocks are framed here and read by `pcap-parser`.
//!
//! Never trusts a block's length beyond its trailer: behind a damaged block the next plausible one is looked for.

use pcap_parser::pcapng::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, SimplePacketBlock,
    parse_block_be, parse_block_le,
};

use crate::capture::Progress;
use crate::capture::error::CaptureError;
use crate::capture::source::{LARGEST, Source};
use crate::frame::{Frame, LinkType, Timestamp};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Blocks that are no packets and that Wireshark numbers all the same: systemd journal entries, custom blocks of either kind,
/// and events of Sysdig in their three forms.
const NUMBERED: [u32; 6] = [9, 0x0bad, 0x4000_0bad, 0x0204, 0x0216, 0x0221];

const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// Interfaces of one section that are believed.
const INTERFACES: usize = 65_536;

/// Reads blocks.
#[derive(Debug)]
pub(super) struct PcapngReader {
    source: Source,
    progress: Progress,
    order: Order,
    interfaces: Vec<Interface>,
    last_time: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Little,
    Big,
}

/// What packets need to know of their interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    snap_len: u32,
    clock: Clock,
}

/// How the timestamps of an interface count.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// Units in a second.
    units: i128,
    /// Seconds to add.
    offset: i64,
}

/// A packet as its block tells it, but for its bytes, which stand at `from` of the block.
#[derive(Clone, Copy, Debug)]
struct Packet {
    interface: u32,
    /// In units of the interface's clock.
    ticks: Option<u64>,
    from: usize,
    captured: u32,
    original: u32,
}

impl PcapngReader {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            progress: Progress {
                frames: 0,
                link_types: Vec::new(),
                limitations: Vec::new(),
                is_broken: false,
            },
            order: Order::Little,
            interfaces: Vec::new(),
            last_time: Timestamp::from_nanos(0),
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        loop {
            let Some((kind, len)) = self.next_block()? else {
                return Ok(None);
            };
            let Some(packet) = self.take(kind, len) else {
                continue;
            };
            let known = self.interfaces.get(packet.interface as usize).copied();
            let link = known.map_or(UNKNOWN_LINK, |interface| interface.link);
            let number = self.progress.count(link);
            if known.is_none() {
                self.progress.break_at(
                    self.source.offset() - len as u64,
                    "holds a packet of an interface that it does not describe",
                );
            }
            if let (Some(ticks), Some(interface)) = (packet.ticks, known) {
                self.last_time = interface.clock.time(ticks);
            }
            let block = self.source.consumed(len);
            let bytes = block
                .get(packet.from..)
                .and_then(|rest| rest.get(..packet.captured as usize))
                .unwrap_or_default();
            return Ok(Some(Frame {
                number,
                time: self.last_time,
                link,
                bytes,
                wire_len: packet.original.max(packet.captured),
            }));
        }
    }

    /// Type and length of the next block, once it is all available.
    fn next_block(&mut self) -> Result<Option<(u32, usize)>, CaptureError> {
        loop {
            if !self.source.fill(12).map_err(CaptureError::Read)? {
                if !self.source.available().is_empty() {
                    self.progress
                        .break_at(self.source.offset(), "ends inside a block");
                }
                return Ok(None);
            }
            let (kind, len) = self.block_header();
            if !(12..=u64::MAX).contains(&len) || len % 4 != 0 {
                self.resynchronise("holds a block of a length that cannot be")?;
            } else if let Ok(len) = usize::try_from(len)
                && len <= LARGEST
            {
                if !self.source.fill(len).map_err(CaptureError::Read)? {
                    self.progress
                        .break_at(self.source.offset(), "ends inside the block that begins");
                    return Ok(None);
                }
                if self.has_trailer(len) {
                    return Ok(Some((kind, len)));
                }
                self.resynchronise("holds a block whose two lengths differ")?;
            } else {
                self.progress.break_at(
                    self.source.offset(),
                    "holds a block that is too large to be read",
                );
                if !self.source.skip(len).map_err(CaptureError::Read)? {
                    return Ok(None);
                }
            }
        }
    }

    /// Type and length; a section header sets the byte order for what follows.
    fn block_header(&mut self) -> (u32, u64) {
        let bytes = self.source.available();
        let kind = self.order.number(bytes, 0);
        if kind == SECTION_HEADER {
            self.order = match bytes.get(8..12) {
                Some(b"\x1a\x2b\x3c\x4d") => Order::Big,
                _ => Order::Little,
            };
        }
        (kind, u64::from(self.order.number(bytes, 4)))
    }

    fn has_trailer(&self, len: usize) -> bool {
        let bytes = self.source.available();
        self.order.number(bytes, len - 4) as usize == len
    }

    /// Tells the damage and moves to the next place where a block may begin.
    fn resynchronise(&mut self, what: &str) -> Result<(), CaptureError> {
        self.progress.break_at(self.source.offset(), what);
        loop {
            self.source.consume(4);
            if !self.source.fill(12).map_err(CaptureError::Read)? {
                let rest = self.source.available().len();
                self.source.consume(rest);
                return Ok(());
            }
            if self.is_plausible()? {
                return Ok(());
            }
        }
    }

    fn is_plausible(&mut self) -> Result<bool, CaptureError> {
        let (kind, len) = self.block_header();
        let is_known = matches!(kind, SECTION_HEADER | INTERFACE..=6);
        let Ok(len) = usize::try_from(len) else {
            return Ok(false);
        };
        if !is_known || !(12..=PLAUSIBLE).contains(&len) || len % 4 != 0 {
            return Ok(false);
        }
        Ok(self.source.fill(len).map_err(CaptureError::Read)? && self.has_trailer(len))
    }

    /// Consumes a block and takes in what it says; gives the packet in it.
    fn take(&mut self, kind: u32, len: usize) -> Option<Packet> {
        self.source.consume(len);
        let block = self.source.consumed(len);
        match kind {
            SECTION_HEADER => {
                self.interfaces.clear();
                None
            }
            OLD_PACKET => self.order.old_packet(block),
            kind if NUMBERED.contains(&kind) => Some(Packet {
                interface: u32::MAX,
                ticks: None,
                from: len,
                captured: 0,
                original: 0,
            }),
            INTERFACE | SIMPLE_PACKET | ENHANCED_PACKET => self.parse(len),
            _ => None,
        }
    }

    fn parse(&mut self, len: usize) -> Option<Packet> {
        let bytes = self.source.consumed(len);
        let parsed = match self.order {
            Order::Little => parse_block_le(bytes),
            Order::Big => parse_block_be(bytes),
        };
        match parsed {
            Ok((_, Block::EnhancedPacket(block))) => Some(enhanced(&block)),
            Ok((_, Block::SimplePacket(block))) => Some(self.simple(&block)),
            Ok((_, Block::InterfaceDescription(block))) => {
                let interface = self.order.interface(&block);
                if self.interfaces.len() < INTERFACES {
                    self.interfaces.push(interface);
                }
                None
            }
            Ok(_) => None,
            Err(_) => {
                let begin = self.source.offset() - len as u64;
                self.progress
                    .break_at(begin, "holds a block that cannot be read");
                None
            }
        }
    }

    /// A simple packet belongs to the first interface, whose snap length says how much of it is there.
    fn simple(&self, block: &SimplePacketBlock<'_>) -> Packet {
        let snap_len = self
            .interfaces
            .first()
            .map(|interface| interface.snap_len)
            .filter(|snap_len| *snap_len > 0);
        let there = u32::try_from(block.data.len()).unwrap_or(u32::MAX);
        let captured = block.origlen.min(snap_len.unwrap_or(u32::MAX)).min(there);
        Packet {
            interface: 0,
            ticks: None,
            from: 12,
            captured,
            original: block.origlen,
        }
    }
}

/// Packets of undescribed interfaces and records that are no packets: no link type has this number.
const UNKNOWN_LINK: LinkType = LinkType(u16::MAX);
/// A block that is found by searching is not believed beyond this length.
const PLAUSIBLE: usize = 256 << 10;

fn enhanced(block: &EnhancedPacketBlock<'_>) -> Packet {
    Packet {
        interface: block.if_id,
        ticks: Some(u64::from(block.ts_high) << 32 | u64::from(block.ts_low)),
        from: 28,
        captured: block.caplen,
        original: block.origlen,
    }
}

impl Order {
    fn number(self, bytes: &[u8], at: usize) -> u32 {
        let octets = bytes
            .get(at..at + 4)
            .and_then(|octets| octets.try_into().ok())
            .unwrap_or_default();
        match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        }
    }

    /// The packet block of early versions: interface and drops share a word.
    fn old_packet(self, block: &[u8]) -> Option<Packet> {
        let halves = block.get(8..10)?.try_into().ok()?;
        let interface = match self {
            Self::Little => u16::from_le_bytes(halves),
            Self::Big => u16::from_be_bytes(halves),
        };
        let captured = self.number(block, 20);
        let room = block.len().checked_sub(28 + 4)?;
        Some(Packet {
            interface: u32::from(interface),
            ticks: Some(
                u64::from(self.number(block, 12)) << 32 | u64::from(self.number(block, 16)),
            ),
            from: 28,
            captured: captured.min(u32::try_from(room).unwrap_or(u32::MAX)),
            original: self.number(block, 24),
        })
    }

    fn interface(self, block: &InterfaceDescriptionBlock<'_>) -> Interface {
        let option = |wanted: u16| {
            block
                .options
                .iter()
                .find(|option| option.code == OptionCode(wanted))
                .map(|option| option.value.as_ref())
        };
        let resolution = option(IF_TSRESOL).and_then(|value| value.first().copied());
        let offset: Option<[u8; 8]> =
            option(IF_TSOFFSET).and_then(|value| value.get(..8)?.try_into().ok());
        let offset = offset.map(|octets| match self {
            Self::Little => i64::from_le_bytes(octets),
            Self::Big => i64::from_be_bytes(octets),
        });
        Interface {
            link: LinkType(u16::try_from(block.linktype.0).unwrap_or(u16::MAX)),
            snap_len: block.snaplen,
            clock: Clock {
                units: units(resolution.unwrap_or(6)),
                offset: offset.unwrap_or(0),
            },
        }
    }
}

/// Units in a second: a power of ten, or with the high bit set of two.
fn units(resolution: u8) -> i128 {
    let exponent = u32::from(resolution & 0x7f);
    let base: i128 = if resolution & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(exponent).unwrap_or(i128::MAX)
}

impl Clock {
    fn time(self, ticks: u64) -> Timestamp {
        const SECOND: i128 = 1_000_000_000;
        let (units, ticks) = (self.units, i128::from(ticks));
        let whole = ticks / units;
        let part = (ticks % units).saturating_mul(SECOND) / units;
        let nanos = (whole + i128::from(self.offset)) * SECOND + part;
        Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_of_ten_and_of_two_give_the_same_second() {
        for (resolution, ticks) in [(6, 1_500_000), (9, 1_500_000_000), (0x8a, 1536), (3, 1500)] {
            let clock = Clock {
                units: units(resolution),
                offset: -1,
            };
            assert_eq!(clock.time(ticks).nanos(), 500_000_000, "{resolution:#x}");
        }
    }
}
