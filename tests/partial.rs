//! Captures that hold less than was sent: what is missing from them is no fault of anybody, and nobody is blamed for it.
//!
//! Made from the recorded captures by leaving out the frames of one direction, as a switch does that mirrors the other, and by
//! cutting frames short, as a snap length does: 128 bytes are what `pktmon` keeps by default.

#[path = "support/records.rs"]
mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::finding::Severity;
use why401::report::Report;

use crate::records::{FILE_HEADER, RECORD_HEADER, records, some};

/// Where an Ethernet frame with IPv4 has the source and the destination.
const SOURCE: usize = 26;
const DESTINATION: usize = 30;

/// The recorded captures that are little-endian pcap with Ethernet in it.
fn recorded() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut found: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(folder)
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pcap")
        })
        .map(|path| (path.clone(), fs::read(path).expect("a capture")))
        .filter(|(_, bytes)| bytes.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]) && bytes[20] == 1)
        .collect();
    found.sort();
    assert!(found.len() > 30, "there are captures");
    found
}

fn address(record: &[u8], place: usize) -> Option<Ipv4Addr> {
    let frame = &record[RECORD_HEADER..];
    let is_ipv4 = frame.get(12..14) == Some(&[8, 0]);
    let octets: [u8; 4] = frame.get(place..place + 4)?.try_into().ok()?;
    is_ipv4.then(|| Ipv4Addr::from(octets))
}

/// The file with those records of which `client` stands at `place`.
fn direction(bytes: &[u8], place: usize, client: Ipv4Addr) -> Vec<u8> {
    let kept = records(bytes)
        .into_iter()
        .filter(|record| address(record, place) == Some(client));
    let mut file = bytes[..FILE_HEADER].to_vec();
    file.extend(kept.flatten());
    file
}

/// The address that sends the first frame.
fn client(bytes: &[u8]) -> Option<Ipv4Addr> {
    records(bytes)
        .first()
        .and_then(|record| address(record, SOURCE))
}

fn report(bytes: Vec<u8>) -> Report {
    let reader = CaptureReader::new(Box::new(std::io::Cursor::new(bytes))).expect("a capture");
    diagnose::diagnose(reader, &Settings::default())
}

/// All rules that say something of a capture.
fn told(report: &Report) -> BTreeSet<&'static str> {
    let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
    of_attempts
        .chain(&report.findings)
        .map(|finding| finding.rule.id)
        .collect()
}

/// The rules that find an error in a capture.
fn blamed(bytes: Vec<u8>) -> BTreeSet<&'static str> {
    let report = report(bytes);
    let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
    of_attempts
        .chain(&report.findings)
        .filter(|finding| finding.severity >= Severity::Error)
        .map(|finding| finding.rule.id)
        .collect()
}

/// The same for what one direction of each capture holds.
fn errors(place: usize) -> BTreeMap<PathBuf, BTreeSet<&'static str>> {
    recorded()
        .into_iter()
        .filter_map(|(path, bytes)| {
            let client = client(&bytes)?;
            Some((path, blamed(direction(&bytes, place, client))))
        })
        .collect()
}

/// The file with at most `most` bytes of each frame.
fn snapped(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut file = bytes[..FILE_HEADER].to_vec();
    for record in records(bytes) {
        let kept = (record.len() - RECORD_HEADER).min(most);
        let len = u32::try_from(kept).expect("a length of a frame");
        file.extend(&record[..8]);
        file.extend(len.to_le_bytes());
        file.extend(&record[12..RECORD_HEADER + kept]);
    }
    file
}

/// Without the name of the ticket before it, a refusal by the next realm is told as the one of the realm that was asked.
const SAME_IN_OTHER_WORDS: &str = "tgs-spn-unknown";
/// What a part tells by one rule and the whole by another, which knows more.
const LESS_SAID: [(&str, &str); 3] = [
    // Without the request that was answered, one that was not is told without the comparison.
    ("http-no-answer", "mp-reset-after-token"),
    // Without the request for the referral, the ticket that is shown tells that there was one.
    ("ref-dead-end", "tgs-spn-unknown"),
    // Without the request that a proxy was sent, nobody knows what the proxy passed on.
    ("http-401-no-reason", "http-proxy-in-path"),
];
/// What a KDC said to the client before the capture began nobody can see; the rule names it as a rival.
const FORGOTTEN: &str = "http-client-stays-silent";

/// The rules that blame somebody in a part of a capture and say nothing in the whole of it, each with the part.
fn wronged(but: &str, parts: impl Fn(&[u8]) -> Vec<(usize, Vec<u8>)>) -> Vec<String> {
    let mut wronged = Vec::new();
    for (path, bytes) in recorded() {
        let whole = told(&report(bytes.clone()));
        for (size, part) in parts(&bytes) {
            let of_part = blamed(part);
            let new = of_part
                .difference(&whole)
                .filter(|rule| ![but, SAME_IN_OTHER_WORDS].contains(*rule))
                .filter(|rule| !is_less_said(rule, &whole));
            for rule in new {
                wronged.push(format!("{} at {size}: {rule}", path.display()));
            }
        }
    }
    wronged
}

fn is_less_said(rule: &str, whole: &BTreeSet<&'static str>) -> bool {
    let mut pairs = LESS_SAID.iter();
    pairs.any(|(part, more)| *part == rule && whole.contains(more))
}

fn assert_nobody(wronged: &[String]) {
    assert!(wronged.is_empty(), "{}", wronged.join("\n"));
}

#[test]
fn a_snap_length_brings_no_blame() {
    assert_nobody(&wronged("", |bytes| {
        (40..=1_400)
            .step_by(8)
            .map(|most| (most, snapped(bytes, most)))
            .collect()
    }));
}

#[test]
fn a_capture_that_ends_early_brings_no_blame() {
    assert_nobody(&wronged("", |bytes| {
        let records = records(bytes);
        (1..records.len())
            .map(|end| (end, some(bytes, &records[..end])))
            .collect()
    }));
}

#[test]
fn a_capture_that_begins_late_brings_no_blame() {
    assert_nobody(&wronged(FORGOTTEN, |bytes| {
        let records = records(bytes);
        (1..records.len())
            .map(|begin| (begin, some(bytes, &records[begin..])))
            .collect()
    }));
}

#[test]
fn a_frame_that_was_not_captured_brings_no_blame() {
    assert_nobody(&wronged("", |bytes| {
        let records = records(bytes);
        let without = |lost: usize| {
            let mut kept = records.clone();
            kept.remove(lost);
            some(bytes, &kept)
        };
        (0..records.len())
            .map(|lost| (lost + 1, without(lost)))
            .collect()
    }));
}

#[test]
fn an_answer_whose_head_was_not_captured_takes_no_other_answer_for_its_question() {
    let name = "19i-http-capture-starts-mid-connection.pcap";
    let (_, bytes) = recorded()
        .into_iter()
        .find(|(path, _)| path.ends_with(name))
        .expect("the capture");
    // The head of the first 401.
    let without = records(&bytes).into_iter().enumerate();
    let without = without.filter(|(at, _)| *at != 6).map(|(_, record)| record);
    let mut file = bytes[..FILE_HEADER].to_vec();
    file.extend(without.flatten());
    let report = report(file);
    let [attempt] = report.attempts.as_slice() else {
        panic!("one attempt: {}", report.attempts.len());
    };
    assert_eq!(attempt.outcome.name(), "kerberos-accepted");
}

#[test]
fn nobody_is_blamed_where_only_the_client_is_heard() {
    for (path, found) in errors(SOURCE) {
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn what_one_direction_lacks_is_told() {
    for place in [SOURCE, DESTINATION] {
        let bytes =
            fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/03-spn-missing.pcap"))
                .expect("a capture");
        let client = client(&bytes).expect("an address");
        let report = report(direction(&bytes, place, client));
        let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
        let mut found = of_attempts.chain(&report.findings);
        assert!(found.any(|finding| finding.rule.id == "cap-one-sided"));
    }
}

#[test]
fn nobody_is_blamed_where_only_the_servers_are_heard() {
    for (path, found) in errors(DESTINATION) {
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

/// How the first attempt of a capture ends, as far as each of its frames tells.
fn outcomes_so_far(name: &str) -> Vec<(usize, &'static str)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    let bytes = fs::read(path).expect("a capture");
    let records = records(&bytes);
    (1..=records.len())
        .filter_map(|end| {
            let report = report(some(&bytes, &records[..end]));
            Some((end, report.attempts.first()?.outcome.name()))
        })
        .collect()
}

#[test]
fn a_proxy_that_closes_its_connection_does_not_end_what_its_client_does() {
    for (end, outcome) in outcomes_so_far("96-passed-on-at-server.pcap") {
        let expected = if end < 20 {
            "cut-short"
        } else {
            "kerberos-accepted"
        };
        assert_eq!(outcome, expected, "at {end}");
    }
}

#[test]
fn a_capture_that_ends_with_the_first_syn_does_not_tell_that_nobody_answers() {
    for name in [
        "96-passed-on-at-server.pcap",
        "106-token-lost-at-proxy.pcap",
    ] {
        let first = outcomes_so_far(name).first().copied();
        assert_eq!(first, Some((1, "cut-short")), "{name}");
    }
}

/// Outcomes and causes of a capture.
fn verdicts(report: &Report) -> Vec<(String, Option<&'static str>)> {
    report
        .attempts
        .iter()
        .map(|attempt| {
            let headline = attempt.headline().map(|finding| finding.rule.id);
            (attempt.outcome.name().to_owned(), headline)
        })
        .collect()
}

/// The captures whose verdicts change with what `change` does to their records.
fn changed(change: impl Fn(&mut Vec<&[u8]>)) -> Vec<String> {
    let mut changed = Vec::new();
    for (path, bytes) in recorded() {
        let mut records = records(&bytes);
        change(&mut records);
        let whole = verdicts(&report(bytes.clone()));
        let other = verdicts(&report(some(&bytes, &records)));
        if whole != other {
            changed.push(format!("{}: {whole:?}, {other:?}", path.display()));
        }
    }
    changed
}

#[test]
fn a_mirror_port_that_sends_each_frame_twice_changes_no_verdict() {
    assert_nobody(&changed(|records| {
        let twice = records.iter().flat_map(|record| [*record, *record]);
        *records = twice.collect();
    }));
}

#[test]
fn the_same_ports_and_numbers_over_and_over_make_no_verdict() {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap"))
        .expect("a capture");
    let mut file = bytes[..FILE_HEADER].to_vec();
    for second in 0..600_u32 {
        for record in records(&bytes) {
            let time = u32::from_le_bytes(record[..4].try_into().expect("four bytes"));
            file.extend((time + second).to_le_bytes());
            file.extend(&record[4..]);
        }
    }
    assert!(blamed(file).is_empty());
}

/// In this capture the client's next question stands before the answer that led to it, so that nothing joins the two: less is
/// said then, and nothing else.
const CHAIN_BROKEN: (&str, usize) = ("03b-spn-missing-ntlm-fallback-200.pcap", 15);

#[test]
fn two_frames_that_were_written_in_the_wrong_order_change_no_verdict() {
    let mut changed = Vec::new();
    for (path, bytes) in recorded() {
        let whole = verdicts(&report(bytes.clone()));
        let records = records(&bytes);
        for second in 1..records.len() {
            let mut swapped = records.clone();
            swapped.swap(second - 1, second);
            let other = verdicts(&report(some(&bytes, &swapped)));
            if whole != other && !(path.ends_with(CHAIN_BROKEN.0) && second == CHAIN_BROKEN.1) {
                let path = path.display();
                changed.push(format!("{path} at {second}: {whole:?}, {other:?}"));
            }
        }
    }
    assert_nobody(&changed);
}

#[test]
fn a_circle_of_which_an_answer_was_not_captured_stays_possible() {
    let recorded = recorded();
    let is_circle = |path: &Path| path.to_string_lossy().contains("23h-kerberos-wrong-realm");
    let (_, bytes) = recorded
        .iter()
        .find(|(path, _)| is_circle(path))
        .expect("the circle");
    let mut file = bytes[..FILE_HEADER].to_vec();
    let kept = records(bytes).into_iter().enumerate();
    file.extend(kept.filter(|(at, _)| *at != 14).flat_map(|(_, it)| it));
    let report = report(file);
    let headline = report.attempts[0].headline().expect("a headline");
    let may_be_circle = headline.rivals.iter().any(|it| it.rule == "ref-loop");
    assert!(
        headline.rule.id == "ref-loop" || may_be_circle,
        "{}",
        headline.rule.id
    );
}

/// How the attempts of a capture ended, and why.
fn endings(report: &Report) -> Vec<(&'static str, Option<&'static str>)> {
    let attempts = report.attempts.iter();
    attempts
        .map(|it| (it.outcome.name(), it.headline().map(|cause| cause.rule.id)))
        .collect()
}

#[test]
fn times_in_milliseconds_as_some_formats_keep_them_change_no_ending() {
    for (path, bytes) in recorded() {
        let mut coarse = bytes[..FILE_HEADER].to_vec();
        for record in records(&bytes) {
            let micros: [u8; 4] = record[4..8].try_into().expect("four bytes");
            let whole = u32::from_le_bytes(micros) / 1_000 * 1_000;
            coarse.extend(&record[..4]);
            coarse.extend(whole.to_le_bytes());
            coarse.extend(&record[8..]);
        }
        let (fine, coarse) = (report(bytes), report(coarse));
        assert_eq!(endings(&coarse), endings(&fine), "{}", path.display());
    }
}
