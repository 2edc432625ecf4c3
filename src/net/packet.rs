//! What a whole IP datagram carries: TCP, UDP or an ICMP error.
//!
//! Never keeps anything: all of it is lent from the frame or from a rebuilt datagram.

use std::net::IpAddr;

use crate::endpoint::{Endpoint, Flow, Transport};
use crate::net::ip::{self, Datagram};
use crate::net::provenance::Run;

/// What arrived, ready for the streams and the dissectors.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// A TCP segment.
    Tcp(TcpSegment<'a>),
    /// A UDP datagram.
    Udp(UdpDatagram<'a>),
    /// An ICMP or ICMPv6 error.
    IcmpError(IcmpErrorPacket),
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct TcpSegment<'a> {
    /// Who sent it.
    pub src: Endpoint,
    /// To whom.
    pub dst: Endpoint,
    /// The sequence number of its first byte, or of the SYN.
    pub sequence: u32,
    /// The acknowledgement number; meaningless without the ACK flag.
    pub acknowledgment: u32,
    /// The flags.
    pub flags: TcpFlags,
    /// The identification of its packet, by which a copy that the capture made is known; 0 where there is none (IPv6).
    pub identification: u16,
    /// How many routers it may still pass: fewer at each place on its way.
    pub hops: u8,
    /// The payload, as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were on the wire behind `payload` and not captured.
    pub cut: usize,
}

/// The flags of a TCP header (RFC 9293 section 3.1), the low byte of the flags field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 0x10;

    /// Whether the flag `bit` is set.
    pub const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct UdpDatagram<'a> {
    /// Who sent it.
    pub src: Endpoint,
    /// To whom.
    pub dst: Endpoint,
    /// The payload, as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were on the wire behind `payload` and not captured.
    pub cut: usize,
}

/// An ICMP error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpErrorPacket {
    /// Who reports it.
    pub src: IpAddr,
    /// To whom.
    pub dst: IpAddr,
    /// The type.
    pub icmp_type: u8,
    /// The code.
    pub icmp_code: u8,
    /// The flow of the quoted packet, if that much of it is there.
    pub about: Option<Flow>,
}

/// The frames that brought a packet: one, or those of its fragments.
///
/// The runs cover the transport payload (`TcpSegment::payload`, `UdpDatagram::payload`) in order; a frame that brought only
/// header bytes has a run that is empty. Never an empty slice.
pub type Origin<'a> = &'a [Run];

/// ICMP and ICMPv6 errors quote a packet behind eight bytes.
const ICMP_HEADER: usize = 8;
const UDP_HEADER: usize = 8;
const SHORTEST_TCP_HEADER: usize = 20;

impl Packet<'_> {
    /// Who sent it to whom; `None` for an ICMP error.
    pub const fn flow(&self) -> Option<Flow> {
        let (src, dst, transport) = match self {
            Self::Tcp(segment) => (segment.src, segment.dst, Transport::Tcp),
            Self::Udp(datagram) => (datagram.src, datagram.dst, Transport::Udp),
            Self::IcmpError(_) => return None,
        };
        Some(Flow {
            src,
            dst,
            transport,
        })
    }

    /// The length of the payload, as far as it was captured.
    pub(in crate::net) const fn payload_len(&self) -> usize {
        match self {
            Self::Tcp(segment) => segment.payload.len(),
            Self::Udp(datagram) => datagram.payload.len(),
            Self::IcmpError(_) => 0,
        }
    }
}

/// The transport in the payload of a whole IP datagram, and the length of its header.
#[inline]
pub(in crate::net) fn transport<'a>(datagram: &Datagram<'a>) -> Option<(Packet<'a>, usize)> {
    match datagram.protocol {
        ip::TCP => tcp(datagram),
        ip::UDP => udp(datagram),
        ip::ICMP | ip::ICMPV6 => icmp_error(datagram).map(|packet| (packet, 0)),
        _ => None,
    }
}

/// A header whose end is cut still tells enough; one that lies about its length is taken for the shortest.
#[inline]
fn tcp<'a>(datagram: &Datagram<'a>) -> Option<(Packet<'a>, usize)> {
    let bytes = datagram.payload;
    let (start, _) = bytes.split_first_chunk::<14>()?;
    let [
        s0,
        s1,
        d0,
        d1,
        q0,
        q1,
        q2,
        q3,
        a0,
        a1,
        a2,
        a3,
        offset,
        flags,
    ] = *start;
    let header = (usize::from(offset >> 4) * 4).max(SHORTEST_TCP_HEADER);
    let segment = TcpSegment {
        src: Endpoint::new(datagram.src, u16::from_be_bytes([s0, s1])),
        dst: Endpoint::new(datagram.dst, u16::from_be_bytes([d0, d1])),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        identification: datagram.identification,
        hops: datagram.hops,
        payload: bytes.get(header..).unwrap_or_default(),
        cut: cut_behind(header, datagram),
    };
    Some((Packet::Tcp(segment), header))
}

/// A length of zero is that of a datagram whose sender left it to the network card.
fn udp<'a>(datagram: &Datagram<'a>) -> Option<(Packet<'a>, usize)> {
    let bytes = datagram.payload;
    let payload = bytes.get(UDP_HEADER..).unwrap_or_default();
    let cut = cut_behind(UDP_HEADER, datagram);
    let len = match usize::from(be16(bytes, 4).unwrap_or(0)) {
        0 => payload.len() + cut,
        stated => stated.saturating_sub(UDP_HEADER),
    };
    let payload = payload.get(..len).unwrap_or(payload);
    let udp = UdpDatagram {
        src: Endpoint::new(datagram.src, be16(bytes, 0)?),
        dst: Endpoint::new(datagram.dst, be16(bytes, 2)?),
        payload,
        cut: cut.min(len - payload.len()),
    };
    Some((Packet::Udp(udp), UDP_HEADER))
}

/// Bytes behind a transport header that were not captured.
#[inline]
fn cut_behind(header: usize, datagram: &Datagram<'_>) -> usize {
    let cut_header = header.saturating_sub(datagram.payload.len());
    datagram.cut.saturating_sub(cut_header)
}

/// Errors only: destination unreachable, source quench, time exceeded, parameter problem (RFC 792); types below 128 (RFC 4443).
fn icmp_error<'a>(datagram: &Datagram<'a>) -> Option<Packet<'a>> {
    let (&icmp_type, rest) = datagram.payload.split_first()?;
    let is_error = match datagram.protocol {
        ip::ICMP => matches!(icmp_type, 3 | 4 | 11 | 12),
        _ => matches!(icmp_type, 1..=4),
    };
    is_error.then(|| {
        Packet::IcmpError(IcmpErrorPacket {
            src: datagram.src,
            dst: datagram.dst,
            icmp_type,
            icmp_code: rest.first().copied().unwrap_or(0),
            about: datagram.payload.get(ICMP_HEADER..).and_then(quoted_flow),
        })
    })
}

/// The ports stand in the first piece of a packet only.
fn quoted_flow(bytes: &[u8]) -> Option<Flow> {
    let quoted = Datagram::read(bytes, bytes.len())?;
    let transport = match quoted.protocol {
        ip::TCP => Transport::Tcp,
        ip::UDP => Transport::Udp,
        _ => return None,
    };
    if quoted.fragment.is_some_and(|fragment| fragment.offset > 0) {
        return None;
    }
    Some(Flow {
        src: Endpoint::new(quoted.src, be16(quoted.payload, 0)?),
        dst: Endpoint::new(quoted.dst, be16(quoted.payload, 2)?),
        transport,
    })
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn datagram(protocol: u8, payload: &[u8], cut: usize) -> Datagram<'_> {
        Datagram {
            src: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
            dst: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)),
            protocol,
            identification: 7,
            hops: 64,
            payload,
            cut,
            fragment: None,
        }
    }

    /// A TCP header of 32 bytes from port 1025 to 80, and four bytes of payload.
    fn tcp_bytes() -> Vec<u8> {
        let mut bytes = vec![4, 1, 0, 80, 0, 0, 0, 9, 0, 0, 0, 5, 0x80, 0x18, 1, 0];
        bytes.resize(32, 1);
        bytes.extend(b"data");
        bytes
    }

    #[test]
    fn a_segment_cut_anywhere_behind_its_flags_knows_how_much_is_missing() {
        let bytes = tcp_bytes();
        for len in 0..=bytes.len() {
            let datagram = datagram(ip::TCP, &bytes[..len], bytes.len() - len);
            let Some((Packet::Tcp(segment), header)) = transport(&datagram) else {
                assert!(len < 14, "{len}");
                continue;
            };
            assert_eq!((segment.sequence, segment.acknowledgment), (9, 5));
            assert_eq!((segment.src.port, segment.dst.port, header), (1025, 80, 32));
            assert_eq!(segment.payload.len() + segment.cut, 4, "{len}");
            assert_eq!(segment.payload, &bytes[32.min(len)..len]);
        }
    }

    #[test]
    fn the_length_of_udp_counts_where_it_is_there() {
        let bytes = [&[0, 53, 4, 1, 0, 12, 0, 0][..], b"datapadding"].concat();
        let taken = |bytes, cut| match transport(&datagram(ip::UDP, bytes, cut)) {
            Some((Packet::Udp(udp), _)) => Some((udp.payload.to_vec(), udp.cut)),
            _ => None,
        };
        assert_eq!(taken(&bytes, 0), Some((b"data".to_vec(), 0)));
        assert_eq!(taken(&bytes[..10], 9), Some((b"da".to_vec(), 2)));
        assert_eq!(taken(&bytes[..4], 15), Some((vec![], 11)));
        assert_eq!(taken(&bytes[..3], 16), None);
        let offloaded = [&[0, 53, 4, 1, 0, 0, 0, 0][..], b"data"].concat();
        assert_eq!(taken(&offloaded, 3), Some((b"data".to_vec(), 3)));
    }

    #[test]
    fn an_error_names_the_flow_that_it_is_about() {
        let mut quoted = vec![0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 17, 0, 0];
        quoted.extend([10, 0, 0, 2, 10, 0, 0, 1, 0xc0, 0, 0, 88]);
        let about = |quoted: &[u8]| {
            let bytes = [&[3, 3, 0, 0, 0, 0, 0, 0][..], quoted].concat();
            match transport(&datagram(ip::ICMP, &bytes, 0)) {
                Some((Packet::IcmpError(error), _)) => {
                    assert_eq!((error.icmp_type, error.icmp_code), (3, 3));
                    error.about
                }
                _ => panic!("an error"),
            }
        };
        let flow = about(&quoted).unwrap();
        assert_eq!(flow.src.to_string(), "10.0.0.2:49152");
        assert_eq!(flow.dst.to_string(), "10.0.0.1:88");
        assert_eq!(flow.transport, Transport::Udp);
        assert_eq!(about(&quoted[..22]), None);
        quoted[6..8].copy_from_slice(&[0, 185]);
        assert_eq!(about(&quoted), None);
    }

    #[test]
    fn an_echo_is_no_error() {
        assert!(transport(&datagram(ip::ICMP, &[8, 0, 0, 0, 0, 0, 0, 0], 0)).is_none());
        assert!(transport(&datagram(ip::ICMPV6, &[128, 0, 0, 0, 0, 0, 0, 0], 0)).is_none());
    }
}
