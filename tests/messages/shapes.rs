//! One traffic, many shapes: conversations of recorded captures, cut, mixed up, doubled, robbed of a frame and cut short, give
//! the same messages, each with the frames that brought its bytes, or say what is missing.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::dissect::decoder::Decoder;
use why401::dissect::message::{Message, MessageBody, Observation};
use why401::dissect::raw::Found;
use why401::dissect::{Dissector, Ports};
use why401::endpoint::Endpoint;
use why401::frame::{FrameNumber, Timestamp};
use why401::net::link::Network;
use why401::net::packet::{Packet, TcpFlags, TcpSegment};
use why401::net::provenance::Run;

use crate::random::Random;

/// Captures with HTTP (chunked, kept alive, with a 401 before the body) and with Kerberos over TCP.
const CAPTURES: [&str; 5] = [
    "article.pcap",
    "16-response-too-big-tcp-retry.pcap",
    "19a-http-chunked-response.pcap",
    "19c-http-two-approvals-keepalive.pcap",
    "31-samba-spn-missing-ntlm-fallback-401.pcap",
];

/// A TCP segment of its own.
#[derive(Clone, Debug)]
struct Segment {
    src: Endpoint,
    dst: Endpoint,
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    payload: Vec<u8>,
    cut: usize,
}

/// One direction of one connection: both ends, and the number of the connection between them.
type Way = (Endpoint, Endpoint);

/// A message and where its bytes lie in its direction.
#[derive(Debug)]
struct Truth {
    body: MessageBody,
    way: Way,
    first: u32,
    last: u32,
}

fn segments(name: &str) -> Vec<Segment> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    let mut reader = CaptureReader::new(Box::new(File::open(path).unwrap())).unwrap();
    let mut network = Network::default();
    let mut segments = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        network.packet(&frame, &mut |packet, _| {
            if let Packet::Tcp(segment) = packet {
                segments.push(Segment {
                    src: segment.src,
                    dst: segment.dst,
                    sequence: segment.sequence,
                    acknowledgment: segment.acknowledgment,
                    flags: segment.flags.0,
                    payload: segment.payload.to_vec(),
                    cut: segment.cut,
                });
            }
        });
    }
    segments
}

/// The messages in `segments`, whose frames are numbered from 1 at 10 microseconds' distance, and how many limitations there are.
fn dissect(segments: &[Segment]) -> (Vec<Message>, usize) {
    let mut dissector = Dissector::new(Ports::default());
    let (mut messages, mut limitations) = (Vec::new(), 0);
    let mut decoder = Decoder::default();
    let mut observe = |observation| match observation {
        Observation::Message(message) => messages.push(message),
        Observation::Limitation(_) => limitations += 1,
        Observation::Tcp(_) | Observation::Unread(_) | Observation::Dropped(_) => {}
    };
    let mut sink = |found: Found, bytes: &[u8]| decoder.read(found, bytes, &mut observe);
    for (number, segment) in (1..).zip(segments) {
        let run = Run {
            end: segment.payload.len(),
            frame: FrameNumber(number),
            time: Timestamp::from_nanos(i64::try_from(number).unwrap() * 10_000),
        };
        let packet = Packet::Tcp(TcpSegment {
            src: segment.src,
            dst: segment.dst,
            sequence: segment.sequence,
            acknowledgment: segment.acknowledgment,
            flags: TcpFlags(segment.flags),
            identification: 0,
            hops: 64,
            payload: &segment.payload,
            cut: segment.cut,
        });
        dissector.packet(&packet, &[run], &mut sink);
    }
    dissector.finish(&mut sink);
    messages.sort_by_key(|message| (message.first_frame(), message.last_frame()));
    (messages, limitations)
}

/// The part of `segment` that begins at `from` and is `len` bytes long. Only the first has a SYN, only the last a FIN.
fn part(segment: &Segment, from: usize, len: usize) -> Segment {
    let mut flags = segment.flags;
    if from > 0 {
        flags &= !TcpFlags::SYN;
    }
    if from + len < segment.payload.len() {
        flags &= !TcpFlags::FIN;
    }
    Segment {
        sequence: segment.sequence.wrapping_add(u32::try_from(from).unwrap()),
        flags,
        payload: segment.payload[from..from + len].to_vec(),
        ..*segment
    }
}

/// `segment` in parts that end at `ends`, in which its length is.
fn parts(segment: &Segment, ends: &BTreeSet<usize>) -> Vec<Segment> {
    let mut from = 0;
    ends.iter()
        .map(|&end| {
            let begin = std::mem::replace(&mut from, end);
            part(segment, begin, end - begin)
        })
        .collect()
}

/// What is said and where, found by sending each byte in a frame of its own.
fn truths(segments: &[Segment]) -> Vec<Truth> {
    let bytes: Vec<Segment> = segments
        .iter()
        .flat_map(|segment| {
            let len = segment.payload.len();
            let ends = if len == 0 {
                BTreeSet::from([0])
            } else {
                (1..=len).collect()
            };
            parts(segment, &ends)
        })
        .collect();
    let at = |frame: FrameNumber| &bytes[usize::try_from(frame.0).unwrap() - 1];
    let (messages, limitations) = dissect(&bytes);
    assert_eq!(limitations, 0);
    messages
        .into_iter()
        .map(|message| Truth {
            way: (message.flow.src, message.flow.dst),
            first: at(message.first_frame()).sequence,
            last: at(message.last_frame()).sequence,
            body: message.body,
        })
        .collect()
}

impl Truth {
    /// Whether `segment` holds bytes of the message.
    fn reaches(&self, segment: &Segment) -> bool {
        let len = segment.payload.len() + segment.cut;
        // Sequence numbers wrap: how far the one begins behind the other.
        let behind = |from: u32, to: u32| usize::try_from(to.wrapping_sub(from)).unwrap();
        let begins_in = behind(segment.sequence, self.first) < len;
        let is_begun = behind(self.first, segment.sequence) <= behind(self.first, self.last);
        (segment.src, segment.dst) == self.way && len > 0 && (begins_in || is_begun)
    }

    /// The frames of `segments` that brought the message: of copies only the first.
    fn frames(&self, segments: &[Segment]) -> Vec<u64> {
        let mut seen = BTreeSet::new();
        (1..)
            .zip(segments)
            .filter(|(_, segment)| self.reaches(segment) && seen.insert(segment.sequence))
            .map(|(number, _)| number)
            .collect()
    }
}

fn numbers(message: &Message) -> Vec<u64> {
    message.frames.iter().map(|frame| frame.0).collect()
}

/// Each segment with bytes in up to four parts.
fn cut(segments: &[Segment], random: &mut Random) -> Vec<Segment> {
    segments
        .iter()
        .flat_map(|segment| {
            let len = segment.payload.len();
            let mut ends = BTreeSet::from([len]);
            for _ in 0..random.below(4) {
                if len > 1 {
                    ends.insert(1 + random.below(len - 1));
                }
            }
            parts(segment, &ends)
        })
        .collect()
}

/// Some segments twice, and segments in another order: none of them by more than three places, as networks do it.
fn mix(segments: &[Segment], random: &mut Random) -> Vec<Segment> {
    let mut mixed: Vec<(usize, Segment)> = Vec::new();
    for (place, segment) in segments.iter().enumerate() {
        let is_handshake = segment.flags & TcpFlags::SYN != 0;
        let delay = if is_handshake { 0 } else { random.below(4) };
        mixed.push((place + delay, segment.clone()));
        if random.below(5) == 0 && !segment.payload.is_empty() {
            mixed.push((place + random.below(6), segment.clone()));
        }
    }
    mixed.sort_by_key(|(place, _)| *place);
    mixed.into_iter().map(|(_, segment)| segment).collect()
}

#[test]
fn cut_mixed_and_doubled_segments_give_the_same_messages_with_the_frames_that_brought_them() {
    for name in CAPTURES {
        let segments = segments(name);
        let truths = truths(&segments);
        assert!(truths.len() > 3, "{name}");
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let shape = mix(&cut(&segments, &mut random), &mut random);
            let (messages, limitations) = dissect(&shape);
            assert_eq!(limitations, 0, "{name}, seed {seed}");
            assert_eq!(messages.len(), truths.len(), "{name}, seed {seed}");
            for truth in &truths {
                let frames = truth.frames(&shape);
                let found = messages
                    .iter()
                    .find(|message| numbers(message) == frames && message.body == truth.body);
                let found = found.unwrap_or_else(|| {
                    panic!("{name}, seed {seed}: not found in {frames:?}: {truth:?}")
                });
                assert!(found.is_complete(), "{name}, seed {seed}: {found:?}");
            }
        }
    }
}

/// The places of segments with bytes, behind which more bytes go the same way.
fn followed(segments: &[Segment]) -> Vec<usize> {
    let has_bytes = |segment: &&Segment| !segment.payload.is_empty();
    (0..segments.len())
        .filter(|&place| {
            let (segment, rest) = (&segments[place], &segments[place + 1..]);
            let is_same_way =
                |other: &&Segment| (other.src, other.dst) == (segment.src, segment.dst);
            has_bytes(&segment)
                && rest
                    .iter()
                    .filter(has_bytes)
                    .any(|other| is_same_way(&other))
        })
        .collect()
}

#[test]
fn a_lost_segment_spoils_no_other_message_and_is_told() {
    for name in CAPTURES {
        let segments = segments(name);
        let truths = truths(&segments);
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let mut shape = cut(&segments, &mut random);
            let places = followed(&shape);
            let lost = shape.remove(places[random.below(places.len())]);
            let (messages, limitations) = dissect(&shape);
            for truth in &truths {
                let is_hit = truth.reaches(&lost);
                let frames = truth.frames(&shape);
                let whole = |message: &&Message| {
                    message.body == truth.body
                        && numbers(message) == frames
                        && message.is_complete()
                };
                let is_there = messages.iter().any(|message| whole(&message));
                let is_told =
                    limitations > 0 || messages.iter().any(|message| !message.is_complete());
                assert!(
                    is_there || (is_hit && is_told),
                    "{name}, seed {seed}: {limitations} told, not found in {frames:?}: {truth:?}"
                );
            }
        }
    }
}

#[test]
fn segments_cut_by_a_snap_length_still_name_all_frames_of_their_messages_or_are_told() {
    for name in CAPTURES {
        let segments = segments(name);
        let truths = truths(&segments);
        for snap in [20, 42, 100, 200, 400, 1_000] {
            let mut shape = segments.clone();
            for segment in &mut shape {
                segment.cut = segment.payload.len().saturating_sub(snap);
                segment.payload.truncate(snap);
            }
            let (messages, limitations) = dissect(&shape);
            let lost: Vec<&Truth> = truths
                .iter()
                .filter(|truth| {
                    let frames = truth.frames(&shape);
                    !messages.iter().any(|message| numbers(message) == frames)
                })
                .collect();
            assert!(lost.len() <= limitations, "{name}, {snap} bytes: {lost:?}");
            assert!(
                lost.is_empty() || snap < 100,
                "{name}, {snap} bytes: {lost:?}"
            );
        }
    }
}

#[test]
fn bytes_changed_at_random_harm_nothing_but_their_own_connection() {
    for name in CAPTURES {
        let segments = segments(name);
        let truths = truths(&segments);
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let mut shape = mix(&cut(&segments, &mut random), &mut random);
            let mut hurt = BTreeSet::new();
            for _ in 0..=random.below(3) {
                let place = random.below(shape.len());
                let segment = &mut shape[place];
                hurt.extend([(segment.src, segment.dst), (segment.dst, segment.src)]);
                for _ in 0..random.below(8) {
                    let len = segment.payload.len().max(1);
                    if let Some(byte) = segment.payload.get_mut(random.below(len)) {
                        *byte = u8::try_from(random.below(256)).unwrap();
                    }
                }
            }
            let (messages, _) = dissect(&shape);
            for truth in truths.iter().filter(|truth| !hurt.contains(&truth.way)) {
                let frames = truth.frames(&shape);
                assert!(
                    messages
                        .iter()
                        .any(|message| numbers(message) == frames && message.body == truth.body),
                    "{name}, seed {seed}: not found in {frames:?}: {truth:?}"
                );
            }
        }
    }
}
