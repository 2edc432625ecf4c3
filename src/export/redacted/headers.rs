//! The headers of link, IP, TCP, UDP and ICMP: pseudonyms for addresses, and checksums that fit.
//!
//! Never keeps an option that it does not know, and no padding.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::export::redacted::checksum::Sum;
use crate::frame::LinkType;
use crate::hide::{Hider, Kind};
use crate::net::places::{Places, Protocol, places_of_packet};

const IPV4: usize = 20;
const TCP: usize = 20;
const UDP: usize = 8;
const ICMP: usize = 8;
const NO_OPERATION: u8 = 1;
/// End, no operation, segment size, window scale, selective acknowledgements, times.
const KEPT: [u8; 5] = [2, 3, 4, 5, 8];
const KERBEROS: u16 = 88;

/// Hardware addresses and what stands for them.
#[derive(Default)]
pub(super) struct Links(BTreeMap<[u8; 6], u16>);

impl Links {
    /// Edits a link layer of `len` bytes.
    pub(super) fn edit(&mut self, link: LinkType, bytes: &mut [u8], len: usize) {
        let Some(header) = bytes.get_mut(..len) else {
            return;
        };
        match link {
            LinkType::ETHERNET => {
                header
                    .chunks_exact_mut(6)
                    .take(2)
                    .for_each(|it| self.address(it));
            }
            LinkType::LINUX_SLL => fill(header, 6, 14, 0),
            LinkType::LINUX_SLL2 => fill(header, 12, 20, 0),
            _ => {}
        }
    }

    /// An address of the local kind; that of all stays, that of a group tells no more.
    fn address(&mut self, bytes: &mut [u8]) {
        let Ok(address) = <[u8; 6]>::try_from(&*bytes) else {
            return;
        };
        if address == [0xff; 6] {
            return;
        }
        let next = u16::try_from(self.0.len() + 1).unwrap_or(u16::MAX);
        let number = *self.0.entry(address).or_insert(next);
        let [high, low] = number.to_be_bytes();
        bytes.copy_from_slice(&[2 | address[0] & 1, 0, 0, 0, high, low]);
    }
}

/// Whether the headers of a packet are there, and can be edited.
pub(super) fn is_readable(bytes: &[u8], places: &Places) -> bool {
    let payload = bytes.get(places.payload..places.end).unwrap_or_default();
    match (places.protocol, places.piece) {
        (Protocol::Tcp, None) => payload.len() >= TCP,
        (Protocol::Udp, Some(piece)) if piece.offset > 0 => true,
        (Protocol::Udp, _) => payload.len() >= UDP,
        (Protocol::Icmp, None) => matches!(payload, [3 | 4 | 11 | 12, ..]),
        (Protocol::IcmpV6, None) => matches!(payload, [1..=4, ..]),
        _ => false,
    }
}

/// The length of a TCP header, as far as it is there.
pub(super) fn tcp_header(segment: &[u8]) -> usize {
    let words = segment.get(12).map_or(0, |offset| offset >> 4);
    (usize::from(words) * 4).max(TCP).min(segment.len())
}

/// Edits what stands before the payload, and mends all checksums.
pub(super) fn edit(bytes: &mut [u8], places: &Places, hider: &mut Hider<'_>) {
    fill(bytes, places.end, usize::MAX, 0);
    let (src, dst) = (hider.address(places.src), hider.address(places.dst));
    let (before, payload) = bytes.split_at_mut(places.payload);
    let header = before.get_mut(places.header..).unwrap_or_default();
    internet(header, src, dst);
    let len = places.end - places.payload;
    let payload = payload.get_mut(..len).unwrap_or_default();
    match places.protocol {
        Protocol::Tcp => options(payload),
        Protocol::Icmp | Protocol::IcmpV6 => quoted(payload, hider),
        Protocol::Udp => {}
    }
    if places.piece.is_some_and(|piece| piece.offset > 0) {
        return;
    }
    mend(payload, src, dst, places);
}

fn internet(header: &mut [u8], src: IpAddr, dst: IpAddr) {
    match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            set(header, 12, &src.octets());
            set(header, 16, &dst.octets());
            fill(header, IPV4, usize::MAX, NO_OPERATION);
            set(header, 10, &[0, 0]);
            let sum = Sum::default().add(header).checksum();
            set(header, 10, &sum.to_be_bytes());
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            set(header, 8, &src.octets());
            set(header, 24, &dst.octets());
        }
        _ => {}
    }
}

/// Options of TCP that are not known become those that say nothing.
fn options(segment: &mut [u8]) {
    let end = tcp_header(segment);
    let mut at = TCP;
    while at < end {
        let kind = segment.get(at).copied().unwrap_or(0);
        let len = segment.get(at + 1).copied().map_or(0, usize::from);
        match kind {
            0 => {
                fill(segment, at, end, 0);
                return;
            }
            NO_OPERATION => at += 1,
            _ if len < 2 || at + len > end => {
                fill(segment, at, end, NO_OPERATION);
                return;
            }
            _ => {
                if !KEPT.contains(&kind) {
                    fill(segment, at, at + len, NO_OPERATION);
                }
                at += len;
            }
        }
    }
}

/// The packet that an error quotes.
fn quoted(message: &mut [u8], hider: &mut Hider<'_>) {
    let Some(packet) = message.get_mut(ICMP..) else {
        return;
    };
    let places = places_of_packet(packet, packet.len()).filter(|it| it.piece.is_none());
    let Some(places) = places else {
        packet.fill(0);
        return;
    };
    fill(packet, places.end, usize::MAX, 0);
    let (src, dst) = (hider.address(places.src), hider.address(places.dst));
    let (header, payload) = packet.split_at_mut(places.payload);
    internet(header, src, dst);
    match places.protocol {
        Protocol::Udp => {
            set(payload, 6, &[0, 0]);
            let is_kerberos = payload.get(2..4) == Some(&KERBEROS.to_be_bytes());
            let kind = is_kerberos.then_some(Kind::Kerberos);
            hider.datagram(kind, payload.get_mut(UDP..).unwrap_or_default());
        }
        Protocol::Tcp => {
            options(payload);
            set(payload, 16, &[0, 0]);
            let header = tcp_header(payload);
            fill(payload, header, usize::MAX, 0);
        }
        Protocol::Icmp | Protocol::IcmpV6 => payload.fill(0),
    }
}

/// The checksum of a message that is not all there is zero: nobody can check it.
fn mend(payload: &mut [u8], src: IpAddr, dst: IpAddr, places: &Places) {
    let (at, len) = match places.protocol {
        Protocol::Tcp => (16, payload.len()),
        Protocol::Udp => (6, udp_len(payload)),
        Protocol::Icmp | Protocol::IcmpV6 => (2, payload.len()),
    };
    let is_unused = places.protocol == Protocol::Udp && payload.get(6..8) == Some(&[0, 0]);
    set(payload, at, &[0, 0]);
    if places.cut > 0 || places.piece.is_some() || is_unused {
        return;
    }
    let number = places.protocol.number();
    let sum = match places.protocol {
        Protocol::Icmp => Sum::default(),
        _ => Sum::of_transport(src, dst, number, len),
    };
    let checksum = match sum.add(payload.get(..len).unwrap_or_default()).checksum() {
        0 if places.protocol == Protocol::Udp => u16::MAX,
        checksum => checksum,
    };
    set(payload, at, &checksum.to_be_bytes());
}

fn udp_len(payload: &[u8]) -> usize {
    let stated = payload.get(4..6).and_then(|it| it.try_into().ok());
    let stated = stated.map_or(0, u16::from_be_bytes);
    let stated = usize::from(stated);
    if (UDP..=payload.len()).contains(&stated) {
        stated
    } else {
        payload.len()
    }
}

fn set(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

fn fill(bytes: &mut [u8], from: usize, to: usize, value: u8) {
    let to = to.min(bytes.len());
    if let Some(place) = bytes.get_mut(from..to) {
        place.fill(value);
    }
}
