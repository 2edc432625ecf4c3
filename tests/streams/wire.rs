//! A TCP connection as it was on the wire, in whatever order it was captured.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use why401::endpoint::Endpoint;
use why401::net::packet::{TcpFlags, TcpSegment};

pub(crate) const CLIENT: usize = 0;
pub(crate) const SERVER: usize = 1;

pub(crate) const SYN: u8 = TcpFlags::SYN;
pub(crate) const ACK: u8 = TcpFlags::ACK;
pub(crate) const FIN: u8 = TcpFlags::FIN;
pub(crate) const RST: u8 = TcpFlags::RST;

/// A captured segment. Offsets count from the first byte of a side's stream.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) side: usize,
    pub(crate) flags: u8,
    /// Of the first byte; -1 is the number of the SYN.
    pub(crate) begin: i64,
    /// Of the next byte that is wanted from the other side.
    pub(crate) wanted: i64,
    pub(crate) bytes: Vec<u8>,
    /// Bytes behind these that the snap length cut off.
    pub(crate) cut: usize,
    pub(crate) millis: i64,
    /// Of its packet; 0 where there is none.
    pub(crate) identification: u16,
}

impl Sent {
    pub(crate) fn new(side: usize, flags: u8, begin: i64, wanted: i64) -> Self {
        Self {
            side,
            flags,
            begin,
            wanted,
            bytes: Vec::new(),
            cut: 0,
            millis: 0,
            identification: 0,
        }
    }

    pub(crate) fn with(self, bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            ..self
        }
    }

    pub(crate) fn cut_by(self, cut: usize) -> Self {
        Self { cut, ..self }
    }

    pub(crate) fn at(self, millis: i64) -> Self {
        Self { millis, ..self }
    }

    /// The offsets that it brings.
    pub(crate) fn range(&self) -> Range<i64> {
        self.begin..self.begin + i64::try_from(self.bytes.len()).unwrap()
    }
}

/// Where a connection's two streams lie among the sequence numbers, and between which ports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// The numbers of the two SYNs.
    pub(crate) first: [u32; 2],
    pub(crate) ports: [u16; 2],
}

impl Line {
    pub(crate) const fn new(first: [u32; 2]) -> Self {
        Self {
            first,
            ports: [49_152, 80],
        }
    }

    pub(crate) fn endpoint(self, side: usize) -> Endpoint {
        let host = u8::try_from(side).unwrap() + 1;
        Endpoint::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)), self.ports[side])
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sequence numbers are counted modulo 2^32"
    )]
    fn number(self, side: usize, offset: i64) -> u32 {
        self.first[side].wrapping_add(1).wrapping_add(offset as u32)
    }

    pub(crate) fn segment(self, sent: &Sent) -> TcpSegment<'_> {
        let other = 1 - sent.side;
        TcpSegment {
            src: self.endpoint(sent.side),
            dst: self.endpoint(other),
            sequence: self.number(sent.side, sent.begin),
            acknowledgment: if sent.flags & ACK == 0 {
                0
            } else {
                self.number(other, sent.wanted)
            },
            flags: TcpFlags(sent.flags),
            identification: sent.identification,
            hops: 64,
            payload: &sent.bytes,
            cut: sent.cut,
        }
    }
}

/// SYN, its answer and the acknowledgement.
pub(crate) fn handshake() -> Vec<Sent> {
    vec![
        Sent::new(CLIENT, SYN, -1, 0),
        Sent::new(SERVER, SYN | ACK, -1, 0),
        Sent::new(CLIENT, ACK, 0, 0),
    ]
}

/// Both sides close, the client first.
pub(crate) fn goodbye(said: [i64; 2]) -> Vec<Sent> {
    vec![
        Sent::new(CLIENT, FIN | ACK, said[CLIENT], said[SERVER]),
        Sent::new(SERVER, FIN | ACK, said[SERVER], said[CLIENT] + 1),
        Sent::new(CLIENT, ACK, said[CLIENT] + 1, said[SERVER] + 1),
    ]
}

/// Gives segments their times, one a millisecond.
pub(crate) fn timed(mut sent: Vec<Sent>) -> Vec<Sent> {
    for (millis, segment) in (0..).zip(&mut sent) {
        segment.millis = millis;
    }
    sent
}
