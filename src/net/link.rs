//! From a frame to the IP datagram in it, and from a whole datagram to its transport.
//!
//! Never keeps a frame: only fragments stay, under the budget of `defrag`.

use std::net::IpAddr;

use etherparse::{Ipv6ExtensionSlice, LaxIpSlice};

use crate::frame::{Frame, FrameNumber, LinkType};
use crate::limits::Limitation;
use crate::net::defrag::{Defragmenter, Fragment, FragmentKey};
use crate::net::packet::{self, Origin, Packet};
use crate::net::provenance::Run;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const VLAN_TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const PPPOE_SESSION: u16 = 0x8864;
/// The shortest Ethernet frame, without its check sequence: what is shorter was padded.
const ETHERNET_MINIMUM: usize = 60;

/// Turns frames into packets.
#[derive(Debug, Default)]
pub struct Network {
    defragmenter: Defragmenter,
    runs: Vec<Run>,
    datagram: Vec<u8>,
    unread_links: Count,
    snapped: Count,
}

/// A packet and the frames that brought it.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The packet.
    pub packet: Packet<'a>,
    /// Its frames.
    pub origin: Origin<'a>,
}

/// How many frames, and the first of them.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    frames: u64,
    first: Option<FrameNumber>,
}

/// An IP datagram, or a piece of one, as far as it was captured.
struct Datagram<'a> {
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    payload: &'a [u8],
    /// Bytes of the payload that were on the wire and not captured.
    cut: usize,
    fragment: Option<Fragment>,
}

impl Network {
    /// The packet that `frame` brings or completes, if it is TCP, UDP or an ICMP error.
    pub fn packet<'a>(&'a mut self, frame: &Frame<'a>) -> Option<Arrival<'a>> {
        if frame.wire_len as usize > frame.bytes.len() {
            self.snapped.add(frame.number);
        }
        let Some(network) = network_layer(frame) else {
            self.unread_links.add(frame.number);
            return None;
        };
        let on_wire = (frame.wire_len as usize).saturating_sub(frame.bytes.len() - network.len());
        let datagram = datagram(network, on_wire)?;
        let run = Run {
            end: datagram.payload.len(),
            frame: frame.number,
            time: frame.time,
        };
        if let Some(fragment) = datagram.fragment {
            return self.fragment(&datagram, fragment, run);
        }
        let (packet, header) = packet::transport(
            (datagram.src, datagram.dst),
            datagram.protocol,
            datagram.payload,
            datagram.cut,
        )?;
        self.runs.clear();
        self.runs.push(Run {
            end: run.end.saturating_sub(header),
            ..run
        });
        Some(Arrival {
            packet,
            origin: &self.runs,
        })
    }

    fn fragment(
        &mut self,
        datagram: &Datagram<'_>,
        fragment: Fragment,
        run: Run,
    ) -> Option<Arrival<'_>> {
        let key = FragmentKey {
            src: datagram.src,
            dst: datagram.dst,
            protocol: datagram.protocol,
            id: fragment.id,
        };
        let whole = self
            .defragmenter
            .add(key, fragment, datagram.payload, run)?;
        self.datagram = whole.bytes;
        let (packet, header) = packet::transport(
            (datagram.src, datagram.dst),
            datagram.protocol,
            &self.datagram,
            0,
        )?;
        self.runs = whole.runs;
        for run in &mut self.runs {
            run.end = run.end.saturating_sub(header);
        }
        Some(Arrival {
            packet,
            origin: &self.runs,
        })
    }

    /// What could not be seen, now that the capture is over.
    pub fn limitations(&self) -> Vec<Limitation> {
        let unread = self.unread_links.first.map(|first| {
            Limitation::since(
                first,
                format!(
                    "{} frames are of a link type that is not read, or too short for it.",
                    self.unread_links.frames
                ),
            )
        });
        let snapped = self.snapped.first.map(|first| {
            Limitation::since(
                first,
                format!(
                    "{} frames were cut by the capture's snap length: what they held behind the cut is not known.",
                    self.snapped.frames
                ),
            )
        });
        let pieces = self.defragmenter.limitation();
        unread.into_iter().chain(snapped).chain(pieces).collect()
    }
}

impl Count {
    fn add(&mut self, frame: FrameNumber) {
        self.frames += 1;
        self.first.get_or_insert(frame);
    }
}

/// What follows the link layer (some loopback captures hold frames of Cisco HDLC: an address, a zero and an EtherType); empty for a frame that carries no IP, `None` for a link type that is not read.
fn network_layer<'a>(frame: &Frame<'a>) -> Option<&'a [u8]> {
    let bytes = frame.bytes;
    match frame.link {
        LinkType::ETHERNET => behind_type(bytes.get(12..)?),
        LinkType::LINUX_SLL => behind_type(bytes.get(14..)?),
        LinkType::LINUX_SLL2 => {
            let kind = be16(bytes)?;
            let payload = bytes.get(20..)?;
            if VLAN_TAGS.contains(&kind) {
                return behind_type(payload.get(2..)?);
            }
            Some(if is_ip(kind) { payload } else { &[] })
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
        | LinkType::IPV6 => Some(bytes),
        _ => None,
    }
}

/// Behind an EtherType and any tags. A length instead of a type is 802.3, which carries no IP here.
fn behind_type(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let kind = be16(bytes)?;
        bytes = bytes.get(2..)?;
        if VLAN_TAGS.contains(&kind) {
            bytes = bytes.get(2..)?;
        } else if kind == PPPOE_SESSION {
            let protocol = be16(bytes.get(6..)?)?;
            let payload = bytes.get(8..)?;
            return Some(if matches!(protocol, 0x0021 | 0x0057) {
                payload
            } else {
                &[]
            });
        } else {
            return Some(if is_ip(kind) { bytes } else { &[] });
        }
    }
}

/// Address families: 2 is IPv4 everywhere; IPv6 is 10, 24, 28 or 30, by system.
fn behind_family(family: u32, bytes: &[u8]) -> &[u8] {
    if matches!(family, 2 | 10 | 24 | 28 | 30) {
        bytes.get(4..).unwrap_or_default()
    } else {
        &[]
    }
}

const fn is_ip(kind: u16) -> bool {
    matches!(kind, IPV4 | IPV6)
}

fn be16(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(..2)?.try_into().ok()?))
}

/// Reads the IP headers. `on_wire` is the length of what follows the link layer as it was on the wire.
fn datagram(bytes: &[u8], on_wire: usize) -> Option<Datagram<'_>> {
    let (ip, _) = LaxIpSlice::from_slice(bytes).ok()?;
    let payload = ip.payload().payload;
    let protocol = ip.payload_ip_number().0;
    let (headers, stated, fragment) = match &ip {
        LaxIpSlice::Ipv4(ip) => {
            let header = ip.header();
            let headers = offset_in(bytes, payload).unwrap_or(header.slice().len());
            let fragment = header.is_fragmenting_payload().then(|| Fragment {
                id: u32::from(header.identification()),
                offset: usize::from(header.fragments_offset().byte_offset()),
                is_last: !header.more_fragments(),
            });
            (headers, usize::from(header.total_len()), fragment)
        }
        LaxIpSlice::Ipv6(ip) => {
            let header = ip.header();
            let headers = offset_in(bytes, payload).unwrap_or(header.slice().len());
            let stated = usize::from(header.payload_length());
            let stated = if stated == 0 {
                0
            } else {
                stated + header.slice().len()
            };
            let fragment =
                ip.extensions()
                    .clone()
                    .into_iter()
                    .find_map(|extension| match extension {
                        Ipv6ExtensionSlice::Fragment(part) if part.is_fragmenting_payload() => {
                            Some(Fragment {
                                id: part.identification(),
                                offset: usize::from(part.fragment_offset().byte_offset()),
                                is_last: !part.more_fragments(),
                            })
                        }
                        _ => None,
                    });
            (headers, stated, fragment)
        }
    };
    let padded = on_wire < ETHERNET_MINIMUM;
    let stated = if stated < headers && !padded {
        on_wire
    } else {
        stated
    };
    let wire_payload = stated.min(on_wire.max(bytes.len())).saturating_sub(headers);
    let payload = payload.get(..wire_payload).unwrap_or(payload);
    Some(Datagram {
        src: ip.source_addr(),
        dst: ip.destination_addr(),
        protocol,
        cut: wire_payload - payload.len(),
        payload,
        fragment,
    })
}

/// Where `inner`, a part of `outer`, begins in it.
fn offset_in(outer: &[u8], inner: &[u8]) -> Option<usize> {
    (inner.as_ptr() as usize)
        .checked_sub(outer.as_ptr() as usize)
        .filter(|offset| *offset <= outer.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Timestamp;

    /// An IPv4 TCP SYN from 10.0.0.1:1025 to 10.0.0.2:80.
    const SYN: &[u8] = &[
        0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
        4, 1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0, // TCP
    ];

    fn ports(link: LinkType, header: &[u8]) -> Option<(u16, u16)> {
        let bytes = [header, SYN].concat();
        let frame = Frame {
            number: FrameNumber(1),
            time: Timestamp::from_nanos(0),
            link,
            bytes: &bytes,
            wire_len: u32::try_from(bytes.len()).unwrap(),
        };
        let mut network = Network::default();
        let arrival = network.packet(&frame)?;
        match arrival.packet {
            Packet::Tcp(segment) => Some((segment.src.port, segment.dst.port)),
            _ => None,
        }
    }

    #[test]
    fn every_link_layer_leads_to_the_same_segment() {
        let ethernet = |rest: &[u8]| [&[0xff; 12][..], rest].concat();
        let headers: [(LinkType, Vec<u8>); 9] = [
            (LinkType::ETHERNET, ethernet(&[8, 0])),
            (LinkType::ETHERNET, ethernet(&[0x81, 0, 0, 5, 8, 0])),
            (
                LinkType::ETHERNET,
                ethernet(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]),
            ),
            (LinkType::LINUX_SLL, [&[0; 14][..], &[8, 0]].concat()),
            (LinkType::LINUX_SLL2, [&[8, 0][..], &[0; 18]].concat()),
            (LinkType::NULL, vec![2, 0, 0, 0]),
            (LinkType::NULL, vec![0, 0, 0, 2]),
            (LinkType::LOOP, vec![0, 0, 0, 2]),
            (LinkType::RAW, Vec::new()),
        ];
        for (link, header) in headers {
            assert_eq!(ports(link, &header), Some((1025, 80)), "{link} {header:x?}");
        }
    }

    #[test]
    fn frames_cut_anywhere_do_no_harm() {
        let bytes = [&[0xff; 12][..], &[8, 0], SYN].concat();
        for len in 0..bytes.len() {
            let frame = Frame {
                number: FrameNumber(1),
                time: Timestamp::from_nanos(0),
                link: LinkType::ETHERNET,
                bytes: &bytes[..len],
                wire_len: 54,
            };
            let mut network = Network::default();
            let _ = network.packet(&frame);
            assert_eq!(network.snapped.frames, 1);
        }
    }
}
