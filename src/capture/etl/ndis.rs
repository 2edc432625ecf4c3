//! Packets that `netsh trace` records: events of Microsoft-Windows-NDIS-PacketCapture, some of which hold a piece of a packet.
//!
//! Never makes a packet of pieces without a beginning or an end: those are counted.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use crate::capture::etl::events::{Event, Provider, Writer};
use crate::capture::etl::fields::Fields;
use crate::frame::{LinkType, Process};

/// {2ED6006E-4729-4609-B423-3EE7BCD678EF}.
pub(super) const PROVIDER: Provider = [
    0x6e, 0x00, 0xd6, 0x2e, 0x29, 0x47, 0x09, 0x46, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef,
];

const PACKET: u16 = 1001;
const SWITCH_PACKET: u16 = 1003;
const RULE: u16 = 1016;

/// Bits of the keyword.
const WIRELESS_WAN: u64 = 0x200;
const TUNNEL: u64 = 0x8000;
const WIFI: u64 = 0x1_0000;
const START: u64 = 0x4000_0000;
const END: u64 = 0x8000_0000;
const SENT: u64 = 0x1_0000_0000;
/// Processes up to this number are the kernel's own, which sends for everybody.
const KERNEL: u32 = 4;

/// The most bytes of a packet that are joined: more than any network card takes at once.
const LONGEST: usize = 1 << 20;
/// Packets at a time of which pieces are missing, each on a thread of its own.
pub(super) const UNDER_WAY: usize = 1_024;
/// Interfaces that are told apart.
const INTERFACES: usize = 4_096;

/// A packet, or a piece of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece<'a> {
    pub(super) interface: Interface,
    pub(super) link: LinkType,
    pub(super) is_start: bool,
    pub(super) is_end: bool,
    pub(super) is_sent: bool,
    pub(super) bytes: &'a [u8],
    pub(super) writer: Writer,
}

/// Which network card, and which layer above it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Interface {
    miniport: u32,
    layer: u32,
}

impl<'a> Piece<'a> {
    /// The process that sent it: the one on whose thread the driver ran. At what is received that is a stranger.
    pub(super) fn sender(&self) -> Option<Process> {
        let id = self.writer.process;
        (self.is_sent && id > KERNEL && id != u32::MAX).then_some(Process::Id(id))
    }

    /// Reads an event of this provider; `None` where it holds no packet.
    #[inline]
    pub(super) fn read(event: &Event<'a>) -> Option<Self> {
        let mut fields = Fields(event.data);
        let interface = Interface {
            miniport: fields.u32()?,
            layer: fields.u32()?,
        };
        match event.id {
            PACKET => {}
            SWITCH_PACKET => skip_ports(&mut fields)?,
            _ => return None,
        }
        let len = fields.u32()?;
        let bits = |bits| event.keyword & bits != 0;
        Some(Self {
            interface,
            link: if bits(WIFI) {
                LinkType::WIFI
            } else if bits(WIRELESS_WAN | TUNNEL) {
                LinkType::RAW
            } else {
                LinkType::ETHERNET
            },
            is_start: bits(START),
            is_end: bits(END),
            is_sent: bits(SENT),
            bytes: fields.bytes(len as usize)?,
            writer: event.writer,
        })
    }
}

/// The port of a virtual switch that a packet came from, and those that it goes to: a number and three names each.
fn skip_ports(fields: &mut Fields<'_>) -> Option<()> {
    let port = |fields: &mut Fields<'_>| {
        fields.u32()?;
        for _ in 0..3 {
            fields.text()?;
        }
        Some(())
    };
    port(fields)?;
    for _ in 0..fields.u32()? {
        port(fields)?;
    }
    Some(())
}

/// What a rule of the recording lets through, in words; `None` where the event is no such rule.
pub(super) fn filter(event: &Event<'_>) -> Option<String> {
    if event.id != RULE {
        return None;
    }
    let mut fields = Fields(event.data);
    let [rule, _] = *fields.bytes(2)?.first_chunk()?;
    let len = fields.u16()?;
    let value = fields.bytes(usize::from(len))?;
    Some(match (rule, value) {
        (22, [high, low]) => format!("TCP port {}", u16::from_be_bytes([*high, *low])),
        (22, _) => "TCP ports".to_owned(),
        (4, _) => "one network interface".to_owned(),
        (6, _) => "one EtherType".to_owned(),
        (7..=9, _) => "Ethernet addresses".to_owned(),
        (10..=12, _) => "IPv4 addresses".to_owned(),
        (13..=15, _) => "IPv6 addresses".to_owned(),
        (16, _) => "one protocol over IP".to_owned(),
        _ => return None,
    })
}

/// Which layer of each network card is read, where a trace holds several: a packet passes all of them.
#[derive(Debug, Default)]
pub(super) struct Layers(HashMap<u32, u32, FxBuildHasher>);

impl Layers {
    /// Notes a layer that holds packets. The card itself is the best one, then the first that is seen.
    #[inline]
    pub(super) fn note(&mut self, interface: Interface) {
        let is_card = interface.layer == interface.miniport;
        if let Some(layer) = self.0.get_mut(&interface.miniport) {
            if is_card {
                *layer = interface.layer;
            }
        } else if self.0.len() < INTERFACES {
            self.0.insert(interface.miniport, interface.layer);
        }
    }

    /// Whether a packet at `interface` is read.
    #[inline]
    pub(super) fn is_read(&self, interface: Interface) -> bool {
        self.0
            .get(&interface.miniport)
            .is_none_or(|layer| *layer == interface.layer)
    }
}

/// Pieces that wait for the rest of their packets.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    /// By writer and interface: the number that the packet was given, and its bytes so far.
    open: HashMap<(Writer, Interface), (u64, Vec<u8>), FxBuildHasher>,
    /// Pieces without a beginning, and packets without an end.
    pub(super) lost: u64,
}

/// What became of a piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Joined {
    /// It begins a packet; one that was open in its place is lost.
    Begun { lost: Option<u64> },
    /// It belongs to a packet that is not all there, or to none.
    Nothing,
    /// It ends the packet of a number.
    Whole(u64, Vec<u8>),
    /// The packet of a number cannot be had.
    Lost(u64),
}

impl Joiner {
    /// Takes a piece that is no packet by itself; one that begins a packet gives it `number`.
    pub(super) fn add(&mut self, piece: &Piece<'_>, number: u64) -> Joined {
        let key = (piece.writer, piece.interface);
        if piece.is_start {
            let bytes = piece.bytes.to_vec();
            let before = self.open.insert(key, (number, bytes));
            self.lost += u64::from(before.is_some());
            return Joined::Begun {
                lost: before.map(|(number, _)| number),
            };
        }
        let Some((number, bytes)) = self.open.get_mut(&key) else {
            self.lost += 1;
            return Joined::Nothing;
        };
        let number = *number;
        bytes.extend_from_slice(piece.bytes);
        if bytes.len() > LONGEST {
            self.lost += 1;
            self.open.remove(&key);
            return Joined::Lost(number);
        }
        if !piece.is_end {
            return Joined::Nothing;
        }
        match self.open.remove(&key) {
            Some((number, bytes)) => Joined::Whole(number, bytes),
            None => Joined::Nothing,
        }
    }

    /// Gives up the packet of a number.
    pub(super) fn give_up(&mut self, number: u64) {
        self.lost += 1;
        self.open.retain(|_, (open, _)| *open != number);
    }
}
