//! Packets that a component of the network stack dropped, as pktmon tells it.

use std::io::Cursor;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::finding::{Confidence, Finding, Owner};
use why401::frame::PacketDrop;

use crate::seen::{committed, numbers, read};
use crate::support_etl::{Etl, Event, Form};

const PACKET: &[u8; 61] =
    b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06 sixty-one bytes: no multiple of eight.........";

/// A network card, a filter above it, the protocol above that, and a switch between machines.
const CARD: u16 = 1;
const FILTER: u16 = 2;
const PROTOCOL: u16 = 3;
const SWITCH: u16 = 4;
const KINDS: [(u16, u16, &str); 4] = [
    (CARD, 2, "card.sys"),
    (FILTER, 3, "filter.sys"),
    (PROTOCOL, 4, "tcpip.sys"),
    (SWITCH, 7, "vmswitch.sys"),
];

fn at(component: u16, time: i64, bytes: &[u8]) -> Event {
    let len = u16::try_from(bytes.len()).unwrap();
    Event::pktmon(160, time, [component, 1], len, bytes)
}

fn dropped_at(component: u16, time: i64, bytes: &[u8]) -> Event {
    let len = u16::try_from(bytes.len()).unwrap();
    Event::pktmon(170, time, [component, 0], len, bytes)
}

/// A trace of these events; of the components it tells behind them.
fn trace(events: &[Event]) -> Vec<u8> {
    let behind = events.last().expect("an event").time + 90_000;
    let components = KINDS.iter().flat_map(|(id, kind, name)| {
        let told = Event::component(behind, *id, *kind, name);
        [told, Event::property(behind, *id, 2, 9)]
    });
    let components: Vec<Event> = components.collect();
    Etl::new(1, 10_000_000)
        .buffer(0, Form::Plain, events)
        .buffer(0, Form::Plain, &components)
        .into_bytes()
}

/// The frames that are lent, and the drops that are told.
fn told(events: &[Event]) -> (Vec<u64>, Vec<PacketDrop>) {
    let (frames, mut reader) = read(&trace(events));
    let drops = std::iter::from_fn(|| reader.next_drop().map(|(_, drop, _)| drop));
    (numbers(&frames), drops.collect())
}

#[test]
fn a_packet_that_never_got_to_its_card_is_read_where_it_was_seen_first() {
    let (frames, drops) = told(&[
        at(PROTOCOL, 1, PACKET),
        at(FILTER, 2, PACKET),
        dropped_at(FILTER, 3, PACKET),
        at(PROTOCOL, 20_000, &PACKET[..60]),
        at(CARD, 20_001, &PACKET[..60]),
    ]);
    assert_eq!(frames, [1, 4]);
    let drop = PacketDrop {
        frame: drops[0].frame,
        event: 4,
        component: "filter.sys".to_owned(),
        reason: 12,
        location: 0xe000_4101,
        is_outbound: true,
    };
    assert_eq!(drop.frame.0, 1);
    assert_eq!(drops, [drop]);
}

#[test]
fn a_packet_that_gets_to_its_card_all_the_same_is_not_dropped() {
    let alone = [at(PROTOCOL, 1, PACKET), dropped_at(FILTER, 3, PACKET)];
    let before = [&alone[..1], &[at(CARD, 2, PACKET)], &alone[1..]].concat();
    assert_eq!(told(&before), (vec![2], vec![]));
    let behind = [&alone[..], &[at(CARD, 4, PACKET)]].concat();
    assert_eq!(told(&behind), (vec![1], vec![]));
    let of_another_time = [&alone[..], &[at(CARD, 40_000, PACKET)]].concat();
    let (frames, drops) = told(&of_another_time);
    assert_eq!((frames, drops.len()), (vec![1, 2], 1));
}

#[test]
fn a_packet_that_came_in_is_dropped_unless_it_is_seen_again() {
    let came = [
        at(CARD, 1, PACKET).inbound(),
        dropped_at(FILTER, 2, PACKET).inbound(),
    ];
    let (frames, drops) = told(&came);
    assert_eq!(frames, [1]);
    assert_eq!(
        (drops.len(), drops[0].frame.0, drops[0].is_outbound),
        (1, 1, false)
    );
    let again = [&came[..], &[at(PROTOCOL, 3, PACKET).inbound()]].concat();
    assert_eq!(told(&again), (vec![1], vec![]));
}

#[test]
fn a_drop_between_machines_and_one_of_a_packet_that_was_not_seen_are_only_counted() {
    let other = at(CARD, 60_000, &PACKET[..59]);
    let switch = [
        at(PROTOCOL, 1, PACKET),
        dropped_at(SWITCH, 2, PACKET),
        other.clone(),
    ];
    assert_eq!(told(&switch), (vec![2], vec![]));
    let unseen = [at(CARD, 1, PACKET), dropped_at(FILTER, 2, &PACKET[..60])];
    assert_eq!(told(&unseen), (vec![1], vec![]));
    let late = [
        at(PROTOCOL, 1, PACKET),
        dropped_at(FILTER, 20_000, PACKET),
        other,
    ];
    assert_eq!(told(&late), (vec![2], vec![]));
}

#[test]
fn where_no_packet_gets_to_the_card_drops_are_told_all_the_same() {
    let alone = [at(PROTOCOL, 1, PACKET), dropped_at(FILTER, 2, PACKET)];
    let (frames, drops) = told(&alone);
    assert_eq!((frames, drops.len()), (vec![1], 1));
}

#[test]
fn more_drops_than_are_kept_cost_only_drops() {
    let both = |time| {
        [
            at(PROTOCOL, time, PACKET),
            dropped_at(FILTER, time + 1, PACKET),
        ]
    };
    let many: Vec<Event> = (0..1_500).flat_map(|n| both(20_000 * n)).collect();
    let (frames, drops) = told(&many);
    assert_eq!((frames.len(), drops.len()), (1_500, 1_024));
}

/// The capture of a client whose KDC is silent on port 88, with what it sent to that port dropped by its own filter: all of it, or
/// all but the packet in a frame.
fn silent_kdc(kept: Option<usize>) -> Vec<u8> {
    let frames = read(&committed("08-kdc88-dropped.pcap")).0;
    let first = frames[0].nanos;
    let events = frames.iter().enumerate().flat_map(|(number, frame)| {
        let (time, bytes) = ((frame.nanos - first) / 100, &frame.bytes);
        let is_for_kdc = bytes[36..38] == 88_u16.to_be_bytes();
        let second = if is_for_kdc && kept != Some(number + 1) {
            dropped_at(FILTER, time + 1, bytes)
        } else {
            at(CARD, time + 1, bytes)
        };
        [at(PROTOCOL, time, bytes), second]
    });
    trace(&events.collect::<Vec<Event>>())
}

fn headline(bytes: Vec<u8>) -> Finding {
    let reader = CaptureReader::new(Box::new(Cursor::new(bytes))).expect("a capture");
    let report = diagnose::diagnose(reader, &Settings::default());
    report.attempts[0].headline().expect("a headline").clone()
}

#[test]
fn the_story_says_who_dropped_the_packet_beside_it() {
    let told = |kept| {
        let bytes = Box::new(Cursor::new(silent_kdc(kept)));
        let reader = CaptureReader::new(bytes).expect("a capture");
        let report = diagnose::diagnose(reader, &Settings::default());
        let steps = report.attempts[0].steps.clone();
        let tried = steps.into_iter().filter(|it| it.kind == "tcp-connect");
        tried.map(|it| it.text).collect::<Vec<String>>().concat()
    };
    let dropped = told(None);
    let said = "no answer; filter.sys drops the SYN before it leaves the machine";
    assert!(dropped.contains(said), "{dropped}");
    let sent = told(Some(15));
    assert!(sent.ends_with("no answer"), "{sent}");
}

#[test]
fn a_machine_that_drops_its_own_packets_is_named_as_the_cause() {
    let finding = headline(silent_kdc(None));
    assert_eq!(finding.rule.id, "kdc-tcp-timeout");
    assert_eq!(
        finding.title,
        "The KDC 10.20.10.10 cannot be reached on port 88: filter.sys drops the SYN before it leaves the machine"
    );
    assert_eq!(
        (finding.owner, finding.confidence),
        (Owner::Client, Confidence::Proven)
    );
    let text = &finding.evidence[0].text;
    assert!(
        text.starts_with("filter.sys drops the SYN before it leaves the machine (pktmon, event ")
    );
    assert!(
        text.ends_with(": reason 12, location 0xe0004101)"),
        "{text}"
    );
}

#[test]
fn a_packet_that_left_leaves_the_question_open_where_it_was_lost() {
    let finding = headline(silent_kdc(Some(15)));
    assert_eq!(
        finding.title,
        "The KDC 10.20.10.10 does not answer on port 88"
    );
    assert_eq!(
        (finding.owner, finding.confidence),
        (Owner::Network, Confidence::Likely)
    );
}
