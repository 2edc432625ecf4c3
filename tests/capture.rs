//! From files to frames: numbers, times, lengths and bytes, of whole files and of damaged ones.

mod support;

use std::fs::File;
use std::io;
use std::path::Path;

use why401::capture::{CaptureError, CaptureReader};
use why401::frame::LinkType;

use support::bytes::ByteOrder;
use support::input::Input;
use support::pcap::{MICROS, MODIFIED, NANOS, Pcap};
use support::pcapng::Pcapng;
use support::random::Random;

/// 2009-05-20T19:35:11Z.
const SECONDS: u32 = 1_242_848_111;
const NANOS_1970: i64 = 1_242_848_111_000_000_000;
const PACKET: &[u8; 61] =
    b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06 sixty-one bytes: padded by three for pcapng...";

/// A frame as it was lent: number, time, link type, length on the wire, bytes.
type Seen = (u64, i64, u16, u32, Vec<u8>);

/// Reads to the end, and once more behind it.
fn read(input: Input) -> (Vec<Seen>, CaptureReader) {
    let mut reader = CaptureReader::new(Box::new(input)).expect("a capture");
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("no failure") {
        frames.push((
            frame.number.0,
            frame.time.nanos(),
            frame.link.0,
            frame.wire_len,
            frame.bytes.to_vec(),
        ));
    }
    let told = reader.limitations().len();
    assert!(reader.next_frame().expect("no failure").is_none());
    assert_eq!(reader.limitations().len(), told);
    assert_eq!(reader.is_complete(), told == 0);
    (frames, reader)
}

fn read_bytes(bytes: &[u8]) -> (Vec<Seen>, CaptureReader) {
    read(Input::new(bytes.to_vec()))
}

fn numbers(frames: &[Seen]) -> Vec<u64> {
    frames.iter().map(|frame| frame.0).collect()
}

/// What the one limitation says.
fn limitation(reader: &CaptureReader) -> &str {
    let [limitation] = reader.limitations() else {
        panic!("{:?}", reader.limitations());
    };
    &limitation.text
}

fn committed(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    std::fs::read(path).expect("a committed capture")
}

/// What `tshark -T fields -e frame.number -e frame.time_epoch -e frame.cap_len -e frame.len` gives, summed up.
struct Summary {
    first: i64,
    frames: u64,
    bytes: usize,
    /// The sum of the times since the first, each times its place from zero.
    weighted_times: i64,
}

fn assert_summary(name: &str, summary: &Summary) {
    let (frames, reader) = read_bytes(&committed(name));
    let count = u64::try_from(frames.len()).unwrap();
    assert_eq!((count, reader.frames()), (summary.frames, summary.frames));
    assert_eq!(numbers(&frames), (1..=count).collect::<Vec<_>>());
    assert_eq!(frames[0].1, summary.first);
    let weighted: i64 = (0..)
        .zip(&frames)
        .map(|(place, frame)| place * (frame.1 - summary.first))
        .sum();
    assert_eq!(weighted, summary.weighted_times);
    assert_eq!(
        frames.iter().map(|frame| frame.4.len()).sum::<usize>(),
        summary.bytes
    );
    assert!(frames.iter().all(|frame| frame.3 as usize == frame.4.len()));
    assert_eq!(reader.link_types(), [LinkType::ETHERNET]);
    assert!(reader.is_complete());
}

#[test]
fn a_pcap_file_of_tcpdump_reads_as_in_tshark() {
    assert_summary(
        "article.pcap",
        &Summary {
            first: 1_795_345_568_698_902_000,
            frames: 30,
            bytes: 16_775,
            weighted_times: 37_787_300_000,
        },
    );
}

#[test]
fn a_pcapng_file_of_dumpcap_with_three_interfaces_reads_as_in_tshark() {
    assert_summary(
        "20f-pcapng-two-interfaces.pcapng",
        &Summary {
            first: 1_795_346_899_356_799_590,
            frames: 56,
            bytes: 31_257,
            weighted_times: 156_562_145_794,
        },
    );
}

#[test]
fn a_file_is_read_as_well_as_a_pipe() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let mut reader = CaptureReader::new(Box::new(File::open(&path).unwrap())).unwrap();
    while reader.next_frame().unwrap().is_some() {}
    assert_eq!(reader.frames(), 30);
    assert_eq!(reader.bytes_read(), path.metadata().unwrap().len());
    assert_eq!(reader.format(), "pcap");
}

#[test]
fn a_pipe_may_give_one_byte_at_a_time() {
    for name in ["article.pcap", "20f-pcapng-two-interfaces.pcapng"] {
        let bytes = committed(name);
        let whole = read_bytes(&bytes).0;
        for piece in [1, 7, 4096] {
            let (frames, reader) = read(Input::new(bytes.clone()).in_pieces_of(piece));
            assert_eq!(frames, whole, "{name} {piece}");
            assert_eq!(reader.bytes_read(), bytes.len() as u64);
        }
    }
}

#[test]
fn every_form_of_pcap_gives_the_same_frames() {
    let forms = [
        (MICROS, 123_456, "pcap"),
        (NANOS, 123_456_000, "pcap (nanoseconds)"),
        (MODIFIED, 123_456, "pcap (modified record headers)"),
    ];
    for (magic, fraction, name) in forms {
        for order in ByteOrder::BOTH {
            let file = Pcap::new(order, magic, 65_535, 113)
                .packet(SECONDS, fraction, PACKET)
                .record([u32::MAX, 0, 3, 1_514], &PACKET[..3]);
            let (frames, reader) = read_bytes(&file.into_bytes());
            let late = i64::from(u32::MAX) * 1_000_000_000;
            let expected = [
                (1, NANOS_1970 + 123_456_000, 113, 61, PACKET.to_vec()),
                (2, late, 113, 1_514, PACKET[..3].to_vec()),
            ];
            assert_eq!(frames, expected, "{name} {order:?}");
            assert_eq!(reader.format(), name);
            assert!(reader.is_complete());
        }
    }
}

#[test]
fn a_frame_check_sequence_that_the_network_field_tells_is_taken_off() {
    for order in ByteOrder::BOTH {
        let file = Pcap::new(order, MICROS, 65_535, 0x2400_0001)
            .packet(SECONDS, 0, PACKET)
            .record([SECONDS, 0, 40, 61], &PACKET[..40]);
        let frames = read_bytes(&file.into_bytes()).0;
        let expected = [
            (1, NANOS_1970, 1, 57, PACKET[..57].to_vec()),
            (2, NANOS_1970, 1, 57, PACKET[..40].to_vec()),
        ];
        assert_eq!(frames, expected);
    }
}

#[test]
fn sections_and_interfaces_have_their_own_orders_links_and_clocks() {
    for (first, second) in [
        (ByteOrder::Little, ByteOrder::Big),
        (ByteOrder::Big, ByteOrder::Little),
    ] {
        let micros = u64::from(SECONDS) * 1_000_000;
        let file = Pcapng::new(first)
            .interface(1, 0, &[])
            .interface(113, 0, &[(9, &[9]), (2, b"eth0")])
            .packet(1, micros * 1_000 + 789, PACKET)
            .packet(0, micros + 7, PACKET)
            .section(second)
            .interface(101, 0, &[(9, &[0x94]), (14, &second.i64(-3_600))])
            .enhanced(
                0,
                u64::from(SECONDS) << 20 | 1 << 19,
                PACKET,
                &[(2, &[1, 0, 0, 0]), (1, b"a comment")],
            )
            .interface(276, 0, &[(14, &second.i64(7_200))])
            .old_packet(1, 5, micros, PACKET);
        let (frames, reader) = read_bytes(&file.into_bytes());
        let facts: Vec<(u64, i64, u16)> = frames
            .iter()
            .map(|frame| (frame.0, frame.1 - NANOS_1970, frame.2))
            .collect();
        let hour = 3_600_000_000_000;
        let expected = [
            (1, 789, 113),
            (2, 7_000, 1),
            (3, 500_000_000 - hour, 101),
            (4, 2 * hour, 276),
        ];
        assert_eq!(facts, expected);
        assert!(
            frames
                .iter()
                .all(|frame| frame.4 == PACKET && frame.3 == 61)
        );
        let links = [
            LinkType::LINUX_SLL,
            LinkType::ETHERNET,
            LinkType::RAW,
            LinkType::LINUX_SLL2,
        ];
        assert_eq!(reader.link_types(), links);
        assert_eq!(reader.format(), "pcapng");
        assert!(reader.is_complete());
    }
}

#[test]
fn a_simple_packet_is_as_long_as_the_snap_length_lets_it_be_and_has_the_time_before_it() {
    let file = Pcapng::new(ByteOrder::Little)
        .interface(1, 41, &[])
        .packet(0, u64::from(SECONDS) * 1_000_000, PACKET)
        .simple_packet(61, &PACKET[..41])
        .simple_packet(30, &PACKET[..30]);
    let frames = read_bytes(&file.into_bytes()).0;
    assert_eq!(frames[1], (2, NANOS_1970, 1, 61, PACKET[..41].to_vec()));
    assert_eq!(frames[2], (3, NANOS_1970, 1, 30, PACKET[..30].to_vec()));
}

/// Wireshark 4.0 gives a frame number to these blocks and to no other that is not a packet.
#[test]
fn blocks_that_wireshark_numbers_have_a_number_and_others_have_none() {
    let numbered = [9, 0x0bad, 0x4000_0bad, 0x204, 0x216, 0x221];
    let unnumbered = [4, 5, 7, 8, 10, 11, 0x77, 0x201, 0x208, 0x222, 0x8000_0001];
    for kind in numbered.into_iter().chain(unnumbered) {
        let file = Pcapng::new(ByteOrder::Big)
            .interface(1, 0, &[])
            .packet(0, 1, PACKET)
            .block(kind, &[0; 48])
            .packet(0, 2, PACKET);
        let (frames, reader) = read_bytes(&file.into_bytes());
        let last = if numbered.contains(&kind) { 3 } else { 2 };
        assert_eq!(numbers(&frames), [1, last], "{kind:#x}");
        assert_eq!(reader.frames(), last);
        assert!(reader.is_complete());
    }
}

#[test]
fn frames_before_a_cut_are_all_there_wherever_a_pcap_file_is_cut() {
    for (order, magic) in [(ByteOrder::Little, MICROS), (ByteOrder::Big, MODIFIED)] {
        let mut file = Pcap::new(order, magic, 65_535, 1);
        let mut ends = vec![file.len()];
        for len in [61, 0, 1, 40] {
            file = file.packet(SECONDS, 0, &PACKET[..len]);
            ends.push(file.len());
        }
        assert_cuts(&file.into_bytes(), &ends, &ends);
    }
}

#[test]
fn frames_before_a_cut_are_all_there_wherever_a_pcapng_file_is_cut() {
    for order in ByteOrder::BOTH {
        let mut file = Pcapng::new(order);
        let mut whole = vec![file.len()];
        file = file.interface(1, 0, &[(9, &[9]), (1, b"a comment")]);
        let mut ends = vec![file.len()];
        for len in [61, 0, 1, 40] {
            file = file.enhanced(0, 1, &PACKET[..len], &[(1, b"a comment")]);
            ends.push(file.len());
        }
        whole.extend(&ends);
        assert_cuts(&file.into_bytes(), &ends, &whole);
    }
}

/// `ends` are the places behind the header and behind each packet, `whole` those where a cut leaves a whole file.
fn assert_cuts(bytes: &[u8], ends: &[usize], whole: &[usize]) {
    for cut in 0..=bytes.len() {
        let input = Input::new(bytes[..cut].to_vec());
        if cut < 12 || cut < ends[0] && bytes[0] != 0x0a {
            let error = CaptureReader::new(Box::new(input)).unwrap_err();
            assert!(
                matches!(
                    error,
                    CaptureError::Empty | CaptureError::Cut(_) | CaptureError::Unknown(_)
                ),
                "{cut}"
            );
            continue;
        }
        let (frames, reader) = read(input);
        let expected = ends[1..].iter().filter(|end| **end <= cut).count();
        assert_eq!(frames.len(), expected, "{cut}");
        assert_eq!(reader.is_complete(), whole.contains(&cut), "{cut}");
        assert_eq!(reader.bytes_read(), cut as u64);
        if !reader.is_complete() {
            let begin = whole.iter().rfind(|end| **end <= cut).unwrap_or(&0);
            assert!(
                limitation(&reader).contains(&format!(" at byte {begin},")),
                "{cut}"
            );
        }
    }
}

#[test]
fn sound_blocks_behind_a_damaged_one_are_found() {
    let damages: [(&str, usize, u32); 8] = [
        ("length", 92, 0),
        ("length", 92, 8),
        ("length", 92, 95),
        ("length", 92, 200),
        ("length", 92, 1 << 20),
        ("length", 92, 0x7fff_fffc),
        ("length", 92, 0xffff_fff0),
        ("trailer", 4, 92),
    ];
    for (what, at, number) in damages {
        for order in ByteOrder::BOTH {
            let mut file = Pcapng::new(order).interface(1, 0, &[]).packet(0, 1, PACKET);
            let begin = file.len();
            file = file.packet(0, 2, PACKET).spoil(at, number);
            for ticks in 3..6 {
                file = file.packet(0, ticks, PACKET);
            }
            let (frames, reader) = read_bytes(&file.into_bytes());
            let times: Vec<i64> = frames.iter().map(|frame| frame.1 / 1_000).collect();
            assert_eq!(times, [1, 3, 4, 5], "{what} {number:#x}");
            assert!(limitation(&reader).ends_with(&format!(" at byte {begin}, after frame 1.")));
        }
    }
}

#[test]
fn a_packet_that_cannot_be_read_keeps_its_number_and_costs_only_itself() {
    let too_long = Pcapng::new(ByteOrder::Little)
        .interface(1, 0, &[])
        .packet(0, 1, PACKET)
        .packet(0, 2, PACKET)
        .spoil(76, 5_000)
        .packet(0, 3, PACKET);
    let of_nobody = Pcapng::new(ByteOrder::Little)
        .interface(1, 0, &[])
        .packet(0, 1, PACKET)
        .packet(1, 2, PACKET)
        .packet(0, 3, PACKET);
    let texts = [
        "packet block that cannot be read",
        "interface that it does not describe",
    ];
    for (file, text) in [too_long, of_nobody].into_iter().zip(texts) {
        let (frames, reader) = read_bytes(&file.into_bytes());
        assert_eq!(numbers(&frames), [1, 3]);
        assert_eq!(reader.frames(), 3);
        assert!(
            limitation(&reader).contains(text),
            "{}",
            limitation(&reader)
        );
        assert_eq!(reader.link_types(), [LinkType::ETHERNET]);
    }
}

#[test]
fn an_interface_that_cannot_be_read_does_not_shift_the_others() {
    let file = Pcapng::new(ByteOrder::Big)
        .block(1, &[0; 4])
        .interface(113, 0, &[])
        .packet(1, 1, PACKET)
        .packet(0, 1, PACKET);
    let (frames, reader) = read_bytes(&file.into_bytes());
    assert_eq!(
        frames
            .iter()
            .map(|frame| (frame.0, frame.2))
            .collect::<Vec<_>>(),
        [(1, 113)]
    );
    assert_eq!(reader.frames(), 2);
    assert_eq!(reader.limitations().len(), 2);
}

#[test]
fn a_long_record_is_believed_only_where_the_snap_length_allows_it() {
    let long = vec![7; 300 << 10];
    for (snap_len, is_believed) in [
        (0, false),
        (65_535, false),
        (1 << 20, true),
        (u32::MAX, true),
    ] {
        let file = Pcap::new(ByteOrder::Little, MICROS, snap_len, 1)
            .packet(SECONDS, 0, PACKET)
            .packet(SECONDS, 0, &long)
            .packet(SECONDS, 0, PACKET);
        let (frames, reader) = read_bytes(&file.into_bytes());
        assert_eq!(frames.len(), if is_believed { 3 } else { 1 }, "{snap_len}");
        assert_eq!(reader.is_complete(), is_believed);
    }
    let file = Pcapng::new(ByteOrder::Little)
        .interface(1, 0, &[])
        .block(10, &long)
        .packet(0, 1, &long)
        .packet(0, 2, PACKET);
    let (frames, reader) = read_bytes(&file.into_bytes());
    assert_eq!(frames[0].4, long);
    assert_eq!(numbers(&frames), [1, 2]);
    assert!(reader.is_complete());
}

#[test]
fn a_failure_costs_what_was_not_read_and_nothing_else() {
    let bytes = committed("article.pcap");
    let whole = read_bytes(&bytes).0;
    let half = bytes[..bytes.len() / 2].to_vec();
    let (frames, reader) = read(Input::new(half.clone()).failing(io::ErrorKind::ConnectionReset));
    assert_eq!(frames, whole[..frames.len()]);
    assert_eq!(frames.len(), read_bytes(&half).0.len());
    assert!(
        limitation(&reader)
            .starts_with("The file could not be read further (connection reset) at byte ")
    );
    for len in [0, 20, 24, 50] {
        let input = Input::new(bytes[..len].to_vec()).failing(io::ErrorKind::PermissionDenied);
        let error = CaptureReader::new(Box::new(input)).unwrap_err();
        assert_eq!(error.to_string(), "cannot be read: permission denied");
    }
}

#[test]
fn a_failure_before_the_first_frame_is_an_error() {
    let file = Pcap::new(ByteOrder::Little, MICROS, 65_535, 1).packet(SECONDS, 0, &[7; 500]);
    let input = Input::new(file.into_bytes()[..400].to_vec()).failing(io::ErrorKind::TimedOut);
    let mut reader = CaptureReader::new(Box::new(input)).unwrap();
    assert!(matches!(reader.next_frame(), Err(CaptureError::Read(_))));
}

#[test]
fn damaged_captures_end_without_more_frames_than_bytes_allow() {
    const ROUNDS: usize = 400;
    for name in ["article.pcap", "20f-pcapng-two-interfaces.pcapng"] {
        let sound = committed(name);
        for seed in 0..ROUNDS as u64 {
            let mut random = Random::new(seed);
            let mut bytes = sound.clone();
            for _ in 0..=random.below(20) {
                let at = random.below(bytes.len() - 24) + 24;
                bytes[at] = random.next().to_le_bytes()[0];
            }
            let (frames, reader) = read_bytes(&bytes);
            assert!(
                frames.is_sorted_by(|one, next| one.0 < next.0),
                "{name} seed {seed}"
            );
            assert!(frames.len() <= bytes.len() / 16, "{name} seed {seed}");
            assert!(
                frames.last().is_none_or(|last| last.0 <= reader.frames()),
                "{name} seed {seed}"
            );
            assert!(
                reader.bytes_read() == sound.len() as u64 || !reader.is_complete(),
                "{name} seed {seed}"
            );
        }
    }
}
