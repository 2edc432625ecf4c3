//! Network Monitor.

use std::io::{self, Cursor};
use std::path::Path;

use why401::capture::CaptureReader;
use why401::frame::FrameNumber;

use crate::input::Input;
use crate::random::Random;
use crate::seen::{Seed, committed, drain, next, numbers, read, refusal};
use crate::support_netmon::Netmon;

const VERSIONS: [(u8, u8); 5] = [(1, 1), (2, 0), (2, 1), (2, 2), (2, 3)];
/// 2009-05-20T19:35:11.1Z.
const START: i64 = 1_242_848_111_100_000_000;
const HOUR: i64 = 3_600_000_000_000;
const PACKET: &[u8; 16] = b"sixteen bytes...";

fn three(version: (u8, u8), header: usize) -> Netmon {
    Netmon::new(version, header)
        .frame(1_000, PACKET)
        .frame(2_000, &PACKET[..7])
        .frame_of(1, 3_000_000, 60, &PACKET[..9])
}

#[test]
fn every_version_gives_the_same_frames() {
    for version in VERSIONS {
        for header in [72, 128] {
            let (frames, reader) = read(&three(version, header).into_bytes());
            let zone = if version == (2, 3) { 4 * HOUR } else { 0 };
            let since: Vec<i64> = frames.iter().map(|f| f.nanos - START - zone).collect();
            assert_eq!(since, [1_000_000, 2_000_000, 3_000_000_000], "{version:?}");
            assert_eq!(numbers(&frames), [1, 2, 3]);
            assert_eq!(frames[1].bytes, &PACKET[..7]);
            assert_eq!((frames[2].wire_len, frames[2].bytes.len()), (60, 9));
            assert!(reader.is_complete());
            assert_eq!(reader.limitations().is_empty(), version == (2, 3));
            assert!(reader.other_numbers().is_none());
        }
    }
}

/// Written by editcap 4.0.17 from `captures/article.pcap`, with `TZ=UTC`.
#[test]
fn what_another_program_converted_is_the_capture_that_it_was() {
    let article = read(&committed("article.pcap")).0;
    for (name, unit) in [
        ("article-netmon1.cap", 1_000_000),
        ("article-netmon2.cap", 1_000),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let (mut frames, reader) = read(&std::fs::read(folder.join(name)).unwrap());
        assert_eq!(frames.len(), article.len());
        for (frame, original) in frames.iter_mut().zip(&article) {
            assert!((frame.nanos - original.nanos).abs() < 2 * unit, "{name}");
            frame.nanos = original.nanos;
        }
        assert_eq!(frames, article, "{name}");
        assert!(reader.is_complete());
    }
}

#[test]
fn a_pipe_gives_what_a_file_gives() {
    let bytes = three((2, 3), 72).into_bytes();
    let whole = read(&bytes).0;
    let pipe = Input::new(bytes).in_pieces_of(5);
    let (frames, reader) = drain(CaptureReader::new(Box::new(pipe)).unwrap());
    assert_eq!(frames, whole);
    assert_eq!(reader.format(), "Network Monitor 2.3");
}

#[test]
fn the_table_says_what_comes_first() {
    let (frames, reader) = read(&three((2, 1), 72).reversed().into_bytes());
    let lengths: Vec<usize> = frames.iter().map(|frame| frame.bytes.len()).collect();
    assert_eq!(lengths, [9, 7, 16]);
    assert_eq!(numbers(&frames), [1, 2, 3]);
    assert!(reader.is_complete());
}

#[test]
fn a_frame_before_the_start_is_before_it() {
    let file = Netmon::new((2, 0), 72).frame(-5, PACKET);
    assert_eq!(read(&file.into_bytes()).0[0].nanos, START - 5_000);
}

#[test]
fn what_is_no_packet_has_a_number_and_wireshark_leaves_some_of_it_out() {
    let file = Netmon::new((2, 3), 72)
        .frame_of(0xffff, 0, 4, b"filt")
        .frame_of(0xfffb, 0, 4, b"nics")
        .frame(1, PACKET)
        .frame_of(0xfffd, 1, 4, b"info")
        .frame_of(9, 2, 16, PACKET)
        .frame_of(0xfffe, 2, 4, b"name")
        .frame_of(0xe071, 3, 16, PACKET);
    let (frames, reader) = read(&file.into_bytes());
    let links: Vec<(u64, u16)> = frames.iter().map(|f| (f.number, f.link)).collect();
    assert_eq!(links, [(3, 1), (5, 101), (7, 113)]);
    assert_eq!(reader.frames(), 7);
    let others = reader.other_numbers().expect("numbers that differ");
    let others = [3, 5, 7].map(|number| others.of(FrameNumber(number)).unwrap().0);
    assert_eq!(others, [3, 4, 5]);
}

#[test]
fn what_message_analyzer_took_from_elsewhere_is_told() {
    let file = Netmon::new((2, 3), 72)
        .frame(0, PACKET)
        .frame_of(0xe083, 1, 16, PACKET)
        .frame_of(0xe085, 2, 16, PACKET);
    let (frames, reader) = read(&file.into_bytes());
    assert_eq!((frames.len(), reader.frames()), (1, 3));
    let text = &reader.limitations()[0].text;
    assert!(text.starts_with("2 frames from frame 2 on hold what Message Analyzer took"));
    assert!(reader.is_complete());
}

#[test]
fn metadata_before_a_wifi_frame_is_no_part_of_it() {
    let mut bytes = vec![2, 32, 0];
    bytes.resize(32, 7);
    bytes.extend(PACKET);
    let file = Netmon::new((2, 1), 72).frame_of(6, 0, bytes.len(), &bytes);
    let frame = read(&file.into_bytes()).0.remove(0);
    assert_eq!((frame.link, frame.wire_len), (105, 16));
    assert_eq!(frame.bytes, PACKET);
}

#[test]
fn an_entry_without_a_frame_costs_only_itself() {
    let file = three((2, 2), 72)
        .entry(u32::MAX)
        .frame(4_000_000, PACKET)
        .into_bytes();
    let (frames, reader) = read(&file);
    assert_eq!(numbers(&frames), [1, 2, 3, 5]);
    assert!(!reader.is_complete());
    assert!(reader.limitations()[1].text.contains("after frame 3"));
}

#[test]
fn a_file_that_lost_its_table_is_walked() {
    for version in VERSIONS {
        for header in [72, 128] {
            let bytes = three(version, header).into_bytes();
            let whole = read(&bytes).0;
            let (frames, reader) = read(&bytes[..bytes.len() - 12]);
            assert_eq!(frames, whole, "{version:?}");
            assert!(!reader.is_complete());
            let text = &reader.limitations().last().unwrap().text;
            assert!(text.contains("numbers are a guess"), "{text}");
        }
    }
}

#[test]
fn a_version_that_is_not_known_is_refused_with_a_way_out() {
    let bytes = Netmon::new((2, 4), 72).into_bytes();
    let text = refusal(&bytes);
    assert!(text.starts_with("is a Network Monitor capture of a newer version, which"));
    assert_eq!(
        refusal(&bytes[..60]),
        "ends inside the header of a Network Monitor file"
    );
}

#[test]
fn a_pipe_that_fails_gives_what_came_before() {
    let bytes = three((2, 0), 72).into_bytes();
    let input = Input::new(bytes[..130].to_vec()).failing(io::ErrorKind::ConnectionReset);
    let (frames, reader) = drain(CaptureReader::new(Box::new(input)).unwrap());
    assert_eq!(frames, read(&bytes).0[..2]);
    let text = &reader.limitations().last().unwrap().text;
    assert!(
        text.contains("could not be read further (connection reset)"),
        "{text}"
    );
}

#[test]
fn a_pipe_without_end_is_refused() {
    let begin = three((2, 0), 72).into_bytes();
    let endless = io::Read::chain(Cursor::new(begin), io::repeat(0));
    let error = CaptureReader::new(Box::new(endless)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("of more than 256 MiB, which cannot be read through a pipe")
    );
}

#[test]
fn damaged_files_end_without_more_frames_than_their_table_has() {
    const ROUNDS: u64 = 1_000;
    let article = committed("article.pcap");
    let mut sound = Netmon::new((2, 3), 72);
    for piece in article.chunks(700) {
        sound = sound.frame(0, piece);
    }
    let sound = sound.into_bytes();
    for seed in 0..ROUNDS {
        let told = Seed(seed);
        let mut random = Random::new(told.0);
        let mut bytes = sound.clone();
        for _ in 0..=random.below(20) {
            let at = random.below(bytes.len() - 6) + 6;
            bytes[at] = random.next().to_le_bytes()[0];
        }
        bytes.truncate(bytes.len() - random.below(2) * random.below(bytes.len() - 72));
        let file = CaptureReader::of_file(Box::new(Cursor::new(bytes)));
        let mut reader = file.expect("a header");
        while next(&mut reader).expect("no failure").is_some() {}
        assert!(reader.frames() <= 60_000, "seed {seed}");
    }
}
