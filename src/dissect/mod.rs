//! From ordered bytes to messages: the one place where frame numbers meet message bodies.
//!
//! Never pairs a request with an answer (HTTP framing excepted, which needs the method), and judges nothing.
#![deny(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::panic,
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may fail loudly"
    )
)]

mod body;
mod conversation;
mod datagram;
pub mod decoder;
mod dns;
mod greeting;
mod half;
mod http;
mod kerberos;
pub mod message;
mod opened;
mod outlet;
mod proof;
pub mod raw;
mod records;
mod requests;
mod step;
mod tally;
mod tds;
mod tls;

use crate::dissect::conversation::Conversation;
use crate::dissect::message::Observation;
use crate::dissect::outlet::Outlet;
use crate::dissect::raw::{Found, Taker};
use crate::limits::Limitation;
use crate::net::packet::{Origin, Packet};
use crate::net::tcp::table::Table;

/// Ports that the user names beside the well-known ones. They break ties; a protocol proves itself on any port.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ports {
    /// Further ports of web servers.
    pub http: Vec<u16>,
    /// Further ports of KDCs.
    pub kerberos: Vec<u16>,
}

/// Ports whose TCP connections are told even if no byte of them proves a protocol.
const TOLD_PORTS: [u16; 7] = [53, 80, 88, 443, 8080, 8530, 8531];
/// Those of them that carry TLS: a connection that does not begin with its hello shows nothing later.
const TLS_PORTS: [u16; 2] = [443, 8531];

impl Ports {
    pub(in crate::dissect) fn is_kerberos(&self, port: u16) -> bool {
        port == 88 || self.kerberos.contains(&port)
    }

    pub(in crate::dissect) fn is_told(&self, port: u16) -> bool {
        TOLD_PORTS.contains(&port) || self.http.contains(&port) || self.kerberos.contains(&port)
    }

    /// Whether a message may come late in a connection to `port` that has shown none.
    pub(in crate::dissect) fn is_awaited(&self, port: u16) -> bool {
        self.is_told(port) && !TLS_PORTS.contains(&port)
    }
}

/// What the first bytes of a direction say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::dissect) enum Probe {
    /// They are this protocol.
    Certain,
    /// They may be; more are needed.
    Unsure,
    /// They are not.
    NotMine,
}

/// Finds the messages in packets.
#[derive(Debug)]
pub struct Dissector {
    connections: Table<Conversation>,
    ports: Ports,
    outlet: Outlet,
}

impl Dissector {
    /// A dissector that knows the user's ports.
    pub fn new(ports: Ports) -> Self {
        Self {
            connections: Table::default(),
            ports,
            outlet: Outlet::default(),
        }
    }

    /// Takes a packet in, and gives what was found in it to `sink`.
    pub fn packet(&mut self, packet: &Packet<'_>, origin: Origin<'_>, sink: &mut Taker<'_>) {
        let Self {
            connections,
            ports,
            outlet,
        } = self;
        match packet {
            Packet::Tcp(segment) => {
                connections.segment(segment, origin, &mut |connection, event| {
                    conversation::take(connection, event, ports, &mut outlet.with(sink));
                });
            }
            Packet::Udp(udp) => datagram::take(udp, origin, ports, &mut outlet.with(sink)),
            Packet::IcmpError(error) => datagram::icmp(error, origin, &mut outlet.with(sink)),
        }
    }

    /// The capture is over: gives what was still open to `sink`.
    pub fn finish(&mut self, sink: &mut Taker<'_>) {
        let Self {
            connections,
            ports,
            outlet,
        } = self;
        connections.finish(&mut |connection, event| {
            conversation::take(connection, event, ports, &mut outlet.with(sink));
        });
        let limitations: Vec<Limitation> = connections
            .limitation()
            .into_iter()
            .chain(outlet.limitations())
            .collect();
        for limitation in limitations {
            let limitation = Box::new(Observation::Limitation(limitation));
            sink(Found::Seen(limitation), &[]);
        }
    }
}
