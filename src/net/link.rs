//! From a frame to the IP datagram in it, and from a whole datagram to its transport.
//!
//! Never keeps a frame: only fragments stay, under the budget of `defrag`.

use crate::frame::{Frame, FrameNumber, LinkType};
use crate::limits::Limitation;
use crate::net::defrag::{Defragmenter, Fragment};
use crate::net::ip::{self, Datagram};
use crate::net::packet::{self, Origin, Packet};
use crate::net::plain;
use crate::net::provenance::Run;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const PPPOE_SESSION: u16 = 0x8864;
/// What is not larger is a length, not a type.
const LONGEST_802_3: u16 = 1_500;
/// Both access points, and unnumbered information (RFC 1042).
const SNAP: [u8; 3] = [0xaa, 0xaa, 3];

/// Turns frames into packets.
#[derive(Debug, Default)]
pub struct Network {
    defragmenter: Defragmenter,
    runs: Vec<Run>,
    datagram: Vec<u8>,
    unread_links: Count,
    tunnels: Count,
    snapped: Count,
}

/// A packet and the frames that brought it.
#[derive(Debug)]
struct Arrival<'a> {
    packet: Packet<'a>,
    origin: Origin<'a>,
}

/// How many frames, and the first of them.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    frames: u64,
    first: Option<FrameNumber>,
}

/// What follows a link layer.
#[derive(Clone, Copy, Debug)]
enum Layer<'a> {
    Ip(&'a [u8]),
    /// Packets inside something that is not read.
    Tunnel,
    /// Nothing that could matter.
    Other,
}

impl Network {
    /// Gives the packet that `frame` brings or completes to `sink`, if it is TCP, UDP or an ICMP error, with its frames.
    #[inline]
    pub fn packet(&mut self, frame: &Frame<'_>, sink: &mut impl FnMut(&Packet<'_>, Origin<'_>)) {
        if let Some(segment) = plain::segment(frame) {
            let run = Run::of(frame, segment.payload.len());
            sink(&Packet::Tcp(segment), &[run]);
        } else if let Some(Arrival { packet, origin }) = self.arrival(frame) {
            sink(&packet, origin);
        }
    }

    /// The long way, for any frame.
    fn arrival<'a>(&'a mut self, frame: &Frame<'a>) -> Option<Arrival<'a>> {
        if frame.wire_len as usize > frame.bytes.len() {
            self.snapped.add(frame.number);
        }
        let datagram = self.datagram(frame)?;
        let run = Run::of(frame, datagram.payload.len());
        if let Some(fragment) = datagram.fragment {
            return self.fragment(&datagram, fragment, run);
        }
        let (packet, header) = packet::transport(&datagram)?;
        self.runs.clear();
        self.runs.push(run);
        Some(arrival(packet, header, &mut self.runs))
    }

    /// The IP datagram in a frame; what is not read is counted.
    #[inline]
    fn datagram<'a>(&mut self, frame: &Frame<'a>) -> Option<Datagram<'a>> {
        let bytes = match network_layer(frame) {
            Some(Layer::Ip(bytes)) => bytes,
            Some(Layer::Other) => return None,
            Some(Layer::Tunnel) => {
                self.tunnels.add(frame.number);
                return None;
            }
            None => {
                self.unread_links.add(frame.number);
                return None;
            }
        };
        let link = frame.bytes.len() - bytes.len();
        let datagram = Datagram::read(bytes, (frame.wire_len as usize).saturating_sub(link))?;
        if datagram.is_tunnel() {
            self.tunnels.add(frame.number);
            return None;
        }
        Some(datagram)
    }

    /// Only TCP and UDP are put together: an ICMP error never needs to be.
    #[cold]
    fn fragment(
        &mut self,
        datagram: &Datagram<'_>,
        fragment: Fragment,
        run: Run,
    ) -> Option<Arrival<'_>> {
        if !matches!(datagram.protocol, ip::TCP | ip::UDP) {
            return None;
        }
        let whole = self.defragmenter.add(datagram, fragment, run)?;
        self.datagram = whole.bytes;
        self.runs = whole.runs;
        let (packet, header) = packet::transport(&Datagram {
            payload: &self.datagram,
            cut: whole.cut,
            fragment: None,
            ..*datagram
        })?;
        Some(arrival(packet, header, &mut self.runs))
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
        let tunnels = self.tunnels.first.map(|first| {
            Limitation::since(
                first,
                format!(
                    "{} frames hold packets in a tunnel or encrypted (MPLS, MACsec, GRE, ESP and the like), which are not read.",
                    self.tunnels.frames
                ),
            )
        });
        let pieces = self.defragmenter.limitation();
        let counted = [unread, tunnels, snapped, pieces];
        counted.into_iter().flatten().collect()
    }
}

/// A packet with the runs of its payload, made from those of its datagram.
#[inline]
fn arrival<'a>(packet: Packet<'a>, header: usize, runs: &'a mut [Run]) -> Arrival<'a> {
    let len = packet.payload_len();
    for run in runs.iter_mut() {
        run.end = run.end.saturating_sub(header).min(len);
    }
    Arrival {
        packet,
        origin: runs,
    }
}

impl Count {
    fn add(&mut self, frame: FrameNumber) {
        self.frames += 1;
        self.first.get_or_insert(frame);
    }
}

/// What follows the link layer; `None` for a link type that is not read, or a frame too short for it. Some loopback captures
/// hold frames of Cisco HDLC: an address, a zero and an `EtherType`.
#[inline]
fn network_layer<'a>(frame: &Frame<'a>) -> Option<Layer<'a>> {
    let bytes = frame.bytes;
    match frame.link {
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
        _ => None,
    }
}

/// Behind an `EtherType` and any tags. A length instead of a type is 802.3, where a SNAP header has the type.
#[inline]
fn behind_type(mut bytes: &[u8]) -> Option<Layer<'_>> {
    loop {
        let kind = be16(bytes)?;
        bytes = bytes.get(2..)?;
        match kind {
            IPV4 | IPV6 => return Some(Layer::Ip(bytes)),
            0..=LONGEST_802_3 if bytes.starts_with(&SNAP) => bytes = bytes.get(6..)?,
            kind if is_vlan_tag(kind) => bytes = bytes.get(2..)?,
            PPPOE_SESSION => {
                let protocol = be16(bytes.get(6..)?)?;
                let payload = bytes.get(8..)?;
                return Some(match protocol {
                    0x0021 | 0x0057 => Layer::Ip(payload),
                    _ => Layer::Other,
                });
            }
            kind => return Some(layer(kind, bytes)),
        }
    }
}

fn layer(kind: u16, payload: &[u8]) -> Layer<'_> {
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
        let mut ports = None;
        Network::default().packet(&frame, &mut |packet, _| {
            if let Packet::Tcp(segment) = packet {
                ports = Some((segment.src.port, segment.dst.port));
            }
        });
        ports
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
            network.packet(&frame, &mut |_, _| ());
            assert_eq!(network.snapped.frames, 1);
        }
    }

    /// What the long way makes of `frame`.
    fn long_way(frame: &Frame<'_>) -> Option<String> {
        let mut network = Network::default();
        let arrival = network.arrival(frame)?;
        Some(format!("{:?} {:?}", arrival.packet, arrival.origin))
    }

    /// What the short way makes of it.
    fn short_way(frame: &Frame<'_>) -> Option<String> {
        let segment = plain::segment(frame)?;
        let run = Run::of(frame, segment.payload.len());
        Some(format!("{:?} {:?}", Packet::Tcp(segment), [run]))
    }

    #[test]
    fn a_plain_frame_is_read_as_on_the_long_way_and_a_changed_one_too_or_not_at_all() {
        for bytes in plain::tests::frames() {
            for len in 0..=bytes.len() {
                for at in 0..len {
                    for value in [bytes[at], 0, 1, 6, 0x45, 0x46, 0x50, 0x60, 0x7f, 0xff] {
                        let mut bytes = bytes[..len].to_vec();
                        bytes[at] = value;
                        let frame = Frame {
                            number: FrameNumber(1),
                            time: Timestamp::from_nanos(0),
                            link: LinkType::ETHERNET,
                            wire_len: u32::try_from(len).unwrap(),
                            bytes: &bytes,
                        };
                        let short = short_way(&frame);
                        assert!(short.is_none() || short == long_way(&frame), "{bytes:x?}");
                    }
                }
            }
            let frame = Frame {
                number: FrameNumber(1),
                time: Timestamp::from_nanos(0),
                link: LinkType::ETHERNET,
                wire_len: u32::try_from(bytes.len()).unwrap(),
                bytes: &bytes,
            };
            assert!(short_way(&frame).is_some());
        }
    }
}
