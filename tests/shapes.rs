//! One traffic in many shapes: the same streams cut at other places, reordered, sent twice, overlapping, or with a segment
//! missing, give the same messages with the right frames, or tell the gap.
//!
//! The streams are those of a recorded sign-on. Each case has a seed, which a failure prints.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use support::bytes::ByteOrder;
use support::pcap::{MICROS, Pcap};
use support::random::Random;
use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::dissect::message::{Message, MessageBody};

/// Cases of each kind.
const CASES: u64 = 150;
/// First sequence numbers: the first wraps inside the first message.
const FIRST: [u32; 2] = [0xffff_fe00, 7];

/// What one side says before the other does.
struct Turn {
    side: usize,
    /// Where it begins in its side's stream.
    begin: usize,
    bytes: Vec<u8>,
}

/// A segment: side, place in the stream, bytes.
#[derive(Clone)]
struct Segment {
    side: usize,
    begin: usize,
    bytes: Vec<u8>,
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"))
}

/// The turns of the web connection of a recorded capture without loss: Ethernet, IPv4, TCP.
fn turns() -> Vec<Turn> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let file = fs::read(path).expect("a capture");
    let mut turns: Vec<Turn> = Vec::new();
    let mut said = [0, 0];
    let mut at = 24;
    while at < file.len() {
        let len = number(&file[at + 8..]) as usize;
        let frame = &file[at + 16..at + 16 + len];
        at += 16 + len;
        if frame[12..14] != [8, 0] || frame[23] != 6 {
            continue;
        }
        let header = usize::from(frame[14] & 15) * 4;
        let total = usize::from(u16::from_be_bytes([frame[16], frame[17]]));
        let tcp = &frame[14 + header..14 + total];
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        let side = usize::from(tcp[..2] == [0, 80]);
        if payload.is_empty() {
            continue;
        }
        let begin = said[side];
        said[side] += payload.len();
        match turns.last_mut() {
            Some(turn) if turn.side == side => turn.bytes.extend_from_slice(payload),
            _ => turns.push(Turn {
                side,
                begin,
                bytes: payload.to_vec(),
            }),
        }
    }
    assert_eq!(turns.len(), 4, "request, challenge, request, answer");
    turns
}

/// A frame of the connection.
fn frame(segment: &Segment, flags: u8, said: [usize; 2]) -> Vec<u8> {
    let ports: [[u8; 2]; 2] = [[0xc0, 0], [0, 80]];
    let place = |side: usize, offset: usize| {
        let offset = u32::try_from(offset).expect("a short stream");
        FIRST[side].wrapping_add(1).wrapping_add(offset)
    };
    let sequence = if flags & 2 == 0 {
        place(segment.side, segment.begin)
    } else {
        FIRST[segment.side]
    };
    let other = 1 - segment.side;
    let mut frame = vec![0xee; 12];
    frame.extend_from_slice(&[8, 0, 0x45, 0]);
    let total = u16::try_from(40 + segment.bytes.len()).expect("a short segment");
    frame.extend_from_slice(&total.to_be_bytes());
    frame.extend_from_slice(&[0, 1, 0, 0, 64, 6, 0, 0]);
    for side in [segment.side, other] {
        frame.extend_from_slice(&[10, 0, 0, u8::try_from(side).expect("0 or 1") + 1]);
    }
    frame.extend_from_slice(&ports[segment.side]);
    frame.extend_from_slice(&ports[other]);
    frame.extend_from_slice(&sequence.to_be_bytes());
    frame.extend_from_slice(&place(other, said[other]).to_be_bytes());
    frame.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend_from_slice(&segment.bytes);
    frame
}

/// Cuts a turn at random places.
fn cut(turn: &Turn, random: &mut Random) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut at = 0;
    while at < turn.bytes.len() {
        let len = (1 + random.below(1_400)).min(turn.bytes.len() - at);
        segments.push(Segment {
            side: turn.side,
            begin: turn.begin + at,
            bytes: turn.bytes[at..at + len].to_vec(),
        });
        at += len;
    }
    segments
}

/// Segments sent again, some of them reaching back over bytes that were sent before, and neighbours swapped.
fn disturb(segments: &mut Vec<Segment>, turn: &Turn, random: &mut Random) {
    for at in (0..segments.len()).rev() {
        if random.below(5) == 0 {
            let mut copy = segments[at].clone();
            let back = random.below(40).min(copy.begin - turn.begin);
            let from = copy.begin - turn.begin - back;
            let len = copy.bytes.len() + back;
            copy.begin -= back;
            copy.bytes = turn.bytes[from..from + len].to_vec();
            segments.insert(at + 1, copy);
        }
    }
    for at in 1..segments.len() {
        if random.below(3) == 0 {
            segments.swap(at - 1, at);
        }
    }
}

/// A capture of the segments, and for each side the frame that brought each byte first.
fn capture(turns: &[Vec<Segment>]) -> (Vec<u8>, [BTreeMap<usize, u64>; 2]) {
    let mut file = Pcap::new(ByteOrder::Little, MICROS, 65_535, 1);
    let mut first: [BTreeMap<usize, u64>; 2] = Default::default();
    let mut said = [0, 0];
    let mut frames = 0;
    let empty = |side| Segment {
        side,
        begin: 0,
        bytes: Vec::new(),
    };
    for (side, flags) in [(0, 2), (1, 0x12), (0, 0x10)] {
        frames += 1;
        file = file.packet(1, frames, &frame(&empty(side), flags, said));
    }
    for segments in turns {
        for segment in segments {
            frames += 1;
            file = file.packet(1, frames, &frame(segment, 0x18, said));
            for offset in segment.begin..segment.begin + segment.bytes.len() {
                first[segment.side]
                    .entry(offset)
                    .or_insert(u64::from(frames));
            }
        }
        for segment in segments {
            let end = segment.begin + segment.bytes.len();
            said[segment.side] = said[segment.side].max(end);
        }
    }
    (file.into_bytes(), first)
}

fn messages(file: Vec<u8>) -> Vec<Message> {
    let reader = CaptureReader::new(Box::new(std::io::Cursor::new(file))).expect("a capture");
    let mut found = Vec::new();
    diagnose::messages(reader, &Settings::default(), &mut |message| {
        found.push(message);
    });
    found
}

/// What a message says, without its frames.
fn said(message: &Message) -> String {
    match &message.body {
        MessageBody::HttpRequest(request) => format!(
            "{} {} {} {:?}",
            request.head.method, request.head.uri, request.body_bytes, request.head.auth
        ),
        MessageBody::HttpResponse(response) => format!(
            "{} {} {:?} {:?}",
            response.head.status, response.body_bytes, response.head.challenges, response.head.auth
        ),
        other => format!("{other:?}"),
    }
}

fn frames_of(first: &BTreeMap<usize, u64>, turn: &Turn) -> Vec<u64> {
    let mut frames: Vec<u64> = (turn.begin..turn.begin + turn.bytes.len())
        .map(|offset| first[&offset])
        .collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

#[test]
fn cuts_copies_overlaps_and_disorder_change_nothing_but_the_frames() {
    let turns = turns();
    let whole: Vec<Vec<Segment>> = turns
        .iter()
        .map(|turn| {
            vec![Segment {
                side: turn.side,
                begin: turn.begin,
                bytes: turn.bytes.clone(),
            }]
        })
        .collect();
    let plain: Vec<String> = messages(capture(&whole).0).iter().map(said).collect();
    assert_eq!(plain.len(), 4);
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let shaped: Vec<Vec<Segment>> = turns
            .iter()
            .map(|turn| {
                let mut segments = cut(turn, &mut random);
                disturb(&mut segments, turn, &mut random);
                segments
            })
            .collect();
        let (file, first) = capture(&shaped);
        let found = messages(file);
        let told: Vec<String> = found.iter().map(said).collect();
        assert_eq!(told, plain, "seed {seed}");
        for (message, turn) in found.iter().zip(&turns) {
            let frames: Vec<u64> = message.frames.iter().map(|frame| frame.0).collect();
            assert_eq!(frames, frames_of(&first[turn.side], turn), "seed {seed}");
            assert!(message.is_complete(), "seed {seed}");
        }
    }
}

#[test]
fn a_segment_that_is_missing_is_told_and_the_rest_stands() {
    let turns = turns();
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let mut shaped: Vec<Vec<Segment>> =
            turns.iter().map(|turn| cut(turn, &mut random)).collect();
        let victim = random.below(turns.len());
        let count = shaped[victim].len();
        if count < 3 {
            continue;
        }
        // Neither the beginning, which shows what it is, nor the end, which would only look like a capture that ends.
        let lost = 1 + random.below(count - 2);
        shaped[victim].remove(lost);
        let found = messages(capture(&shaped).0);
        assert_eq!(
            found.len(),
            turns.len(),
            "seed {seed}: {lost} of turn {victim}"
        );
        for (at, message) in found.iter().enumerate() {
            assert_eq!(
                message.is_complete(),
                at != victim,
                "seed {seed}: {lost} of turn {victim}"
            );
        }
    }
}
