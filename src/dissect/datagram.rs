//! UDP datagrams, each a message of its own, and ICMP errors.
//!
//! Never joins datagrams: one that was sent again is one more message.

use crate::dissect::message::{IcmpError, Loss, MessageBody};
use crate::dissect::outlet::{Envelope, Out};
use crate::dissect::{Ports, dns};
use crate::endpoint::{Endpoint, Flow, Transport};
use crate::net::packet::{IcmpErrorPacket, Origin, UdpDatagram};
use crate::net::provenance::FrameList;
use crate::wire::{self, kerberos};

/// Kerberos on any port that proves it, DNS on its own.
pub(super) fn take(
    datagram: &UdpDatagram<'_>,
    origin: Origin<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let on_port =
        |wanted: &dyn Fn(u16) -> bool| wanted(datagram.src.port) || wanted(datagram.dst.port);
    if on_port(&|port| port == dns::PORT) {
        dns_datagram(datagram, origin, out);
    } else if kerberos::outline(datagram.payload).is_some() {
        kerberos_datagram(datagram, origin, out);
    } else if on_port(&|port| ports.is_kerberos(port))
        && !datagram.payload.is_empty()
        && let Err(error) = kerberos::decode(datagram.payload)
    {
        out.unread(&frames(origin), error);
    }
}

fn dns_datagram(datagram: &UdpDatagram<'_>, origin: Origin<'_>, out: &mut Out<'_>) {
    match wire::dns::decode(datagram.payload) {
        Ok(dns) => out.message(envelope(datagram, origin), MessageBody::Dns(dns)),
        Err(error) => out.unread(&frames(origin), error),
    }
}

fn kerberos_datagram(datagram: &UdpDatagram<'_>, origin: Origin<'_>, out: &mut Out<'_>) {
    match kerberos::decode(datagram.payload) {
        Ok(message) => out.message(envelope(datagram, origin), MessageBody::Kerberos(message)),
        Err(error) => out.unread(&frames(origin), error),
    }
}

fn envelope(datagram: &UdpDatagram<'_>, origin: Origin<'_>) -> Envelope {
    Envelope {
        flow: Flow {
            src: datagram.src,
            dst: datagram.dst,
            transport: Transport::Udp,
        },
        connection: None,
        frames: frames(origin),
        loss: (datagram.cut > 0).then_some(Loss::Snapped),
    }
}

fn frames(origin: Origin<'_>) -> FrameList {
    let mut frames = FrameList::default();
    for run in origin {
        frames.add(run.frame, run.time);
    }
    frames
}

/// An ICMP error that quotes a packet.
pub(super) fn icmp(error: &IcmpErrorPacket, origin: Origin<'_>, out: &mut Out<'_>) {
    if error.about.is_none() {
        return;
    }
    let envelope = Envelope {
        flow: Flow {
            src: Endpoint::new(error.src, 0),
            dst: Endpoint::new(error.dst, 0),
            transport: Transport::Icmp,
        },
        connection: None,
        frames: frames(origin),
        loss: None,
    };
    let body = IcmpError {
        reporter: error.src,
        icmp_type: error.icmp_type,
        icmp_code: error.icmp_code,
        about: error.about,
    };
    out.message(envelope, MessageBody::IcmpError(body));
}
