//! How connections begin, end and are told apart, and what is a copy of the capture and what was sent twice.

use why401::endpoint::Direction;
use why401::net::tcp::connection::Signal;

use crate::told::{Part, Told, bytes, everything, rebuild, rebuild_lines};
use crate::wire::{ACK, CLIENT, FIN, Line, RST, SERVER, SYN, Sent, goodbye, handshake, timed};

const LINE: Line = Line::new([1_000, 0xffff_fff0]);

/// What one client says, and one server, in segments that are all captured.
fn talk() -> Vec<Sent> {
    let mut capture = handshake();
    capture.push(Sent::new(CLIENT, ACK, 0, 0).with(b"request"));
    capture.push(Sent::new(SERVER, ACK, 0, 7));
    capture.push(Sent::new(SERVER, ACK, 0, 7).with(b"answer"));
    capture.extend(goodbye([7, 6]));
    timed(capture)
}

/// The same segments, each with an identification of its own.
fn identified(capture: Vec<Sent>) -> Vec<Sent> {
    let numbered = (1..).zip(capture);
    numbered
        .map(|(identification, sent)| Sent {
            identification,
            ..sent
        })
        .collect()
}

fn one(capture: &[Sent]) -> Told {
    let mut told = rebuild(LINE, capture);
    assert_eq!(told.len(), 1);
    told.remove(0)
}

fn signals(told: &Told) -> Vec<Signal> {
    told.signals.iter().map(|(signal, _)| *signal).collect()
}

#[test]
fn a_connection_from_its_syn_to_its_last_fin() {
    let told = one(&talk());
    let expected = [
        (Signal::Syn, 1),
        (Signal::SynAck, 2),
        (Signal::RequestAcknowledged, 5),
        (Signal::Closed(Direction::ToServer), 7),
        (Signal::Closed(Direction::ToClient), 8),
    ];
    assert_eq!(told.signals, expected);
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(bytes(&told.streams[SERVER]), b"answer");
    assert_eq!(told.ends, [1, 1]);
    assert!(told.saw_start);
}

#[test]
fn a_mirror_port_that_shows_every_frame_twice_changes_nothing() {
    let plain = one(&talk());
    let twice: Vec<Sent> = talk()
        .into_iter()
        .flat_map(|sent| [sent.clone(), sent])
        .collect();
    let told = one(&twice);
    let first_copy = |frame: u64| frame * 2 - 1;
    let expected: Vec<(Signal, u64)> = plain
        .signals
        .iter()
        .map(|(signal, frame)| (*signal, first_copy(*frame)))
        .collect();
    assert_eq!(told.signals, expected);
    for side in [CLIENT, SERVER] {
        let expected: Vec<Part> = plain.streams[side]
            .iter()
            .map(|part| match part {
                Part::Byte(byte, frame) => Part::Byte(*byte, first_copy(*frame)),
                Part::Gap(..) => *part,
            })
            .collect();
        assert_eq!(told.streams[side], expected);
    }
    assert_eq!(told.ends, [1, 1]);
}

#[test]
fn a_second_capture_of_the_same_packets_by_a_slow_clock_changes_nothing() {
    let mut capture = identified(talk());
    capture.pop();
    let late: Vec<Sent> = capture
        .iter()
        .map(|sent| sent.clone().at(sent.millis + 3_000))
        .collect();
    let plain = one(&capture);
    capture.extend(late);
    assert_eq!(one(&capture), plain);
}

#[test]
fn every_syn_of_a_server_that_does_not_answer_is_told() {
    let syn = Sent::new(CLIENT, SYN, -1, 0);
    let capture = [
        syn.clone(),
        syn.clone().at(1_000),
        syn.clone().at(1_001),
        syn.at(3_000),
    ];
    let told = one(&capture);
    let expected = [(Signal::Syn, 1), (Signal::Syn, 2), (Signal::Syn, 4)];
    assert_eq!(told.signals, expected);
    assert_eq!(told.ends, [1, 1]);
}

#[test]
fn a_refused_connection_is_told_and_the_next_try_is_another_one() {
    let syn = Sent::new(CLIENT, SYN, -1, 0);
    let refusal = Sent::new(SERVER, RST | ACK, 0, 0);
    let capture = [
        syn.clone(),
        syn.clone(),
        refusal.clone(),
        syn.clone().at(1),
        refusal.clone().at(1),
        syn.at(500),
        refusal.at(501),
    ];
    let told = rebuild(LINE, &capture);
    assert_eq!(told.len(), 2);
    for told in told {
        let expected = [Signal::Syn, Signal::Reset(Direction::ToClient)];
        assert_eq!(signals(&told), expected);
    }
}

#[test]
fn a_syn_with_another_number_is_another_connection_between_the_same_ports() {
    let again = Line::new([77_000, 5]);
    let mut capture: Vec<(Line, Sent)> = Vec::new();
    capture.extend(talk().into_iter().take(6).map(|sent| (LINE, sent)));
    capture.extend(talk().into_iter().map(|sent| (again, sent)));
    let told = rebuild_lines(&capture, &mut everything);
    assert_eq!(told.len(), 2);
    for told in &told {
        assert_eq!(bytes(&told.streams[CLIENT]), b"request");
        assert_eq!(bytes(&told.streams[SERVER]), b"answer");
        assert_eq!(told.ends, [1, 1]);
    }
    assert_eq!(told[1].signals[0], (Signal::Syn, 7));
}

#[test]
fn ports_that_are_used_again_without_a_captured_syn_are_another_connection() {
    let again = Line::new([0x7000_0000, 0x6000_0000]);
    let mut capture: Vec<(Line, Sent)> = Vec::new();
    capture.extend(talk().into_iter().take(6).map(|sent| (LINE, sent)));
    capture.extend(talk().into_iter().skip(3).map(|sent| (again, sent)));
    let told = rebuild_lines(&capture, &mut everything);
    assert_eq!(told.len(), 2);
    assert_eq!(bytes(&told[1].streams[CLIENT]), b"request");
    assert!(!told[1].saw_start);
}

#[test]
fn the_answer_to_a_syn_that_was_not_captured_begins_a_connection() {
    let told = one(&talk()[1..]);
    assert_eq!(told.signals[0], (Signal::SynAck, 1));
    assert!(told.saw_start);
    assert_eq!(told.client, 49_152);
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
}

#[test]
fn bytes_may_come_with_the_syn() {
    let mut capture = talk();
    capture[0] = capture[0].clone().with(b"req");
    capture[3] = Sent::new(CLIENT, ACK, 3, 0).with(b"uest");
    let told = one(&timed(capture));
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(told.streams[CLIENT][2], Part::Byte(b'q', 1));
    assert_eq!(told.streams[CLIENT][3], Part::Byte(b'u', 4));
}

#[test]
fn a_keep_alive_probe_is_neither_data_nor_a_retransmission() {
    let probe = Sent::new(CLIENT, ACK, 6, 6);
    let mut capture = talk();
    let end = capture.split_off(6);
    for millis in [1_000, 2_000, 3_000] {
        capture.push(probe.clone().at(millis));
        capture.push(probe.clone().with(&[0]).at(millis + 500));
        capture.push(Sent::new(SERVER, ACK, 6, 7).at(millis + 501));
    }
    capture.extend(end);
    let told = one(&capture);
    assert_eq!(signals(&told), signals(&one(&talk())));
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
}

#[test]
fn a_capture_that_begins_with_a_keep_alive_probe_begins_behind_it() {
    let capture = [
        Sent::new(CLIENT, ACK, 499, 800).with(&[0]),
        Sent::new(SERVER, ACK, 800, 500),
        Sent::new(CLIENT, ACK, 500, 800).with(b"request"),
        Sent::new(SERVER, ACK, 800, 507).with(b"answer"),
    ];
    let told = one(&timed(capture.to_vec()));
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(bytes(&told.streams[SERVER]), b"answer");
}

#[test]
fn a_client_that_is_not_heard_sends_again() {
    let request = Sent::new(CLIENT, ACK, 0, 0).with(b"request");
    let mut capture = handshake();
    for millis in [10, 11, 300, 900, 901] {
        capture.push(request.clone().at(millis));
    }
    capture.push(Sent::new(SERVER, ACK, 0, 7).at(950));
    capture.push(request.at(2_000));
    let told = one(&capture);
    let expected = [
        (Signal::Syn, 1),
        (Signal::SynAck, 2),
        (Signal::ClientRetransmits, 6),
        (Signal::ClientRetransmits, 7),
        (Signal::RequestAcknowledged, 9),
    ];
    assert_eq!(told.signals, expected);
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
}

#[test]
fn a_request_that_is_answered_at_once_goes_without_saying() {
    let mut capture = talk();
    capture.remove(4);
    let told = one(&timed(capture));
    assert!(!signals(&told).contains(&Signal::RequestAcknowledged));
}

#[test]
fn what_comes_behind_a_fin_or_a_reset_is_ignored() {
    let mut capture = talk();
    capture.push(Sent::new(SERVER, ACK, 6, 8).with(b"late").at(20));
    let told = one(&capture);
    assert_eq!(bytes(&told.streams[SERVER]), b"answer");
    let mut capture = talk();
    capture.truncate(6);
    capture.push(Sent::new(SERVER, RST, 6, 0));
    capture.push(Sent::new(SERVER, RST, 6, 0));
    capture.push(Sent::new(SERVER, ACK, 6, 7).with(b"late"));
    capture.push(Sent::new(CLIENT, ACK, 7, 6).with(b"more"));
    let told = one(&timed(capture));
    assert_eq!(
        told.signals.last(),
        Some(&(Signal::Reset(Direction::ToClient), 7))
    );
    assert_eq!(bytes(&told.streams[SERVER]), b"answer");
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(told.ends, [1, 1]);
}

#[test]
fn a_fin_with_bytes_that_overtakes_others_waits_for_them() {
    let mut capture = handshake();
    capture.push(Sent::new(CLIENT, ACK | FIN, 4, 0).with(b"est"));
    capture.push(Sent::new(CLIENT, ACK, 0, 0).with(b"requ"));
    let told = one(&timed(capture));
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(told.ends, [1, 1]);
}

#[test]
fn bytes_that_only_an_acknowledgement_shows_are_told_as_missing() {
    let mut capture = talk();
    capture.remove(3);
    capture.truncate(5);
    let told = one(&timed(capture));
    assert_eq!(told.streams[CLIENT], [Part::Gap(7, None)]);
    assert_eq!(bytes(&told.streams[SERVER]), b"answer");
}

#[test]
fn a_lost_answer_is_missed_although_the_answer_to_the_syn_is_lost_too() {
    let capture = [
        Sent::new(CLIENT, SYN, -1, 0),
        Sent::new(CLIENT, ACK, 0, 0).with(b"GET"),
        Sent::new(CLIENT, ACK, 3, 5).with(b"GET"),
        Sent::new(SERVER, ACK, 5, 6).with(b"OK"),
    ];
    let told = one(&timed(capture.to_vec()));
    let missed = Part::Gap(5, None);
    assert_eq!(
        told.streams[SERVER],
        [missed, Part::Byte(b'O', 4), Part::Byte(b'K', 4)]
    );
}

#[test]
fn a_connection_over_which_the_server_says_anything_was_answered() {
    let syn = Sent::new(CLIENT, SYN, -1, 0);
    for next in [
        Sent::new(SERVER, ACK, 0, 0),
        Sent::new(SERVER, ACK, 7, 3).with(b"answer"),
    ] {
        let told = one(&timed(vec![syn.clone(), next.clone()]));
        assert_eq!(told.signals[1], (Signal::SynAck, 2), "{next:?}");
    }
    for next in [
        Sent::new(CLIENT, SYN, -1, 0),
        Sent::new(CLIENT, ACK, 0, 0),
        Sent::new(SERVER, RST | ACK, 0, 0),
        Sent::new(SERVER, ACK, 0, -400_000_000),
    ] {
        let told = one(&timed(vec![syn.clone(), next.clone()]));
        assert!(!signals(&told).contains(&Signal::SynAck), "{next:?}");
    }
}

#[test]
fn an_answer_to_a_request_that_was_captured_later_waits_for_it() {
    let mut capture = talk();
    let request = capture.remove(3);
    capture.insert(5, request);
    let told = one(&timed(capture));
    assert_eq!(bytes(&told.streams[CLIENT]), b"request");
    assert_eq!(told.streams[CLIENT][0], Part::Byte(b'r', 6));
    assert_eq!(told.streams[SERVER][0], Part::Byte(b'a', 5));
}

#[test]
fn a_hole_that_the_receiver_still_asks_for_is_waited_for() {
    let mut capture = handshake();
    for piece in 1..=60 {
        capture.push(
            Sent::new(CLIENT, ACK, piece * 4, 0)
                .with(b"late")
                .at(piece * 500),
        );
        capture.push(Sent::new(SERVER, ACK, 0, 0).at(piece * 500 + 1));
    }
    capture.push(Sent::new(CLIENT, ACK, 0, 0).with(b"lost").at(31_000));
    let told = one(&capture);
    assert_eq!(told.streams[CLIENT].len(), 61 * 4);
    assert_eq!(&bytes(&told.streams[CLIENT])[..8], b"lostlate");
}

#[test]
fn a_reset_behind_bytes_that_no_frame_brought_tells_that_they_were_sent() {
    let reset_at = |sequence| {
        let mut capture = talk();
        capture.truncate(5);
        capture.push(Sent::new(SERVER, RST, sequence, 0));
        one(&timed(capture))
    };
    let is_gap = |part: &Part| matches!(part, Part::Gap(..));
    let gaps = |told: &Told| {
        told.streams[SERVER]
            .iter()
            .filter(|part| is_gap(part))
            .count()
    };
    assert_eq!(gaps(&reset_at(300)), 1, "an answer is not in the capture");
    assert_eq!(gaps(&reset_at(0)), 0, "nothing was answered");
    assert_eq!(gaps(&reset_at(1)), 0, "a FIN has a number of its own");
}
