//! From the bytes of a frame to the IP datagram in it, through whatever link layer it has.
//!
//! Never keeps anything, and never looks into the datagram.

use crate::frame::LinkType;
use crate::net::wifi;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const PPPOE_SESSION: u16 = 0x8864;
/// What is not larger is a length, not a type.
const LONGEST_802_3: u16 = 1_500;
/// Both access points, and unnumbered information (RFC 1042).
const SNAP: [u8; 3] = [0xaa, 0xaa, 3];

/// What follows a link layer.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) enum Layer<'a> {
    Ip(&'a [u8]),
    /// Packets inside something that is not read.
    Tunnel,
    /// Nothing that could matter.
    Other,
}

/// What follows the link layer; `None` for a link type that is not read, or a frame too short for it. Some loopback captures
/// hold frames of Cisco HDLC: an address, a zero and an `EtherType`.
#[inline]
pub(in crate::net) fn network_layer(link: LinkType, bytes: &[u8]) -> Option<Layer<'_>> {
    match link {
        LinkType::ETHERNET => behind_type(bytes.get(12..)?),
        LinkType::LINUX_SLL => behind_type(bytes.get(14..)?),
        LinkType::LINUX_SLL2 => {
            let (kind, payload) = (be16(bytes)?, bytes.get(20..)?);
            if is_vlan_tag(kind) {
                behind_type(payload.get(2..)?)
            } else {
                Some(layer(kind, payload))
            }
        }
        LinkType::NULL if matches!(bytes.get(..2), Some([0x0f | 0x8f, 0])) => {
            behind_type(bytes.get(2..)?)
        }
        LinkType::NULL => {
            let family = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?);
            Some(behind_family(family.min(family.swap_bytes()), bytes))
        }
        LinkType::LOOP => {
            let family = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
            Some(behind_family(family, bytes))
        }
        LinkType::RAW
        | LinkType::RAW_BSD
        | LinkType::RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => Some(Layer::Ip(bytes)),
        LinkType::WIFI => wifi::network_layer(bytes),
        LinkType::RADIOTAP => wifi::network_layer(wifi::behind_radiotap(bytes)?),
        LinkType::PPI => match wifi::behind_ppi(bytes)? {
            (LinkType::PPI, _) => None,
            (link, bytes) => network_layer(link, bytes),
        },
        LinkType::PPP => behind_ppp(bytes.strip_prefix(&[0xff, 3]).unwrap_or(bytes)),
        _ => None,
    }
}

/// Behind an `EtherType` and any tags. A length instead of a type is 802.3, where a SNAP header has the type.
#[inline]
pub(in crate::net) fn behind_type(mut bytes: &[u8]) -> Option<Layer<'_>> {
    loop {
        let kind = be16(bytes)?;
        bytes = bytes.get(2..)?;
        match kind {
            IPV4 | IPV6 => return Some(Layer::Ip(bytes)),
            0..=LONGEST_802_3 if bytes.starts_with(&SNAP) => bytes = bytes.get(6..)?,
            kind if is_vlan_tag(kind) => bytes = bytes.get(2..)?,
            PPPOE_SESSION => return behind_ppp(bytes.get(6..)?),
            kind => return Some(layer(kind, bytes)),
        }
    }
}

/// Behind the number of a protocol over PPP.
fn behind_ppp(bytes: &[u8]) -> Option<Layer<'_>> {
    let payload = bytes.get(2..)?;
    Some(match be16(bytes)? {
        0x0021 | 0x0057 => Layer::Ip(payload),
        _ => Layer::Other,
    })
}

pub(in crate::net) fn layer(kind: u16, payload: &[u8]) -> Layer<'_> {
    match kind {
        IPV4 | IPV6 => Layer::Ip(payload),
        kind if is_tunnel(kind) => Layer::Tunnel,
        _ => Layer::Other,
    }
}

const fn is_vlan_tag(kind: u16) -> bool {
    matches!(kind, 0x8100 | 0x88a8 | 0x9100)
}

/// MPLS, `MACsec`, provider backbone bridges.
const fn is_tunnel(kind: u16) -> bool {
    matches!(kind, 0x8847 | 0x8848 | 0x88e5 | 0x88e7)
}

/// Address families: 2 is IPv4 everywhere; IPv6 is 10, 23, 24, 28 or 30, by system.
fn behind_family(family: u32, bytes: &[u8]) -> Layer<'_> {
    match family {
        2 | 10 | 23 | 24 | 28 | 30 => Layer::Ip(bytes.get(4..).unwrap_or_default()),
        _ => Layer::Other,
    }
}

fn be16(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(..2)?.try_into().ok()?))
}
