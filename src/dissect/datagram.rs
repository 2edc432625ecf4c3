//! UDP datagrams, each a message of its own, and ICMP errors.
//!
//! Never joins datagrams: one that was sent again is one more message.

use crate::dissect::message::{IcmpError, Loss, MessageBody};
use crate::dissect::outlet::{Envelope, Out};
use crate::dissect::raw::Decode;
use crate::dissect::{Ports, dns, kerberos};
use crate::endpoint::{Endpoint, Flow, Transport};
use crate::net::packet::{IcmpErrorPacket, Origin, UdpDatagram};
use crate::net::provenance::FrameList;
use crate::wire::kerberos::outline;
use crate::wire::{cldap, dhcp, llmnr, nbns, ntp};

/// The ports of the locator's ping, of time, and of names that neighbours are asked for: other messages there are of no
/// interest.
const CLDAP_PORT: u16 = 389;
const NTP_PORT: u16 = 123;
const NBNS_PORT: u16 = 137;
const LLMNR_PORT: u16 = 5355;
/// The ports of DHCP: a server's and a client's.
const DHCP_PORTS: [u16; 2] = [67, 68];

/// Kerberos on any port that proves it, DNS, NBNS, LLMNR, the locator's ping and NTP on their own.
pub(super) fn take(
    datagram: &UdpDatagram<'_>,
    origin: Origin<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let bytes = datagram.payload;
    let ends = [datagram.src.port, datagram.dst.port];
    if !bytes.is_empty()
        && let Some(decode) = decoder(bytes, ends, ports)
    {
        out.whole(envelope(datagram, origin), bytes, decode);
    }
}

/// How a datagram between these ports is read; `None` where it is of no interest.
fn decoder(bytes: &[u8], ends: [u16; 2], ports: &Ports) -> Option<Decode> {
    Some(if ends.contains(&dns::PORT) {
        dns::decode
    } else if is_kerberos(bytes, ends, ports) {
        kerberos::FORMAT.decode
    } else if ends.contains(&CLDAP_PORT) {
        |bytes| Ok(cldap::decode(bytes).map(MessageBody::Cldap))
    } else if ends.contains(&NTP_PORT) {
        |bytes| Ok(ntp::decode(bytes).ok().map(MessageBody::Ntp))
    } else if ends.contains(&NBNS_PORT) {
        |bytes| Ok(nbns::decode(bytes).ok().flatten().map(MessageBody::Nbns))
    } else if ends.contains(&LLMNR_PORT) {
        |bytes| Ok(llmnr::decode(bytes).ok().map(MessageBody::Llmnr))
    } else if DHCP_PORTS.iter().all(|port| ends.contains(port)) {
        |bytes| Ok(dhcp::decode(bytes).map(MessageBody::Dhcp))
    } else {
        return None;
    })
}

fn is_kerberos(bytes: &[u8], ends: [u16; 2], ports: &Ports) -> bool {
    outline(bytes).is_some() || ends.iter().any(|&port| ports.is_kerberos(port))
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
