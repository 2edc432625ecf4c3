//! Where the parts of a packet lie in the bytes of its frame.
//!
//! Never looks behind the headers of IP.

use std::net::IpAddr;

use crate::frame::Frame;
use crate::net::ip::{self, Datagram};
use crate::net::layer::{Layer, network_layer};

/// The places of a packet that is in no tunnel, and whose headers are plain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places {
    /// Where the IP header begins.
    pub header: usize,
    /// Where its payload begins.
    pub payload: usize,
    /// Where the payload ends, as far as it was captured.
    pub end: usize,
    /// Bytes of the payload that were not captured.
    pub cut: usize,
    /// What the payload is.
    pub protocol: Protocol,
    /// Who sent it.
    pub src: IpAddr,
    /// To whom.
    pub dst: IpAddr,
    /// Which piece it is, if it is one.
    pub piece: Option<Piece>,
}

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP.
    Icmp,
    /// ICMP between IPv6 addresses.
    IcmpV6,
}

impl Protocol {
    /// Its number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => ip::TCP,
            Self::Udp => ip::UDP,
            Self::Icmp => ip::ICMP,
            Self::IcmpV6 => ip::ICMPV6,
        }
    }

    const fn of(number: u8) -> Option<Self> {
        Some(match number {
            ip::TCP => Self::Tcp,
            ip::UDP => Self::Udp,
            ip::ICMP => Self::Icmp,
            ip::ICMPV6 => Self::IcmpV6,
            _ => return None,
        })
    }
}

/// A piece of a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The datagram's number.
    pub id: u32,
    /// Where the piece begins in it.
    pub offset: usize,
}

/// The places in a frame; `None` where it holds no packet of these protocols, or one whose headers are not plain.
pub fn places(frame: &Frame<'_>) -> Option<Places> {
    let Some(Layer::Ip(bytes)) = network_layer(frame.link, frame.bytes) else {
        return None;
    };
    let header = frame.bytes.len() - bytes.len();
    places_of_packet(bytes, (frame.wire_len as usize).saturating_sub(header)).map(|it| Places {
        header,
        payload: it.payload + header,
        end: it.end + header,
        ..it
    })
}

/// The same for a packet that begins at once, of which `on_wire` bytes were on the wire.
pub fn places_of_packet(bytes: &[u8], on_wire: usize) -> Option<Places> {
    let datagram = Datagram::read(bytes, on_wire)?;
    let payload = (datagram.payload.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    let piece = datagram.fragment.map(|piece| Piece {
        id: piece.id,
        offset: piece.offset,
    });
    let plain = match bytes.first()? {
        first if first >> 4 == 4 => usize::from(first & 15) * 4,
        _ if piece.is_some() => 48,
        _ => 40,
    };
    (plain == payload).then_some(Places {
        header: 0,
        payload,
        end: payload + datagram.payload.len(),
        cut: datagram.cut,
        protocol: Protocol::of(datagram.protocol)?,
        src: datagram.src,
        dst: datagram.dst,
        piece,
    })
}
