//! What a whole IP datagram carries: TCP, UDP or an ICMP error, on `etherparse`.
//!
//! Never keeps anything: all of it is lent from the frame or from a rebuilt datagram.

use std::net::IpAddr;

use etherparse::{LaxIpSlice, TcpHeaderSlice, UdpHeaderSlice};

use crate::endpoint::{Endpoint, Flow, Transport};
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

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
/// ICMP and ICMPv6 errors quote a packet behind eight bytes.
const ICMP_HEADER: usize = 8;

/// The transport in the payload of a whole IP datagram, and the length of its header. `cut` bytes of the payload were not
/// captured.
pub(in crate::net) fn transport(
    addresses: (IpAddr, IpAddr),
    protocol: u8,
    payload: &[u8],
    cut: usize,
) -> Option<(Packet<'_>, usize)> {
    match protocol {
        TCP => tcp(addresses, payload, cut),
        UDP => udp(addresses, payload, cut),
        ICMP | ICMPV6 => icmp_error(addresses, protocol, payload).map(|packet| (packet, 0)),
        _ => None,
    }
}

fn tcp((src, dst): (IpAddr, IpAddr), bytes: &[u8], cut: usize) -> Option<(Packet<'_>, usize)> {
    let (header, flags) = match TcpHeaderSlice::from_slice(bytes) {
        Ok(header) => (header.slice().len(), *header.slice().get(13)?),
        // Options are cut, or the header lies about their length: what matters stands before them.
        Err(_) => (bytes.len().max(20), *bytes.get(13)?),
    };
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let segment = TcpSegment {
        src: Endpoint::new(src, port(bytes, 0)?),
        dst: Endpoint::new(dst, port(bytes, 2)?),
        sequence: number(4)?,
        acknowledgment: number(8)?,
        flags: TcpFlags(flags),
        payload: bytes.get(header..).unwrap_or_default(),
        cut: cut.saturating_sub(header.saturating_sub(bytes.len())),
    };
    Some((Packet::Tcp(segment), header))
}

fn udp((src, dst): (IpAddr, IpAddr), bytes: &[u8], cut: usize) -> Option<(Packet<'_>, usize)> {
    let header = UdpHeaderSlice::from_slice(bytes).ok()?;
    let payload = bytes.get(8..)?;
    let stated = usize::from(header.length()).saturating_sub(8);
    let there = if stated == 0 {
        payload
    } else {
        payload.get(..stated).unwrap_or(payload)
    };
    let datagram = UdpDatagram {
        src: Endpoint::new(src, header.source_port()),
        dst: Endpoint::new(dst, header.destination_port()),
        payload: there,
        cut: cut.min(stated.saturating_sub(there.len())),
    };
    Some((Packet::Udp(datagram), 8))
}

/// Errors only: destination unreachable, source quench, time exceeded, parameter problem (RFC 792); types below 128 (RFC 4443).
fn icmp_error((src, dst): (IpAddr, IpAddr), protocol: u8, bytes: &[u8]) -> Option<Packet<'_>> {
    let (&icmp_type, rest) = bytes.split_first()?;
    let is_error = match protocol {
        ICMP => matches!(icmp_type, 3 | 4 | 11 | 12),
        _ => matches!(icmp_type, 1..=4),
    };
    is_error.then(|| {
        Packet::IcmpError(IcmpErrorPacket {
            src,
            dst,
            icmp_type,
            icmp_code: rest.first().copied().unwrap_or(0),
            about: bytes.get(ICMP_HEADER..).and_then(quoted_flow),
        })
    })
}

fn quoted_flow(bytes: &[u8]) -> Option<Flow> {
    let (ip, _) = LaxIpSlice::from_slice(bytes).ok()?;
    let transport = match ip.payload_ip_number().0 {
        TCP => Transport::Tcp,
        UDP => Transport::Udp,
        _ => return None,
    };
    let payload = ip.payload().payload;
    Some(Flow {
        src: Endpoint::new(ip.source_addr(), port(payload, 0)?),
        dst: Endpoint::new(ip.destination_addr(), port(payload, 2)?),
        transport,
    })
}

fn port(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
