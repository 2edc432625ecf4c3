//! UDP datagrams: each a message of its own.

use std::net::{IpAddr, Ipv4Addr};

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::dissect::decoder::Decoder;
use why401::dissect::message::{Loss, MessageBody, Observation};
use why401::dissect::raw::Found;
use why401::dissect::{Dissector, Ports};
use why401::endpoint::{Endpoint, Transport};
use why401::frame::{FrameNumber, Timestamp};
use why401::net::packet::{Packet, UdpDatagram};
use why401::net::provenance::Run;
use why401::wire::cldap::Cldap;

use crate::bytes::{as_req, krb_error};

/// What a datagram in frame 7 from port 50,000 to `port` gives.
fn observed(ports: Ports, port: u16, payload: &[u8], cut: usize) -> Vec<Observation> {
    let host = |last, port| Endpoint::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port);
    let datagram = UdpDatagram {
        src: host(1, 50_000),
        dst: host(2, port),
        payload,
        cut,
    };
    let run = Run {
        end: payload.len(),
        frame: FrameNumber(7),
        time: Timestamp::from_nanos(1),
    };
    let mut observed = Vec::new();
    let mut decoder = Decoder::default();
    let mut read = |found: Found, bytes: &[u8]| {
        decoder.read(found, bytes, &mut |observation| observed.push(observation));
    };
    let mut dissector = Dissector::new(ports);
    dissector.packet(&Packet::Udp(datagram), &[run], &mut read);
    dissector.finish(&mut read);
    observed
}

#[test]
fn kerberos_proves_itself_on_any_port() {
    for port in [88, 4_711] {
        let observed = observed(Ports::default(), port, &krb_error(), 0);
        let [Observation::Message(message)] = observed.as_slice() else {
            panic!("{observed:?}");
        };
        assert!(matches!(message.body, MessageBody::Kerberos(_)));
        assert_eq!(message.frames.as_slice(), [FrameNumber(7)]);
        assert_eq!(message.flow.transport, Transport::Udp);
        assert!(message.is_complete());
    }
}

#[test]
fn a_datagram_that_was_cut_is_read_as_far_as_it_goes() {
    let whole = as_req();
    let observed = observed(Ports::default(), 88, &whole[..120], whole.len() - 120);
    let [Observation::Message(message)] = observed.as_slice() else {
        panic!("{observed:?}");
    };
    assert_eq!(message.loss, Some(Loss::Snapped));
    let MessageBody::Kerberos(_) = &message.body else {
        panic!("{message:?}");
    };
}

#[test]
fn what_is_no_kerberos_is_told_on_a_port_of_kerberos_and_only_there() {
    let ports = Ports {
        kerberos: vec![4_711],
        ..Ports::default()
    };
    for port in [88, 4_711] {
        let observed = observed(ports.clone(), port, b"not a message", 0);
        let [
            Observation::Unread(unread),
            Observation::Limitation(limitation),
        ] = observed.as_slice()
        else {
            panic!("{observed:?}");
        };
        assert_eq!(unread.frame, FrameNumber(7));
        assert_eq!(limitation.since_frame, Some(FrameNumber(7)));
    }
    assert_eq!(observed(ports.clone(), 4_712, b"not a message", 0), []);
    assert_eq!(
        observed(ports, 88, b"", 0),
        [],
        "an empty datagram keeps a port open"
    );
}

#[test]
fn dns_is_read_on_its_port_and_on_no_other() {
    let query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02mp\x03lab\0\0\x01\0\x01";
    assert!(matches!(
        observed(Ports::default(), 53, query, 0).as_slice(),
        [Observation::Message(message)] if matches!(message.body, MessageBody::Dns(_))
    ));
    assert_eq!(observed(Ports::default(), 5_353, query, 0), []);
    let mut update = query.to_vec();
    update[2] = 0x28;
    assert_eq!(observed(Ports::default(), 53, &update, 0), []);
}

#[test]
fn names_that_neighbours_are_asked_for_are_read_on_their_ports() {
    let llmnr = b"\x5a\x11\0\0\0\x01\0\0\0\0\0\0\x02mp\0\0\x01\0\x01";
    assert!(matches!(
        observed(Ports::default(), 5_355, llmnr, 0).as_slice(),
        [Observation::Message(message)] if matches!(message.body, MessageBody::Llmnr(_))
    ));
    let nbns =
        b"\x63\xf0\x01\x10\0\x01\0\0\0\0\0\0\x20ENFACACACACACACACACACACACACACAAA\0\0\x20\0\x01";
    assert!(matches!(
        observed(Ports::default(), 137, nbns, 0).as_slice(),
        [Observation::Message(message)] if matches!(message.body, MessageBody::Nbns(_))
    ));
    let mut registration = nbns.to_vec();
    registration[2] = 0x29;
    assert_eq!(observed(Ports::default(), 137, &registration, 0), []);
    assert_eq!(observed(Ports::default(), 137, &nbns[..40], 10), []);
}

/// The recorded talk of a client with a domain controller's locator and a time server (`tests/data/locator.md`).
fn recorded() -> Vec<(u64, MessageBody)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/locator.pcap");
    let file = std::fs::File::open(path).expect("a capture");
    let mut reader = CaptureReader::new(Box::new(file)).expect("a capture");
    let mut messages = Vec::new();
    diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        messages.push((message.first_frame().0, message.body));
    });
    messages
}

#[test]
fn a_domain_controller_says_who_and_where_it_is() {
    let messages = recorded();
    let answers: Vec<_> = messages
        .iter()
        .filter_map(|(frame, body)| match body {
            MessageBody::Cldap(Cldap::Answer(told)) => Some((*frame, told)),
            _ => None,
        })
        .collect();
    assert_eq!(
        answers.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(),
        [2, 4, 6]
    );
    for (_, told) in answers {
        assert_eq!(told.forest.as_str(), "child.root.lab");
        assert_eq!(told.domain.as_str(), "child.root.lab");
        assert_eq!(told.netbios_domain.as_str(), "CHILD");
        assert_eq!(told.host.as_str(), "dc1.child.root.lab");
        assert_eq!(told.dc_site, Some("Default-First-Site-Name".into()));
        assert_eq!(told.client_site, Some("Default-First-Site-Name".into()));
        assert!(told.is_closest);
    }
    let first = messages.first().map(|(_, body)| body);
    assert!(matches!(
        first,
        Some(MessageBody::Cldap(Cldap::Ping { domain: Some(domain) })) if domain.as_str() == "child.root.lab"
    ));
}

#[test]
fn a_time_server_says_its_time() {
    let messages = recorded();
    let said: Vec<_> = messages
        .iter()
        .filter_map(|(frame, body)| match body {
            MessageBody::Ntp(packet) => Some((*frame, packet.is_answer, packet.stratum)),
            _ => None,
        })
        .collect();
    assert_eq!(said, [(7, false, 0), (8, true, 8)]);
    let Some((_, MessageBody::Ntp(answer))) = messages.last() else {
        panic!("the last message is the answer");
    };
    let time = answer
        .transmit
        .map(|nanos| Timestamp::from_nanos(nanos).to_string());
    assert!(time.is_some_and(|time| time.starts_with("2026-11-26T20:57:00.5")));
}
