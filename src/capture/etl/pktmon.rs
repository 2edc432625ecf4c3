//! Packets that pktmon records: one event for each component of the network stack that a packet passes.
//!
//! Never says which process sent one: the process of an event is the one that happened to run. A recorded trace of Windows Server
//! 2022 holds answers to pings, which the kernel sends by itself: most have the id 0, and the only other id on a sent packet is
//! that of a program that had no part in it.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use crate::capture::etl::events::{Event, Provider};
use crate::capture::etl::fields::Fields;
use crate::frame::LinkType;

/// {4D4F80D9-C8BD-4D73-BB5B-19C90402C5AC}.
pub(super) const PROVIDER: Provider = [
    0xd9, 0x80, 0x4f, 0x4d, 0xbd, 0xc8, 0x73, 0x4d, 0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac,
];

const COMPONENT: u16 = 20;
const NUMBER: u16 = 30;
const PACKET: u16 = 160;
const DROPPED: u16 = 170;

/// Components that are told apart.
const COMPONENTS: usize = 4_096;

/// A packet at one component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Appearance<'a> {
    pub(super) place: Place,
    /// `None` for what is no packet: a message of a web server, a payload by itself.
    pub(super) link: Option<LinkType>,
    pub(super) original: u32,
    pub(super) bytes: &'a [u8],
    pub(super) is_outbound: bool,
    /// Why and where it was dropped, if it was.
    pub(super) drop: Option<Drop>,
}

/// A component, and which side of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) component: u16,
    edge: u16,
}

/// Why a component dropped a packet, by the numbers that Windows gives reasons and locations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Drop {
    pub(super) reason: u32,
    pub(super) location: u32,
}

impl<'a> Appearance<'a> {
    /// Reads an event of this provider; `None` where it holds no packet.
    #[inline]
    pub(super) fn read(event: &Event<'a>) -> Option<Self> {
        if !matches!(event.id, PACKET | DROPPED) {
            return None;
        }
        let mut fields = Fields(event.data);
        // A number for the packet, which is another one at each component since build 26100.
        fields.u64()?;
        fields.u32()?;
        let is_outbound = matches!(fields.u16()?, 2 | 4 | 6);
        let kind = fields.u16()?;
        let place = Place {
            component: fields.u16()?,
            edge: fields.u16()?,
        };
        fields.u16()?;
        let drop = Drop {
            reason: fields.u32()?,
            location: fields.u32()?,
        };
        let original = u32::from(fields.u16()?);
        let len = usize::from(fields.u16()?);
        let bytes = fields.bytes(len)?;
        Some(Self {
            place,
            link: link(kind, bytes),
            original,
            bytes,
            is_outbound,
            drop: (event.id == DROPPED).then_some(drop),
        })
    }

    /// Whether pktmon kept less than there was.
    pub(super) fn is_cut(&self) -> bool {
        self.original as usize > self.bytes.len()
    }
}

/// Above the driver that turns Wi-Fi into Ethernet, packets are still said to be Wi-Fi.
fn link(kind: u16, bytes: &[u8]) -> Option<LinkType> {
    const WIFI_DATA: u8 = 0x08;
    match kind {
        1 => Some(LinkType::ETHERNET),
        2 if matches!(
            bytes.get(12..14),
            Some([8, 0 | 6] | [0x86, 0xdd] | [0x88, 0x8e])
        ) =>
        {
            Some(LinkType::ETHERNET)
        }
        2 if bytes.first().is_some_and(|first| first & 0x0f == WIFI_DATA) => Some(LinkType::WIFI),
        3 => Some(LinkType::RAW),
        _ => None,
    }
}

/// What the trace says of a component; it says so behind the packets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Component {
    kind: u16,
    name: String,
    miniport: Option<u32>,
    lower: Option<u32>,
}

/// Kinds of components.
const MINIPORT: u16 = 2;
const FILTER: u16 = 3;
const PROTOCOL: u16 = 4;
const TCPIP: u16 = 11;
const IPSEC: u16 = 13;
/// How far from a network card the card itself is.
const AT_CARD: u8 = 0;
/// The lower side of a filter.
const LOWER_EDGE: u16 = 2;

/// The components of a trace, and where packets were seen.
#[derive(Debug, Default)]
pub(super) struct Components {
    known: HashMap<u16, Component, FxBuildHasher>,
    seen: HashSet<Place, FxBuildHasher>,
}

impl Components {
    /// Takes in what an event says of a component.
    pub(super) fn note(&mut self, event: &Event<'_>) -> Option<()> {
        let mut fields = Fields(event.data);
        match event.id {
            COMPONENT => {
                let (id, kind, name) = (fields.u16()?, fields.u16()?, fields.text()?);
                let component = self.component(id)?;
                component.kind = kind;
                component.name = crate::text::WireText::from_utf16le(name).to_string();
            }
            NUMBER => {
                let (id, property, value) = (fields.u16()?, fields.u16()?, fields.u32()?);
                let component = self.component(id)?;
                match property {
                    2 => component.miniport = Some(value),
                    3 => component.lower = Some(value),
                    _ => {}
                }
            }
            _ => {}
        }
        Some(())
    }

    fn component(&mut self, id: u16) -> Option<&mut Component> {
        let has_room = self.known.len() < COMPONENTS || self.known.contains_key(&id);
        has_room.then(|| self.known.entry(id).or_default())
    }

    /// Notes where a packet was seen.
    #[inline]
    pub(super) fn see(&mut self, place: Place) {
        if self.seen.len() < COMPONENTS {
            self.seen.insert(place);
        }
    }

    /// The name of a component.
    pub(super) fn name(&self, id: u16) -> &str {
        match self.known.get(&id) {
            Some(component) if !component.name.is_empty() => &component.name,
            _ => "a component without a name",
        }
    }

    /// Whether a component is a part of the machine's own way between a program and the network: no switch between machines.
    pub(super) fn is_of_stack(&self, id: u16) -> bool {
        let component = self.known.get(&id);
        component.is_some_and(|it| matches!(it.kind, MINIPORT | FILTER | PROTOCOL | TCPIP | IPSEC))
    }

    /// Where packets are read: at all network cards, and as near as they were seen to those that tell of none. Empty where
    /// nothing is known: then at all places.
    pub(super) fn chosen(&self) -> HashSet<Place, FxBuildHasher> {
        let mut places: Vec<(u32, u8, Place)> = self
            .seen
            .iter()
            .filter_map(|place| self.card(*place).map(|(card, rank)| (card, rank, *place)))
            .collect();
        places.sort_unstable();
        let mut last = None;
        places.retain(|(card, rank, _)| {
            let is_first = last != Some(*card);
            last = Some(*card);
            is_first || *rank == AT_CARD
        });
        places.into_iter().map(|(_, _, place)| place).collect()
    }

    /// Whether a place is a network card.
    pub(super) fn is_card(&self, place: Place) -> bool {
        let component = self.known.get(&place.component);
        component.is_some_and(|it| it.kind == MINIPORT)
    }

    /// The network card that a place belongs to, and how far from it the place is.
    fn card(&self, place: Place) -> Option<(u32, u8)> {
        let component = self.known.get(&place.component)?;
        let rank = match component.kind {
            MINIPORT => AT_CARD,
            FILTER if component.lower == component.miniport && place.edge == LOWER_EDGE => 1,
            FILTER if place.edge == LOWER_EDGE => 2,
            FILTER => 3,
            PROTOCOL => 4,
            _ => return None,
        };
        let card = component.miniport.or_else(|| {
            // A card that does not tell its index is one all the same.
            (rank == AT_CARD).then_some(u32::MAX - u32::from(place.component))
        });
        Some((card?, rank))
    }
}
