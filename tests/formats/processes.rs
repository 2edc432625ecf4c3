//! The process that sent a request, as far as a file notes it.

use std::io::Cursor;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::story::Step;

use crate::seen::{committed, read};
use crate::support_etl::{END, Etl, Event, Form, START};
use crate::support_netmon::Netmon;

const CLIENT: [u8; 4] = [10, 20, 51, 51];
const SERVER: [u8; 4] = [10, 10, 120, 52];
const CCMEXEC: &str = "C:\\Windows\\CCM\\CcmExec.exe";

/// The frames of a committed capture and their times behind the first, in nanoseconds.
fn recorded() -> Vec<(i64, Vec<u8>)> {
    let frames = read(&committed("article.pcap")).0;
    let first = frames[0].nanos;
    let frames = frames.into_iter();
    frames.map(|it| (it.nanos - first, it.bytes)).collect()
}

fn steps(bytes: Vec<u8>) -> Vec<Step> {
    let reader = CaptureReader::new(Box::new(Cursor::new(bytes))).expect("a capture");
    let report = diagnose::diagnose(reader, &Settings::default());
    report.attempts[0].steps.clone()
}

/// As Network Monitor saves it on a machine with the address `local`, all frames of one process.
fn netmon(process: u32, local: [u8; 4]) -> Vec<u8> {
    let file = Netmon::new((2, 3), 128)
        .listed("System", b"an icon", local)
        .listed(CCMEXEC, &[], local)
        .of_process(process);
    let add = |file: Netmon, (time, bytes): (i64, Vec<u8>)| file.frame(time / 1_000, &bytes);
    recorded().into_iter().fold(file, add).into_bytes()
}

fn trace(change: &dyn Fn(Event) -> Event) -> Vec<u8> {
    let event = |(time, bytes): (i64, Vec<u8>)| {
        change(Event::ndis(time / 100, START | END, [13, 13], &bytes))
    };
    let events: Vec<Event> = recorded().into_iter().map(event).collect();
    let trace = Etl::new(1, 10_000_000);
    trace.buffer(0, Form::Plain, &events).into_bytes()
}

/// Of each step whether it names `process`: those in which the client asks are to, and no others.
fn assert_named(steps: &[Step], process: &str) {
    let client = std::net::IpAddr::from(CLIENT);
    assert!(steps.len() > 6, "{steps:?}");
    for step in steps {
        let is_named = step.text.ends_with(&format!(" (by {process})"));
        assert_eq!(is_named, step.from.address == client, "{step:?}");
    }
}

fn assert_unnamed(steps: &[Step]) {
    assert!(steps.len() > 6, "{steps:?}");
    for step in steps {
        assert!(!step.text.contains("(by "), "{step:?}");
    }
}

#[test]
fn network_monitor_names_the_program_that_asked() {
    assert_named(&steps(netmon(1, CLIENT)), "CcmExec.exe");
}

#[test]
fn a_process_of_the_machine_that_was_asked_did_not_ask() {
    assert_unnamed(&steps(netmon(1, SERVER)));
}

#[test]
fn a_process_that_is_not_in_the_table_has_no_name() {
    assert_unnamed(&steps(netmon(u32::MAX, CLIENT)));
    assert_unnamed(&steps(netmon(9, CLIENT)));
}

#[test]
fn a_table_that_is_cut_costs_only_the_names() {
    let whole = netmon(1, CLIENT);
    let named = steps(whole.clone());
    for cut in [1, 40, 60, 150] {
        let told = steps(whole[..whole.len() - cut].to_vec());
        assert_eq!(told.len(), named.len(), "{cut}");
        assert_unnamed(&told);
    }
}

#[test]
fn pktmon_does_not_know_the_process_that_sent() {
    let event = |(time, bytes): (i64, Vec<u8>)| {
        let len = u16::try_from(bytes.len()).unwrap();
        Event::pktmon(160, time / 100, [1, 1], len, &bytes).sent_by(1234)
    };
    let events: Vec<Event> = recorded().into_iter().map(event).collect();
    let trace = Etl::new(1, 10_000_000).buffer(0, Form::Plain, &events);
    assert_unnamed(&steps(trace.into_bytes()));
}

#[test]
fn a_trace_tells_the_number_of_the_process_that_sent() {
    assert_named(&steps(trace(&|event| event.sent_by(1234))), "process 1234");
    assert_unnamed(&steps(trace(&|event| event.sent_by(4))));
    let received = |event: Event| Event {
        process: 1234,
        ..event
    };
    assert_unnamed(&steps(trace(&received)));
}
