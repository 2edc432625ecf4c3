//! What a whole IP datagram carries: TCP, UDP or an ICMP error, on `etherparse`.
//!
//! Never keeps anything: all of it is lent from the frame or from a rebuilt datagram.

use std::net::IpAddr;

use crate::endpoint::{Endpoint, Flow};
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
