//! The three blocks that hold a packet.
//!
//! Never believes a length: a packet that is longer than its block is none.
//!
//! The two kinds with a time are laid out alike, and are read by their layout: `pcap-parser` does not know the old one, and of
//! the enhanced one it lists the options, which takes an allocation and more time for each packet than all the rest.

use pcap_parser::pcapng::{Block, SimplePacketBlock, parse_block_be, parse_block_le};

use super::framing::kind;
use super::interface::Interface;
use crate::capture::order::Order;

/// Where the bytes of a packet with a time begin.
const TIMED: usize = 28;
/// Where the bytes of a simple packet begin.
const SIMPLE: usize = 12;
/// The length of a block behind its contents.
const TRAILER: usize = 4;

/// A packet as its block tells it, but for its bytes, which begin at `from` of the block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Packet {
    pub(super) interface: u32,
    /// In ticks of the interface's clock.
    pub(super) ticks: Option<u64>,
    pub(super) from: usize,
    pub(super) captured: u32,
    pub(super) original: u32,
}

impl Packet {
    /// Reads a packet block of type `kind` that is all there. A simple one belongs to the interface `first`.
    #[inline]
    pub(super) fn read(
        kind: u32,
        order: Order,
        block: &[u8],
        first: Option<&Interface>,
    ) -> Option<Self> {
        match kind {
            kind::ENHANCED_PACKET => timed(order.u32(block, 8), order, block),
            // Its upper half is a count of drops.
            kind::OLD_PACKET => timed(u32::from(order.u16(block, 8)), order, block),
            _ => match parse(order, block)? {
                Block::SimplePacket(block) => Some(simple(&block, first)),
                _ => None,
            },
        }
    }

    /// The bytes of the packet.
    #[inline]
    pub(super) fn bytes<'a>(&self, block: &'a [u8]) -> &'a [u8] {
        block
            .get(self.from..)
            .and_then(|rest| rest.get(..self.captured as usize))
            .unwrap_or_default()
    }
}

/// Reads a block that is all there.
pub(super) fn parse(order: Order, block: &[u8]) -> Option<Block<'_>> {
    let parsed = match order {
        Order::Little => parse_block_le(block),
        Order::Big => parse_block_be(block),
    };
    parsed.ok().map(|(_, block)| block)
}

#[inline]
fn timed(interface: u32, order: Order, block: &[u8]) -> Option<Packet> {
    let high = u64::from(order.u32(block, 12));
    let low = u64::from(order.u32(block, 16));
    let captured = order.u32(block, 20);
    let room = block.len().checked_sub(TIMED + TRAILER)?;
    (captured as usize <= room).then(|| Packet {
        interface,
        ticks: Some(high << 32 | low),
        from: TIMED,
        captured,
        original: order.u32(block, 24),
    })
}

/// A simple packet does not tell how much of it was captured: the snap length of its interface does.
fn simple(block: &SimplePacketBlock<'_>, interface: Option<&Interface>) -> Packet {
    let snap_len = interface.and_then(|interface| interface.snap_len);
    let there = u32::try_from(block.data.len()).unwrap_or(u32::MAX);
    Packet {
        interface: 0,
        ticks: None,
        from: SIMPLE,
        captured: block.origlen.min(snap_len.unwrap_or(u32::MAX)).min(there),
        original: block.origlen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Laid out as the standard says: interface 2, five of 60 bytes captured, an option with the flags of the packet.
    const ENHANCED: &[u8] = b"\x06\0\0\0\x30\0\0\0\x02\0\0\0\x6c\xa4\x04\0\x9b\x3c\x2f\x11\
        \x05\0\0\0\x3c\0\0\0\xff\xee\xdd\xcc\xbb\0\0\0\x02\0\x04\0\x01\0\0\0\x30\0\0\0";

    #[test]
    fn an_enhanced_packet_is_read_as_pcap_parser_reads_it() {
        let packet = Packet::read(kind::ENHANCED_PACKET, Order::Little, ENHANCED, None).unwrap();
        let Some(Block::EnhancedPacket(block)) = parse(Order::Little, ENHANCED) else {
            panic!("pcap-parser reads something else");
        };
        assert_eq!(packet.interface, block.if_id);
        let ticks = u64::from(block.ts_high) << 32 | u64::from(block.ts_low);
        assert_eq!(packet.ticks, Some(ticks));
        assert_eq!(packet.bytes(ENHANCED), &block.data[..5]);
        assert_eq!(packet.original, block.origlen);
    }

    #[test]
    fn a_packet_that_is_longer_than_its_block_is_none() {
        let mut block = [0; 36];
        for kind in [kind::OLD_PACKET, kind::ENHANCED_PACKET] {
            for (captured, is_packet) in [(0, true), (4, true), (5, false), (u8::MAX, false)] {
                block[20] = captured;
                let packet = Packet::read(kind, Order::Little, &block, None);
                assert_eq!(packet.is_some(), is_packet, "{captured}");
            }
            let packet = Packet::read(kind, Order::Little, &block[..31], None);
            assert_eq!(packet, None);
        }
    }
}
