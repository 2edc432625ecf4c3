//! Traces of `netsh` and `pktmon`, which are built here.

use std::io::Cursor;

use why401::capture::CaptureReader;
use why401::frame::FrameNumber;

use crate::input::Input;
use crate::random::Random;
use crate::seen::{Seed, Seen, committed, drain, next, numbers, read, refusal};
use crate::support_etl::{END, Etl, Event, Form, START, START_TIME};
use crate::support_netmon::Netmon;

/// 1970 in tenths of microseconds since 1601.
const UNIX: i64 = 116_444_736_000_000_000;
const QPC: u32 = 1;
const CARD: [u32; 2] = [13, 13];
const WHOLE: u64 = START | END;
const PACKET: &[u8; 61] =
    b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06 sixty-one bytes: no multiple of eight.........";

/// The nanoseconds since 1970 of a moment in tenths of microseconds since the beginning of the trace.
const fn nanos(time: i64) -> i64 {
    (START_TIME - UNIX + time) * 100
}

fn whole(time: i64, bytes: &[u8]) -> Event {
    Event::ndis(time, WHOLE, CARD, bytes)
}

fn trace() -> Etl {
    Etl::new(QPC, 10_000_000)
}

/// The event numbers of frames.
fn events_of(frames: &[Seen], reader: &CaptureReader) -> Vec<u64> {
    let others = reader.other_numbers().expect("numbers of events");
    let others = frames
        .iter()
        .map(|frame| others.of(FrameNumber(frame.number)));
    others.map(|other| other.unwrap().0).collect()
}

/// The frames of a committed capture as events of a trace, in microseconds since its first.
fn recorded() -> (Vec<Seen>, Vec<Event>) {
    let frames = read(&committed("article.pcap")).0;
    let first = frames[0].nanos;
    let event = |frame: &Seen| whole((frame.nanos - first) / 100, &frame.bytes);
    let events = frames.iter().map(event).collect();
    (frames, events)
}

/// The trace of all frames of a committed capture, of which each processor wrote every other one.
pub(crate) fn article(form: Form) -> Vec<u8> {
    let events = recorded().1;
    let half =
        |from: usize| -> Vec<Event> { events.iter().skip(from).step_by(2).cloned().collect() };
    let (even, odd) = (half(0), half(1));
    let (begin, end) = even.split_at(7);
    trace()
        .buffer(1, form, &odd)
        .buffer(0, form, begin)
        .buffer(0, form, end)
        .into_bytes()
}

#[test]
fn what_several_processors_wrote_comes_in_the_order_of_time() {
    let original = recorded().0;
    for form in [Form::Plain, Form::Compressed] {
        let (frames, reader) = read(&article(form));
        assert_eq!(numbers(&frames), numbers(&original));
        assert_eq!(frames[0].nanos, nanos(0));
        for (frame, original_frame) in frames.iter().zip(&original) {
            let since = original_frame.nanos - original[0].nanos;
            assert_eq!(frame.nanos - nanos(0), since);
            assert_eq!(frame.bytes, original_frame.bytes);
        }
        let after_the_header: Vec<u64> = (2..=31).collect();
        assert_eq!(events_of(&frames, &reader), after_the_header);
        assert!(reader.is_complete());
        assert_eq!(reader.limitations(), []);
    }
}

#[test]
fn a_pipe_gives_what_a_file_gives() {
    let bytes = article(Form::Compressed);
    let whole = read(&bytes).0;
    let pipe = Input::new(bytes).in_pieces_of(1_000);
    let (frames, reader) = drain(CaptureReader::new(Box::new(pipe)).unwrap());
    assert_eq!(frames, whole);
    assert_eq!(reader.format(), "etl");
}

#[test]
fn every_clock_gives_the_same_times() {
    for (clock, per_second, ticks) in [
        (1, 10_000_000, 2_500),
        (1, 3_000_000, 750),
        (3, 2_000_000_000, 500_000),
    ] {
        let file = Etl::new(clock, per_second).buffer(0, Form::Plain, &[whole(ticks, PACKET)]);
        let frames = read(&file.into_bytes()).0;
        assert_eq!(frames[0].nanos, nanos(2_500), "{clock} {per_second}");
    }
    let file_time = START_TIME + 2_500 - crate::support_etl::ZERO;
    let file = Etl::new(2, 10_000_000).buffer(0, Form::Plain, &[whole(file_time, PACKET)]);
    assert_eq!(read(&file.into_bytes()).0[0].nanos, nanos(2_500));
}

#[test]
fn pieces_are_joined_whatever_lies_between_them() {
    let file = trace().buffer(
        0,
        Form::Plain,
        &[
            Event::ndis(1, START, CARD, &PACKET[..20]),
            whole(2, b"another packet"),
            Event::ndis(3, START, CARD, &PACKET[..30]).on(8),
            Event::ndis(4, 1, CARD, &PACKET[20..40]),
            Event::other(5),
            Event::ndis(6, END, CARD, &PACKET[30..]).on(8),
            Event::ndis(7, END, CARD, &PACKET[40..]),
        ],
    );
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(numbers(&frames), [1, 2, 3]);
    assert_eq!(events_of(&frames, &reader), [2, 3, 4]);
    assert_eq!(frames[0].bytes, PACKET);
    assert_eq!(frames[0].nanos, nanos(1));
    assert_eq!(frames[1].bytes, b"another packet");
    assert_eq!(frames[2].bytes, PACKET);
    assert!(reader.is_complete());
}

#[test]
fn a_packet_of_which_a_piece_is_missing_is_counted_and_left_out() {
    let file = trace().buffer(
        0,
        Form::Plain,
        &[
            Event::ndis(1, END, CARD, PACKET),
            Event::ndis(2, START, CARD, PACKET),
            Event::ndis(3, START, CARD, &PACKET[..9]),
            Event::ndis(4, END, CARD, &PACKET[9..]),
            Event::ndis(5, START, CARD, PACKET),
        ],
    );
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(frames.len(), 1);
    assert_eq!((frames[0].number, &frames[0].bytes[..]), (1, &PACKET[..]));
    assert!(!reader.is_complete());
    assert!(
        reader.limitations()[0]
            .text
            .starts_with("The trace lacks pieces of 3 packets:")
    );
}

#[test]
fn of_several_layers_the_card_is_read_and_the_copies_are_counted() {
    let file = trace().buffer(
        0,
        Form::Plain,
        &[
            Event::ndis(1, WHOLE, [13, 20], PACKET),
            whole(2, PACKET),
            Event::ndis(3, WHOLE, [15, 21], &PACKET[..20]),
            Event::ndis(4, WHOLE, [15, 22], &PACKET[..20]),
        ],
    );
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(numbers(&frames), [2, 3]);
    assert_eq!(reader.frames(), 4);
    assert_eq!(events_of(&frames, &reader), [3, 4]);
}

#[test]
fn keywords_tell_the_link() {
    let mut wifi = vec![0x88, 0x42];
    wifi.extend(PACKET);
    let file = trace().buffer(
        0,
        Form::Plain,
        &[
            Event::ndis(1, WHOLE & !1 | 0x1_0000, CARD, &wifi),
            Event::ndis(2, WHOLE & !1 | 0x200, CARD, PACKET),
        ],
    );
    let frames = read(&file.into_bytes()).0;
    assert_eq!((frames[0].link, frames[1].link), (105, 101));
    assert_eq!(frames[0].bytes[..2], [0x88, 0x02]);
}

/// What is known of the components of a machine with one card stands behind the packets.
fn components() -> [Event; 6] {
    [
        Event::component(30_090, 1, 2, "net.sys"),
        Event::property(30_090, 1, 2, 9),
        Event::component(30_091, 2, 3, "filter.sys"),
        Event::property(30_091, 2, 2, 9),
        Event::component(30_092, 3, 4, "TCPIP"),
        Event::property(30_092, 3, 2, 9),
    ]
}

#[test]
fn one_packet_that_several_components_saw_is_read_at_the_card() {
    let seen = |time, component| Event::pktmon(160, time, [component, 1], 61, PACKET);
    let packets = [
        seen(1, 3),
        seen(2, 2),
        seen(3, 1),
        seen(20_000, 3),
        seen(20_001, 1),
    ];
    let file = trace()
        .buffer(0, Form::Plain, &packets)
        .buffer(0, Form::Compressed, &components());
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(numbers(&frames), [3, 5]);
    assert_eq!(reader.frames(), 5);
    assert_eq!(events_of(&frames, &reader), [4, 6]);
    assert!(reader.is_complete());
}

#[test]
fn without_a_card_the_lower_side_of_a_filter_is_read() {
    let seen = |time, component, edge| Event::pktmon(160, time, [component, edge], 61, PACKET);
    let file = trace()
        .buffer(
            0,
            Form::Plain,
            &[seen(1, 3, 1), seen(2, 2, 1), seen(3, 2, 2)],
        )
        .buffer(0, Form::Plain, &components());
    assert_eq!(numbers(&read(&file.into_bytes()).0), [3]);
}

#[test]
fn where_nothing_is_known_of_components_copies_are_told_by_their_bytes() {
    let seen = |time, component, bytes| Event::pktmon(160, time, [component, 1], 61, bytes);
    let other = &PACKET[..60];
    let file = trace().buffer(
        0,
        Form::Plain,
        &[
            seen(1, 3, PACKET),
            seen(2, 2, PACKET),
            seen(3, 2, other),
            seen(4, 3, PACKET),
            seen(20_005, 2, PACKET),
        ],
    );
    let frames = read(&file.into_bytes()).0;
    assert_eq!(
        numbers(&frames),
        [1, 3, 4, 5],
        "what one component sees again is sent again"
    );
}

#[test]
fn packets_that_pktmon_cut_are_told_at_once_with_the_command_that_does_not_cut() {
    let cut = Event::pktmon(160, 1, [1, 1], 1_514, PACKET);
    let file = trace().buffer(0, Form::Plain, &[cut, Event::other(5)]);
    let bytes = file.into_bytes();
    let reader = CaptureReader::of_file(Box::new(Cursor::new(bytes.clone()))).unwrap();
    let text = &reader.limitations()[0].text;
    assert!(text.starts_with(
        "pktmon kept only the first bytes (128, unless told otherwise) of 1 of 1 packet,"
    ));
    assert!(text.ends_with("pktmon start --capture --pkt-size 0"));
    assert_eq!(read(&bytes).0[0].wire_len, 1_514);
}

#[test]
fn drops_are_told_and_are_no_frames() {
    let packets = [
        Event::pktmon(160, 1, [1, 1], 61, PACKET),
        Event::pktmon(170, 2, [2, 0], 61, PACKET),
    ];
    let file = trace()
        .buffer(0, Form::Plain, &packets)
        .buffer(0, Form::Plain, &components());
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(frames.len(), 1);
    assert_eq!(
        reader.limitations()[0].text,
        "filter.sys dropped 1 packet (reason 12, location 0xe0004101 of pktmon)."
    );
    assert!(reader.is_complete());
}

#[test]
fn a_trace_without_packets_says_what_it_is_and_how_to_record_some() {
    let file = trace().buffer(0, Form::Plain, &[Event::other(1), Event::other(2)]);
    let text = refusal(&file.into_bytes());
    assert!(text.starts_with(
        "is a Windows trace log (.etl) without a packet: 2 events of Microsoft-Windows-HttpService; record"
    ));
    assert!(text.contains("netsh trace start capture=yes"));
    let begin = trace().len();
    let damaged = trace().buffer(0, Form::Plain, &[whole(1, PACKET)]);
    let text = refusal(&damaged.spoil(begin + 0x48, 0xc013_0003).into_bytes());
    assert!(text.starts_with("is a Windows trace log (.etl) that is damaged: no packet"));
    let counted = trace().buffer(0, Form::Plain, &components());
    let text = refusal(&counted.into_bytes());
    assert!(text.starts_with("is a trace of pktmon that only counted packets"));
}

#[test]
fn a_trace_that_network_monitor_saved_gives_the_same_frames() {
    let trace = read(&article(Form::Plain)).0;
    let mut saved = Netmon::new((2, 3), 72).frame_of(0xffff, 0, 4, b"filt");
    for (number, event) in recorded().1.iter().enumerate() {
        let frame = event.frame();
        saved = saved.frame_of(0xffe0, i64::try_from(number).unwrap(), frame.len(), &frame);
    }
    let (frames, reader) = read(&saved.into_bytes());
    assert_eq!(numbers(&frames), (2..=31).collect::<Vec<_>>());
    let bytes =
        |frames: &[Seen]| -> Vec<Vec<u8>> { frames.iter().map(|f| f.bytes.clone()).collect() };
    assert_eq!(bytes(&frames), bytes(&trace));
    assert!(reader.is_complete());
    let events = Netmon::new((2, 3), 72).frame_of(0xffe0, 0, 99, &Event::other(1).frame());
    assert!(refusal(&events.into_bytes()).contains("1 event of Microsoft-Windows-HttpService"));
}

#[test]
fn of_a_packet_that_netsh_cut_the_ip_header_tells_the_length() {
    let mut bytes = [&[0xff; 12][..], &[8, 0, 0x45, 0, 5, 0xdc], &[7; 40]].concat();
    let file = |bytes: &[u8]| {
        trace()
            .buffer(0, Form::Plain, &[whole(1, bytes)])
            .into_bytes()
    };
    let frame = read(&file(&bytes)).0.remove(0);
    assert_eq!(
        (frame.wire_len, frame.bytes.len()),
        (14 + 1_500, bytes.len())
    );
    bytes[16..18].copy_from_slice(&[0, 0]);
    let frame = read(&file(&bytes)).0.remove(0);
    assert_eq!(frame.wire_len as usize, bytes.len());
}

#[test]
fn what_stands_behind_a_packet_without_an_end_is_read() {
    let events = [
        Event::ndis(1, START, CARD, PACKET),
        whole(2, PACKET),
        whole(3, PACKET),
    ];
    let file = trace().buffer(0, Form::Plain, &events);
    let mut saved = Netmon::new((2, 3), 72);
    for event in &events {
        let frame = event.frame();
        saved = saved.frame_of(0xffe0, 0, frame.len(), &frame);
    }
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!(numbers(&frames), [1, 2]);
    assert_eq!(events_of(&frames, &reader), [3, 4]);
    let (frames, reader) = read(&saved.into_bytes());
    assert_eq!(numbers(&frames), [2, 3]);
    assert!(
        reader.limitations()[0]
            .text
            .starts_with("The trace lacks pieces of 1 packet:")
    );
}

#[test]
fn events_before_a_cut_are_all_there_wherever_a_trace_is_cut() {
    let bytes = article(Form::Plain);
    let whole = read(&bytes).0;
    for cut in (0x48..bytes.len()).step_by(97) {
        let file = CaptureReader::of_file(Box::new(Cursor::new(bytes[..cut].to_vec())));
        let Ok(reader) = file else {
            continue;
        };
        let (frames, reader) = drain(reader);
        let is_known = |frame: &Seen| whole.iter().any(|known| known.bytes == frame.bytes);
        assert!(frames.iter().all(is_known), "{cut}");
        assert!(!reader.is_complete() || frames.len() >= 15, "{cut}");
    }
}

#[test]
fn sound_buffers_behind_a_damaged_one_are_found() {
    for form in [Form::Plain, Form::Compressed] {
        let mut file = trace().buffer(0, form, &[whole(1, PACKET)]);
        let damaged = file.len();
        for time in 2..5 {
            file = file.buffer(0, form, &[whole(time, PACKET)]);
        }
        for size in [0, 7, 0x4000_0000, 0xffff_ffff] {
            let (frames, reader) = read(&file.clone().spoil(damaged, size).into_bytes());
            let times: Vec<i64> = frames.iter().map(|f| (f.nanos - nanos(0)) / 100).collect();
            assert_eq!(times, [1, 3, 4], "{form:?} {size:#x}");
            let text = &reader.limitations()[0].text;
            assert!(text.ends_with(&format!(" at byte {damaged}.")), "{text}");
        }
    }
}

#[test]
fn a_filter_of_the_recording_is_told() {
    let events = [Event::port_rule(80), Event::port_rule(88), whole(1, PACKET)];
    let reader = read(&trace().buffer(0, Form::Plain, &events).into_bytes()).1;
    assert_eq!(
        reader.limitations()[0].text,
        "The trace was recorded with a filter (TCP port 80, TCP port 88): other traffic may be missing from it."
    );
    assert!(reader.is_complete());
}

#[test]
fn losses_of_windows_are_told() {
    let flags = 0x34;
    let file = trace();
    let begin = file.len();
    let file = file
        .buffer(0, Form::Plain, &[whole(1, PACKET)])
        .spoil(begin + flags, 0x22);
    let reader = read(&file.into_bytes()).1;
    assert!(
        reader.limitations()[0]
            .text
            .starts_with("Windows lost events while it recorded")
    );
    assert!(reader.is_complete());
}

#[test]
fn damaged_traces_end_without_more_frames_than_bytes_allow() {
    const ROUNDS: u64 = 1_000;
    let seen = |time, component| Event::pktmon(160, time, [component, 1], 61, PACKET);
    let dropped = |time| Event::pktmon(170, time, [2, 0], 61, PACKET);
    let monitored = trace()
        .buffer(0, Form::Compressed, &[seen(1, 3), seen(2, 2), seen(3, 1)])
        .buffer(0, Form::Compressed, &[seen(30_000, 3), dropped(30_001)])
        .buffer(1, Form::Compressed, &components())
        .into_bytes();
    for sound in [article(Form::Plain), article(Form::Compressed), monitored] {
        for seed in 0..ROUNDS {
            let told = Seed(seed);
            let mut random = Random::new(told.0);
            let mut bytes = sound.clone();
            for _ in 0..=random.below(20) {
                // Headers are hit more often than packets.
                let most = if random.below(2) == 0 {
                    0x800
                } else {
                    bytes.len()
                };
                let at = random.below(most.min(bytes.len()));
                bytes[at] = random.next().to_le_bytes()[0];
            }
            bytes.truncate(bytes.len() - random.below(2) * random.below(bytes.len()));
            let file = CaptureReader::of_file(Box::new(Cursor::new(bytes)));
            let Ok(mut reader) = file else {
                continue;
            };
            while next(&mut reader).expect("no failure").is_some() {}
            assert!(reader.frames() <= sound.len() as u64, "seed {seed}");
            while let Some((_, drop, _)) = reader.next_drop() {
                assert!(drop.frame.0 <= reader.frames(), "seed {seed}");
            }
        }
    }
}
