//! DNS and TLS over TCP, connections that nobody knows, and what is told of connections.

use why401::dissect::message::{Loss, TcpEventKind};

use crate::bytes::client_hello;
use crate::talk::{Said, Talk};

fn said(what: &str, frames: &[u64], loss: Option<Loss>) -> Said {
    (what.to_owned(), frames.to_vec(), loss)
}

/// A response for `mp.lab` with an alias and its address, made to RFC 1035.
const RESPONSE: &[u8] = &[
    0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 2, b'm', b'p', 3, b'l', b'a', b'b', 0, 0, 1, 0,
    1, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3, b's', b'r', b'v', 0xc0, 15, 0xc0, 36, 0, 1, 0,
    1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1,
];

fn query() -> Vec<u8> {
    let mut query = RESPONSE[..24].to_vec();
    query[2..8].copy_from_slice(&[1, 0, 0, 1, 0, 0]);
    [&[0, 24][..], &query].concat()
}

fn response() -> Vec<u8> {
    [&[0, 58][..], RESPONSE].concat()
}

#[test]
fn dns_over_tcp_is_cut_at_its_lengths() {
    let mut talk = Talk::with(53);
    talk.client(&query()[..1])
        .client(&[&query()[1..], &query()].concat())
        .server(&[response(), response()].concat());
    assert_eq!(
        talk.said(),
        [
            said("dns mp.lab 0", &[3, 4], None),
            said("dns mp.lab 0", &[4], None),
            said("dns mp.lab 2", &[5], None),
            said("dns mp.lab 2", &[5], None),
        ]
    );
}

#[test]
fn a_dns_answer_with_a_hole_keeps_what_stands_before_it() {
    let mut talk = Talk::with(53);
    talk.client(&query())
        .server_cut(&response()[..45], 15)
        .server(&response());
    assert_eq!(
        talk.said(),
        [
            said("dns mp.lab 0", &[3], None),
            said("dns mp.lab 1", &[4], Some(Loss::Snapped)),
            said("dns mp.lab 2", &[5], None),
        ]
    );
    let mut talk = Talk::with(53);
    talk.client(&query()).server(&response()[..45]);
    assert_eq!(
        talk.said()[1],
        said("dns mp.lab 1", &[4], Some(Loss::Ended))
    );
}

#[test]
fn a_dynamic_update_is_no_lookup_and_no_trouble() {
    let mut update = query();
    update[4] = 0x28;
    let mut talk = Talk::with(53);
    talk.client(&query()).client(&update).client(&query());
    assert_eq!(talk.said().len(), 2);
    assert_eq!(talk.limitations, []);
}

#[test]
fn a_client_hello_may_come_in_several_records_and_segments() {
    for records in 1..=3 {
        let hello = client_hello(records);
        let mut talk = Talk::with(8_443);
        talk.client(&hello[..100]).client(&hello[100..]);
        assert_eq!(
            talk.said(),
            [said("hello SMS4-120-52S.A2003.VM.local", &[3, 4], None)],
            "{records} records"
        );
    }
}

#[test]
fn a_client_hello_that_is_cut_says_how() {
    let hello = client_hello(1);
    let name = Some("hello SMS4-120-52S.A2003.VM.local".to_owned());
    let mut talk = Talk::with(443);
    talk.client_cut(&hello[..220], hello.len() - 220);
    let said_all = talk.said();
    assert_eq!(said_all.first().map(|said| said.0.clone()), name);
    assert_eq!(said_all[0].2, Some(Loss::Snapped));
    let mut talk = Talk::with(443);
    talk.client(&hello[..220]);
    assert_eq!(talk.said()[0].2, Some(Loss::Ended));
}

#[test]
fn a_reset_in_answer_to_a_client_hello_is_told() {
    let mut talk = Talk::with(8_443);
    talk.client(&client_hello(1)).server_resets();
    assert_eq!(talk.said().len(), 1);
    let kinds: Vec<TcpEventKind> = talk.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            TcpEventKind::Syn,
            TcpEventKind::SynAck,
            TcpEventKind::ResetByServer
        ]
    );
}

#[test]
fn a_connection_of_another_protocol_leaves_no_word() {
    let mut talk = Talk::with(25);
    talk.server(b"220 mail.example.com ESMTP\r\n")
        .client(b"EHLO host.example.com\r\n")
        .server(b"250 mail.example.com\r\n")
        .server_closes();
    assert_eq!(talk.said(), []);
    assert_eq!((talk.events.len(), talk.limitations.len()), (0, 0));
}

#[test]
fn a_refused_connection_to_a_port_that_matters_is_told() {
    let mut talk = Talk::midway(50_000, 88);
    talk.client_opens().server_resets();
    assert_eq!(talk.said(), []);
    let kinds: Vec<TcpEventKind> = talk.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [TcpEventKind::Syn, TcpEventKind::ResetByServer]);
}
