//! Calls that store a registration, in the capture itself, and the attempts that they are about.
//!
//! The captures are synthetic: the sign-on of `captures/article.pcap`, and behind it sessions of `tests/data/sql-calls.pcap` with
//! their times moved, and in some of them the identity or the name of the client replaced by another one of the same length. No
//! real site sent both.

#[path = "support/records.rs"]
mod records;

use std::fs;
use std::io::Cursor;
use std::ops::RangeInclusive;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::report::{AttemptReport, Report};

use crate::records::{records, some};

/// Frames of `article.pcap`.
const SIGN_ON: u64 = 30;
/// The identity in the sign-on, and the one in the calls.
const RECORDED: &str = "5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11";
const CALLED: &str = "EEAF9390-94EB-43AE-A0DE-F374E3E7E03B";
/// Frames of `sql-calls.pcap`: sessions with a statement and with named parameters, and one that is encrypted whole.
const STATEMENT: RangeInclusive<usize> = 1..=13;
const NAMED: RangeInclusive<usize> = 17..=29;
const ENCRYPTED: RangeInclusive<usize> = 119..=146;
const ALL: RangeInclusive<usize> = 1..=170;

fn bytes(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a capture")
}

fn seconds(record: &[u8]) -> u32 {
    u32::from_le_bytes(record[..4].try_into().expect("four bytes"))
}

/// `record` with its time moved.
fn moved(record: &[u8], seconds_to: u32) -> Vec<u8> {
    [&seconds_to.to_le_bytes(), &record[4..]].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// `bytes` with each text, which is UTF-16 there, replaced by another one of the same length.
fn replaced(bytes: &[u8], texts: &[(&str, &str)]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    for (old, new) in texts {
        let (old, new) = (wide(old), wide(new));
        assert_eq!(old.len(), new.len());
        for at in 0..all.len().saturating_sub(old.len()) {
            if all[at..].starts_with(&old) {
                all[at..at + old.len()].copy_from_slice(&new);
            }
        }
    }
    all
}

/// The sign-on, and those frames of the calls so many seconds after its last frame.
fn case(frames: RangeInclusive<usize>, later: i64, texts: &[(&str, &str)]) -> Report {
    let (sign_on, calls) = (
        bytes("captures/article.pcap"),
        bytes("tests/data/sql-calls.pcap"),
    );
    let mut all: Vec<Vec<u8>> = records(&sign_on).into_iter().map(<[u8]>::to_vec).collect();
    assert_eq!(all.len() as u64, SIGN_ON);
    let calls = session(&calls, frames, seconds(&all[all.len() - 1]), later, texts);
    if later < 0 {
        all.splice(0..0, calls);
    } else {
        all.extend(calls);
    }
    told(&sign_on, &all)
}

/// Frames of the calls, so many seconds after `end`.
fn session(
    calls: &[u8],
    frames: RangeInclusive<usize>,
    end: u32,
    later: i64,
    texts: &[(&str, &str)],
) -> Vec<Vec<u8>> {
    let calls = records(calls);
    let first = seconds(calls[frames.start() - 1]);
    let begin = u32::try_from(i64::from(end) + later).expect("a time");
    frames
        .map(|frame| {
            let record = calls[frame - 1];
            replaced(&moved(record, begin + seconds(record) - first), texts)
        })
        .collect()
}

fn told(like: &[u8], all: &[Vec<u8>]) -> Report {
    let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
    diagnose(some(like, &all))
}

fn diagnose(file: Vec<u8>) -> Report {
    let reader = CaptureReader::new(Box::new(Cursor::new(file))).expect("a capture");
    diagnose::diagnose(reader, &Settings::default())
}

/// First and last frame of each call in the story, and its words.
fn calls(attempt: &AttemptReport) -> Vec<(u64, u64, &str)> {
    let steps = attempt.steps.iter().filter(|step| step.kind == "sql-call");
    steps
        .map(|step| {
            (
                step.first_frame().0,
                step.last_frame().0,
                step.text.as_str(),
            )
        })
        .collect()
}

fn limitations<'r>(report: &'r Report, of: &str) -> Vec<&'r str> {
    let texts = report.limitations.iter().map(|it| it.text.as_str());
    texts.filter(|text| text.contains(of)).collect()
}

#[test]
fn a_call_behind_the_sign_on_is_a_step_of_it_and_says_whether_it_is_approved() {
    for (frames, first, last) in [(STATEMENT, 10, 11), (NAMED, 10, 10)] {
        let report = case(frames, 20, &[(CALLED, RECORDED)]);
        let attempt = &report.attempts[0];
        let (first, last) = (SIGN_ON + first, SIGN_ON + last);
        let [(begins, ends, text)] = calls(attempt)[..] else {
            panic!("one call");
        };
        assert_eq!((begins, ends), (first, last));
        assert!(text.contains("names the client's identity"), "{text}");
        assert_eq!(attempt.last_frame.0, last);
        assert_eq!(attempt.approval.state.name(), "approved");
        let because = &attempt.approval.because[0];
        assert!(because.contains(&format!(" {first}")), "{because}");
        let steps = &attempt.six_steps;
        assert!(steps.iter().all(|step| step.seen.name() == "seen"));
        assert_eq!(limitations(&report, "fits no attempt").len(), 0);
    }
}

#[test]
fn every_form_of_the_call_is_joined() {
    let report = case(ALL, 5, &[]);
    let attempt = &report.attempts[0];
    assert_eq!(calls(attempt).len(), 8);
    let is_by_name = |text: &str| text.contains("(names the client)");
    assert!(calls(attempt).iter().all(|(_, _, text)| is_by_name(text)));
    let because = &attempt.approval.because;
    let is_doubted = |text: &String| text.contains("may be an earlier registration");
    assert!(because.iter().any(is_doubted), "{because:?}");
}

#[test]
fn a_call_that_does_not_approve_outweighs_the_answer_of_the_management_point() {
    let refused = [
        (CALLED, RECORDED),
        ("@ApprovalMethod=1", "@ApprovalMethod=0"),
        ("@IsIntegratedAuth=1", "@IsIntegratedAuth=0"),
    ];
    let report = case(STATEMENT, 20, &refused);
    let attempt = &report.attempts[0];
    assert_eq!(attempt.approval.state.name(), "not-approved");
    let last = attempt.six_steps.last().expect("six steps");
    assert_eq!(last.seen.name(), "otherwise");
    assert_eq!(last.places, ["frames 40–41"]);
}

#[test]
fn a_call_about_another_client_or_before_the_sign_on_is_told_apart() {
    let other = [("WK02-020-51W", "WK99-020-51W")];
    for (later, texts) in [(20, &other[..]), (-20, &[])] {
        let report = case(STATEMENT, later, texts);
        assert!(calls(&report.attempts[0]).is_empty());
        let strangers = limitations(&report, "fits no attempt");
        assert_eq!(strangers.len(), 1);
        let frames = if later < 0 {
            "frames 10–11"
        } else {
            "frames 40–41"
        };
        assert!(strangers[0].contains(frames), "{strangers:?}");
        assert!(strangers[0].contains("@ApprovalMethod 1"), "{strangers:?}");
    }
}

#[test]
fn calls_alone_are_told_without_any_attempt() {
    let report = diagnose(bytes("tests/data/sql-calls.pcap"));
    assert!(report.attempts.is_empty());
    assert_eq!(limitations(&report, "fits no attempt").len(), 8);
}

#[test]
fn of_two_attempts_of_a_client_the_later_one_is_stored() {
    let sign_on = bytes("captures/article.pcap");
    let mut all: Vec<Vec<u8>> = records(&sign_on).into_iter().map(<[u8]>::to_vec).collect();
    let again = all.clone();
    let again = again
        .iter()
        .map(|record| moved(record, seconds(record) + 600));
    all.extend(again.collect::<Vec<_>>());
    let end = seconds(&all[all.len() - 1]);
    let calls_of = bytes("tests/data/sql-calls.pcap");
    all.extend(session(&calls_of, NAMED, end, 200, &[]));
    let report = told(&sign_on, &all);
    let stored: Vec<usize> = report.attempts.iter().map(|it| calls(it).len()).collect();
    assert_eq!(stored, [0, 1]);
}

#[test]
fn more_attempts_than_wait_and_more_calls_than_are_kept_are_told() {
    let sign_on = bytes("captures/article.pcap");
    let calls_of = bytes("tests/data/sql-calls.pcap");
    let mut all: Vec<Vec<u8>> = Vec::new();
    for round in 0..300 {
        let again = records(&sign_on);
        all.extend(again.iter().map(|it| moved(it, seconds(it) + 300 * round)));
    }
    for round in 0..70 {
        let end = seconds(&all[all.len() - 1]);
        all.extend(session(
            &calls_of,
            ALL,
            end,
            if round == 0 { 20 } else { 200 },
            &[],
        ));
    }
    let report = told(&sign_on, &all);
    let repeats: Vec<u64> = report.attempts.iter().map(|it| it.repeats).collect();
    // The dates in the server's answers do not move with the frames, so the first sign-on alone has the right time.
    assert_eq!(repeats, [1, 298, 1]);
    let stored: Vec<usize> = report.attempts.iter().map(|it| calls(it).len()).collect();
    assert_eq!(stored, [0, 0, 200]);
    let unkept = limitations(&report, "were not compared");
    assert_eq!(unkept.len(), 1, "{:?}", report.limitations);
    assert!(unkept[0].starts_with("48 more calls"), "{unkept:?}");
}

#[test]
fn a_case_that_ends_anywhere_is_told_to_there() {
    let sign_on = bytes("captures/article.pcap");
    let mut all: Vec<Vec<u8>> = records(&sign_on).into_iter().map(<[u8]>::to_vec).collect();
    let end = seconds(&all[all.len() - 1]);
    let calls_of = bytes("tests/data/sql-calls.pcap");
    all.extend(session(
        &calls_of,
        STATEMENT,
        end,
        20,
        &[(CALLED, RECORDED)],
    ));
    for len in 1..=all.len() {
        let report = told(&sign_on, &all[..len]);
        let stored: usize = report.attempts.iter().map(|it| calls(it).len()).sum();
        // The call is in two packets: the first has the names, the second the decision.
        assert!(stored <= 1 && (len >= 40 || stored == 0), "{len}");
    }
}

#[test]
fn an_encrypted_session_is_told_where_the_call_is_missed() {
    let report = case(ENCRYPTED, 20, &[]);
    let attempt = &report.attempts[0];
    assert!(calls(attempt).is_empty());
    let last = attempt.six_steps.last().expect("six steps");
    assert_eq!(last.seen.name(), "not shown");
    assert!(
        last.text.contains("encrypted from frame 36 on"),
        "{}",
        last.text
    );
}
