//! What packets need to know of the interface that they came from.
//!
//! Never asks `pcap-parser` for the clock of an interface: it reads `if_tsoffset` in one byte order only, and knows no resolution that
//! is a power of two.

use pcap_parser::pcapng::{Block, InterfaceDescriptionBlock, OptionCode};

use super::clock::Clock;
use super::packet::parse;
use crate::capture::order::Order;
use crate::frame::LinkType;

const IF_TSRESOL: u16 = 9;
const IF_FCSLEN: u16 = 13;
const IF_TSOFFSET: u16 = 14;

/// An interface of a section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// The most bytes of a packet that were kept, if there is such a limit.
    pub(super) snap_len: Option<u32>,
    pub(super) clock: Clock,
    /// Bytes of a frame check sequence at the end of each frame.
    pub(super) check_bytes: usize,
}

/// Reads an interface description block that is all there.
pub(super) fn read(order: Order, block: &[u8]) -> Option<Interface> {
    let Block::InterfaceDescription(block) = parse(order, block)? else {
        return None;
    };
    let resolution = option(&block, IF_TSRESOL).and_then(<[u8]>::first);
    let offset = option(&block, IF_TSOFFSET).map(|value| order.i64(value, 0));
    let check = option(&block, IF_FCSLEN).and_then(<[u8]>::first);
    Some(Interface {
        link: LinkType(u16::try_from(block.linktype.0).unwrap_or(u16::MAX)),
        snap_len: Some(block.snaplen).filter(|snap_len| *snap_len > 0),
        clock: Clock::new(
            resolution.copied().unwrap_or(Clock::MICROSECONDS),
            offset.unwrap_or(0),
        ),
        check_bytes: check.copied().map_or(0, check_bytes),
    })
}

/// The standard counts the frame check sequence in bits and gives an example in bytes; both are written.
fn check_bytes(length: u8) -> usize {
    usize::from(if length < 8 { length } else { length / 8 })
}

fn option<'a>(block: &'a InterfaceDescriptionBlock<'_>, wanted: u16) -> Option<&'a [u8]> {
    block
        .options
        .iter()
        .find(|option| option.code == OptionCode(wanted))
        .map(|option| option.value.as_ref())
}
