//! Packets inside packets that are in clear: IP in IP, GRE, mirrored traffic (ERSPAN) and VXLAN.
//!
//! Never puts pieces of an outer datagram together: what was fragmented on its way through a tunnel is counted as unread.

use crate::net::ip::{self, Datagram};
use crate::net::layer::{Layer, behind_type, layer};

const IP_IN_IP: u8 = 4;
const IPV6_IN_IP: u8 = 41;
const GRE: u8 = 47;

/// What GRE carries, by its protocol type.
const ETHERNET: u16 = 0x6558;
const ERSPAN: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
/// Bits of the first two bytes of a GRE header.
const CHECKSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Those that are zero in what is read here: routing, and the version.
const OTHER: u16 = 0x4007;

/// Ports to which VXLAN is sent: the registered one, and Linux's own.
const VXLAN: [u16; 2] = [4789, 8472];
/// A VXLAN header, but for the number of the network.
const VXLAN_FLAGS: u32 = 0x0800_0000;

/// What a datagram carries besides a transport; `None` where it carries no packet that can be read.
pub(in crate::net) fn inner<'a>(datagram: &Datagram<'a>) -> Option<Layer<'a>> {
    let payload = datagram.payload;
    if datagram.fragment.is_some() {
        return None;
    }
    match datagram.protocol {
        IP_IN_IP | IPV6_IN_IP => Some(Layer::Ip(payload)),
        GRE => behind_gre(payload),
        ip::UDP => behind_vxlan(payload),
        _ => None,
    }
}

fn behind_gre(bytes: &[u8]) -> Option<Layer<'_>> {
    let (flags, kind) = (be16(bytes, 0)?, be16(bytes, 2)?);
    if flags & OTHER != 0 {
        return None;
    }
    let options = [CHECKSUM, KEY, SEQUENCE].map(|bit| flags & bit != 0);
    let options = options.into_iter().filter(|option| *option).count();
    let payload = bytes.get(4 + 4 * options..)?;
    match kind {
        ETHERNET => behind_addresses(payload),
        // The first form has no header of its own, and no sequence number either.
        ERSPAN if flags & SEQUENCE == 0 => behind_addresses(payload),
        ERSPAN => behind_addresses(payload.get(8..)?),
        ERSPAN_3 => {
            let has_more = payload.get(11)? & 1 != 0;
            behind_addresses(payload.get(if has_more { 20 } else { 12 }..)?)
        }
        kind => Some(layer(kind, payload)),
    }
}

fn behind_vxlan(udp: &[u8]) -> Option<Layer<'_>> {
    let (port, flags) = (be16(udp, 2)?, udp.get(8..12)?);
    let is_vxlan =
        VXLAN.contains(&port) && flags == VXLAN_FLAGS.to_be_bytes() && udp.get(15)? == &0;
    is_vxlan.then(|| behind_addresses(udp.get(16..)?)).flatten()
}

fn behind_addresses(ethernet: &[u8]) -> Option<Layer<'_>> {
    behind_type(ethernet.get(12..)?)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
