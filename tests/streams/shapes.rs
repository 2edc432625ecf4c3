//! One traffic in many shapes: cuts, disorder, copies, overlaps and losses at random. A failure prints its seed.

use crate::random::Random;
use crate::told::{Part, assert_same, rebuild, rebuild_with};
use crate::wire::{ACK, CLIENT, Line, SERVER, Sent, goodbye, handshake, timed};

/// Cases of each kind.
const CASES: u64 = 400;

/// A random number of random bytes.
fn speech(random: &mut Random, longest: usize) -> Vec<u8> {
    (0..=random.below(longest))
        .map(|_| random.next().to_le_bytes()[0])
        .collect()
}

/// First numbers that wrap inside the streams, mostly.
fn line(random: &mut Random) -> Line {
    let mut first = || 0_u32.wrapping_sub(u32::try_from(random.below(4_000)).unwrap());
    Line::new([first(), first()])
}

/// Both sides speak in turns; each turn is cut into segments.
fn conversation(random: &mut Random) -> (Vec<Vec<Sent>>, [i64; 2]) {
    let mut said = [0, 0];
    let turns = (0..2 + random.below(5)).map(|turn| {
        let side = turn % 2;
        let mut rest = &speech(random, 5_000)[..];
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (bytes, behind) = rest.split_at((1 + random.below(1_460)).min(rest.len()));
            segments.push(Sent::new(side, ACK, said[side], said[1 - side]).with(bytes));
            said[side] += i64::try_from(bytes.len()).unwrap();
            rest = behind;
        }
        segments
    });
    let turns = turns.collect();
    (turns, said)
}

/// Segments that are sent again, reach back over what was sent, and carry other bytes there: only the first copy counts.
fn with_copies(segments: &[Sent], random: &mut Random) -> Vec<Sent> {
    let mut disturbed = Vec::new();
    for segment in segments {
        disturbed.push(segment.clone());
        if random.below(4) == 0 {
            let back = i64::try_from(random.below(900)).unwrap().min(segment.begin);
            let len = 1 + random.below(segment.bytes.len() + usize::try_from(back).unwrap());
            let mut copy = segment.clone();
            copy.begin -= back;
            copy.bytes = vec![b'#'; len];
            disturbed.push(copy);
        }
    }
    disturbed
}

/// Each segment overtakes up to `distance` others.
fn disordered(segments: &mut [Sent], distance: usize, random: &mut Random) {
    for at in 1..segments.len() {
        segments.swap(at, at - random.below(distance + 1).min(at));
    }
}

fn without_some(segments: &mut Vec<Sent>, random: &mut Random) {
    segments.retain(|_| random.below(8) > 0);
}

/// What must be told of a side that said `len` bytes: of each byte the copy that was captured first, and every gap.
fn expected(capture: &[Sent], side: usize, len: i64) -> Vec<Part> {
    let mut first: Vec<Option<Part>> = vec![None; usize::try_from(len).unwrap()];
    for (frame, sent) in (1..).zip(capture).filter(|(_, sent)| sent.side == side) {
        for (offset, byte) in sent.range().zip(&sent.bytes) {
            let offset = usize::try_from(offset).unwrap();
            first[offset].get_or_insert(Part::Byte(*byte, frame));
        }
    }
    let mut parts: Vec<Part> = Vec::new();
    for part in first {
        match (part, parts.last_mut()) {
            (Some(part), _) => parts.push(part),
            (None, Some(Part::Gap(missing, _))) => *missing += 1,
            (None, _) => parts.push(Part::Gap(1, None)),
        }
    }
    parts
}

/// The whole capture, between a handshake and the closing of both sides.
fn framed(turns: Vec<Vec<Sent>>, said: [i64; 2]) -> Vec<Sent> {
    let mut capture = handshake();
    capture.extend(turns.into_iter().flatten());
    capture.extend(goodbye(said));
    timed(capture)
}

fn check(seed: u64, line: Line, capture: &[Sent], said: [i64; 2]) {
    let mut random = Random::new(seed);
    let told = rebuild_with(line, capture, &mut |ready| random.below(ready + 1));
    assert_eq!(told.len(), 1, "seed {seed}");
    for side in [CLIENT, SERVER] {
        let expected = expected(capture, side, said[side]);
        let case = format!("seed {seed}, side {side}");
        assert_same(&told[0].streams[side], &expected, &case);
    }
    assert_eq!(told[0].ends, [1, 1], "seed {seed}");
}

#[test]
fn cuts_copies_overlaps_and_disorder_give_each_byte_once_with_its_first_frame() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (turns, said) = conversation(&mut random);
        let turns = turns.into_iter().map(|turn| {
            let mut turn = with_copies(&turn, &mut random);
            disordered(&mut turn, 2, &mut random);
            turn
        });
        let capture = framed(turns.collect(), said);
        check(seed, line, &capture, said);
    }
}

#[test]
fn frames_that_are_captured_before_what_they_answer_change_nothing() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (turns, said) = conversation(&mut random);
        let mut capture = framed(turns, said);
        let until = capture.len() - 3;
        disordered(&mut capture[3..until], 3, &mut random);
        check(seed, line, &timed(capture), said);
    }
}

#[test]
fn lost_segments_are_told_with_their_size_and_the_rest_stands() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (turns, said) = conversation(&mut random);
        let turns = turns.into_iter().map(|turn| {
            let mut turn = with_copies(&turn, &mut random);
            without_some(&mut turn, &mut random);
            disordered(&mut turn, 1, &mut random);
            turn
        });
        let capture = framed(turns.collect(), said);
        check(seed, line, &capture, said);
    }
}

#[test]
fn one_direction_alone_is_rebuilt_with_its_gaps() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (turns, said) = conversation(&mut random);
        let side = random.below(2);
        let mut turns = turns;
        for turn in &mut turns {
            without_some(turn, &mut random);
        }
        let mut capture = framed(turns, said);
        capture.retain(|sent| sent.side == side);
        let told = rebuild(line, &capture);
        let expected = expected(&capture, side, said[side]);
        assert_same(&told[0].streams[side], &expected, &format!("seed {seed}"));
    }
}

#[test]
fn what_the_snap_length_cut_off_is_told_with_the_frame_it_was_cut_from() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (mut turns, said) = conversation(&mut random);
        let snap = 1 + random.below(600);
        for sent in turns.iter_mut().flatten() {
            sent.cut = sent.bytes.len().saturating_sub(snap);
            sent.bytes.truncate(snap);
        }
        let capture = framed(turns, said);
        let told = rebuild(line, &capture);
        for side in [CLIENT, SERVER] {
            let frames = (1..).zip(&capture).filter(|(_, sent)| sent.side == side);
            let expected = frames.flat_map(|(frame, sent): (u64, _)| {
                let bytes = sent.bytes.iter().map(move |byte| Part::Byte(*byte, frame));
                let cut = u64::try_from(sent.cut).unwrap();
                bytes.chain((cut > 0).then_some(Part::Gap(cut, Some(frame))))
            });
            let expected: Vec<Part> = expected.collect();
            assert_same(&told[0].streams[side], &expected, &format!("seed {seed}"));
        }
    }
}

#[test]
fn a_capture_that_begins_in_mid_connection_tells_all_that_follows() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let line = line(&mut random);
        let (turns, said) = conversation(&mut random);
        let capture = framed(turns, said);
        let begin = 3 + random.below(capture.len() - 6);
        let capture = capture[begin..].to_vec();
        let told = rebuild(line, &capture);
        assert_eq!(told.len(), 1, "seed {seed}");
        assert!(!told[0].saw_start, "seed {seed}");
        assert_eq!(told[0].client, 49_152, "the lower port is the server's");
        for side in [CLIENT, SERVER] {
            let whole = expected(&capture, side, said[side]);
            let seen = whole
                .iter()
                .skip_while(|part| matches!(part, Part::Gap(..)));
            let seen: Vec<Part> = seen.copied().collect();
            assert_same(&told[0].streams[side], &seen, &format!("seed {seed}"));
        }
    }
}
