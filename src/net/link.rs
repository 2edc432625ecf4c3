//! From a frame to the IP datagram in it, and from a whole datagram to its transport.
//!
//! Never keeps a frame: only fragments stay, under the budget of `defrag`.

use crate::frame::{Frame, FrameNumber};
use crate::limits::Limitation;
use crate::net::defrag::{Defragmenter, Fragment};
use crate::net::ip::{self, Datagram};
use crate::net::layer::{Layer, network_layer};
use crate::net::packet::{self, Origin, Packet};
use crate::net::plain;
use crate::net::provenance::Run;
use crate::net::tunnel;
use crate::net::wifi;

/// Packets inside packets that are followed: mirrored traffic of a tunnel in a tunnel.
const TUNNELS: usize = 4;

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

impl Network {
    /// Gives the packet that `frame` brings or completes to `sink`, if it is TCP, UDP or an ICMP error, with its frames.
    #[inline]
    pub fn packet(&mut self, frame: &Frame<'_>, sink: &mut impl FnMut(&Packet<'_>, Origin<'_>)) {
        if let Some(packet) = plain::packet(frame) {
            let run = Run::of(frame, packet.payload_len());
            sink(&packet, &[run]);
        } else if let Some(packets) = wifi::aggregate(frame) {
            for frame in packets {
                if let Some(Arrival { packet, origin }) = self.arrival(&frame) {
                    sink(&packet, origin);
                }
            }
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

    /// The IP datagram in a frame, the innermost one; what is not read is counted.
    #[inline]
    fn datagram<'a>(&mut self, frame: &Frame<'a>) -> Option<Datagram<'a>> {
        let mut layer = network_layer(frame.link, frame.bytes);
        for _ in 0..TUNNELS {
            let bytes = match layer {
                Some(Layer::Ip(bytes)) => bytes,
                Some(Layer::Other) => return None,
                Some(Layer::Tunnel) => break,
                None => {
                    self.unread_links.add(frame.number);
                    return None;
                }
            };
            let link = frame.bytes.len() - bytes.len();
            let datagram = Datagram::read(bytes, (frame.wire_len as usize).saturating_sub(link))?;
            match tunnel::inner(&datagram) {
                None if datagram.is_tunnel() => break,
                None => return Some(datagram),
                inner => layer = inner,
            }
        }
        self.tunnels.add(frame.number);
        None
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
                    "{} frames hold packets in a tunnel or encrypted (MPLS, MACsec, ESP and the like), which are not read.",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{LinkType, Timestamp};

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
        let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
        let wifi = [&[8, 1][..], &[0; 22], &snap].concat();
        let headers: [(LinkType, Vec<u8>); 13] = [
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
            (LinkType::PPP, vec![0xff, 3, 0, 0x21]),
            (LinkType::WIFI, wifi.clone()),
            (
                LinkType::RADIOTAP,
                [&[0, 0, 9, 0][..], &[7; 5], &wifi].concat(),
            ),
            (
                LinkType::PPI,
                [&[0, 0, 8, 0, 105, 0, 0, 0], &wifi[..]].concat(),
            ),
        ];
        for (link, header) in headers {
            assert_eq!(ports(link, &header), Some((1025, 80)), "{link} {header:x?}");
        }
    }

    /// An IPv4 header before a payload of a protocol.
    fn ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let total = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
        let mut bytes = vec![0x45, 0, total[0], total[1], 0, 1, 0, 0, 64, protocol, 0, 0];
        bytes.extend([10, 0, 0, 8, 10, 0, 0, 9]);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn packets_in_tunnels_are_read_and_those_too_deep_are_counted() {
        let ethernet = [&[0xff; 12][..], &[8, 0], SYN].concat();
        let udp = |port: u16, header: &[u8]| {
            let port = port.to_be_bytes();
            [
                &[0x13, 0x88, port[0], port[1], 0, 0, 0, 0],
                header,
                &ethernet[..],
            ]
            .concat()
        };
        let tunnels = [
            ip(4, SYN),
            ip(47, &[&[0, 0, 8, 0], SYN].concat()),
            ip(
                47,
                &[&[0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2], SYN].concat(),
            ),
            ip(47, &[&[0, 0, 0x65, 0x58], &ethernet[..]].concat()),
            ip(47, &[&[0, 0, 0x88, 0xbe], &ethernet[..]].concat()),
            ip(
                47,
                &[&[0x10, 0, 0x88, 0xbe], &[0; 12][..], &ethernet].concat(),
            ),
            ip(
                47,
                &[&[0x10, 0, 0x22, 0xeb], &[0; 16][..], &ethernet].concat(),
            ),
            ip(17, &udp(4789, &[8, 0, 0, 0, 0, 0, 5, 0])),
            ip(4, &ip(4, &ip(4, SYN))),
        ];
        for bytes in tunnels {
            assert_eq!(
                ports(LinkType::RAW, &bytes[..bytes.len() - SYN.len()]),
                Some((1025, 80))
            );
        }
        let deep = ip(4, &ip(4, &ip(4, &ip(4, SYN))));
        assert_eq!(ports(LinkType::RAW, &deep[..80]), None);
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
        let packet = plain::packet(frame)?;
        let run = Run::of(frame, packet.payload_len());
        Some(format!("{packet:?} {:?}", [run]))
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
