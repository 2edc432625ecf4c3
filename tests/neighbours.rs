//! Names asked for without DNS: what a recorded client that DNS knows no address for does when its neighbours are asked too.
//!
//! Frames are added to `captures/07-dns-nxdomain-mp.pcap`, written as RFC 4795 and RFC 1002 have them. What `tests/data/llmnr.md` tells
//! of is recorded.

#[path = "support/random.rs"]
mod random;
#[path = "support/records.rs"]
mod records;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::listing::{Line, Listing, Value};
use why401::report::Report;
use why401::wire::{llmnr, nbns};

use crate::random::Random;
use crate::records::{RECORD_HEADER, records, some};

const CLIENT: [u8; 4] = [10, 20, 51, 51];
const SERVER: [u8; 4] = [10, 20, 51, 80];
const LINK: [u8; 4] = [224, 0, 0, 252];
const NETWORK: [u8; 4] = [10, 20, 51, 255];

/// Questions for `SMS4-120-52S`, and answers to them.
const LLMNR_QUESTION: &[u8] = b"\x5a\x11\0\0\0\x01\0\0\0\0\0\0\x0cSMS4-120-52S\0\0\x01\0\x01";
const LLMNR_ANSWER: &[u8] = b"\x5a\x11\x80\0\0\x01\0\x01\0\0\0\0\x0cSMS4-120-52S\0\0\x01\0\x01\
    \xc0\x0c\0\x01\0\x01\0\0\0\x1e\0\x04\x0a\x14\x33\x50";
const NBNS_QUESTION: &[u8] = b"\x63\xf0\x01\x10\0\x01\0\0\0\0\0\0\
    \x20FDENFDDECNDBDCDACNDFDCFDCACACAAA\0\0\x20\0\x01";
const NBNS_ANSWER: &[u8] = b"\x63\xf0\x85\0\0\0\0\x01\0\0\0\0\
    \x20FDENFDDECNDBDCDACNDFDCFDCACACAAA\0\0\x20\0\x01\0\0\0\xa5\0\x06\0\0\x0a\x14\x33\x50";

fn recorded() -> Vec<u8> {
    let name = "captures/07-dns-nxdomain-mp.pcap";
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a capture")
}

/// A frame one second behind the recorded ones, as many microseconds later as there are frames.
fn add(file: &mut Vec<u8>, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) {
    let known = records(file);
    let last = known.last().expect("a record");
    let second = u32::from_le_bytes(last[..4].try_into().expect("four bytes"));
    let count = u32::try_from(known.len()).expect("a few");
    let mut frame = last[RECORD_HEADER..RECORD_HEADER + 14].to_vec();
    let udp = u16::try_from(8 + payload.len()).expect("a short datagram");
    frame.extend([0x45, 0]);
    frame.extend((20 + udp).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    frame.extend(from.0.iter().chain(&to.0));
    for number in [from.1, to.1, udp, 0] {
        frame.extend(number.to_be_bytes());
    }
    frame.extend(payload);
    let len = u32::try_from(frame.len()).expect("a short frame");
    for number in [second + 1, count, len, len] {
        file.extend(number.to_le_bytes());
    }
    file.extend(frame);
}

fn asks_by_llmnr(file: &mut Vec<u8>) {
    add(file, (CLIENT, 50_000), (LINK, 5_355), LLMNR_QUESTION);
}

fn reader(file: &[u8]) -> CaptureReader {
    CaptureReader::new(Box::new(Cursor::new(file.to_vec()))).expect("a capture")
}

fn report(file: &[u8]) -> Report {
    diagnose::diagnose(reader(file), &Settings::default())
}

fn list(file: &[u8]) -> Vec<Line> {
    let mut listing = Listing::default();
    diagnose::messages(&mut reader(file), &Settings::default(), &mut |message| {
        listing.add(&message);
    });
    listing.into_lines(None, None)
}

fn headline(report: &Report) -> Option<&'static str> {
    let attempt = report.attempts.first()?;
    attempt.headline().map(|finding| finding.rule.id)
}

#[test]
fn a_question_that_no_neighbour_answers_is_in_the_story_and_changes_nothing() {
    let mut file = recorded();
    asks_by_llmnr(&mut file);
    add(&mut file, (CLIENT, 137), (NETWORK, 137), NBNS_QUESTION);
    let report = report(&file);
    assert_eq!(headline(&report), Some("dns-mp-nxdomain"));
    let steps = &report.attempts[0].steps;
    let told: Vec<(&str, &str)> = steps
        .iter()
        .filter(|step| step.kind != "dns")
        .map(|step| (step.kind, step.text.as_str()))
        .collect();
    let text = |system| format!("asks for the address of SMS4-120-52S by {system}: no answer");
    let (llmnr, nbns) = (text("LLMNR"), text("NetBIOS"));
    assert_eq!(told, [("llmnr", llmnr.as_str()), ("nbns", nbns.as_str())]);
}

#[test]
fn a_name_that_a_neighbour_answers_for_is_not_said_to_be_lost() {
    let mut file = recorded();
    assert_eq!(headline(&report(&file)), Some("dns-mp-nxdomain"));
    asks_by_llmnr(&mut file);
    add(&mut file, (SERVER, 5_355), (CLIENT, 50_000), LLMNR_ANSWER);
    assert_eq!(headline(&report(&file)), None);
    let mut other = recorded();
    add(&mut other, (CLIENT, 137), (NETWORK, 137), NBNS_QUESTION);
    add(&mut other, (SERVER, 137), (CLIENT, 137), NBNS_ANSWER);
    assert_eq!(headline(&report(&other)), None);
}

#[test]
fn an_answer_whose_question_was_not_captured_counts_all_the_same() {
    let mut file = recorded();
    asks_by_llmnr(&mut file);
    add(&mut file, (SERVER, 5_355), (CLIENT, 50_000), LLMNR_ANSWER);
    let mut kept = records(&file);
    kept.remove(8);
    assert_eq!(headline(&report(&some(&file, &kept))), None);
}

#[test]
fn an_answer_of_one_machine_and_the_question_to_all_name_each_other() {
    let mut file = recorded();
    asks_by_llmnr(&mut file);
    add(&mut file, (SERVER, 5_355), (CLIENT, 50_000), LLMNR_ANSWER);
    add(&mut file, (CLIENT, 137), (NETWORK, 137), NBNS_QUESTION);
    add(&mut file, (SERVER, 137), (CLIENT, 137), NBNS_ANSWER);
    let listed = list(&file);
    let links: Vec<(&str, u64, Option<i64>)> = listed
        .iter()
        .filter(|line| !line.kind.starts_with("dns"))
        .map(|line| {
            let link = line.fields.0.iter().find_map(|(name, value)| match value {
                Value::Number(frame) if name.ends_with("_frame") => Some(*frame),
                _ => None,
            });
            (line.kind, line.first_frame().0, link)
        })
        .collect();
    let wanted = [
        ("llmnr-query", 9, Some(10)),
        ("llmnr-response", 10, Some(9)),
        ("nbns-query", 11, Some(12)),
        ("nbns-response", 12, Some(11)),
    ];
    assert_eq!(links, wanted);
}

#[test]
fn recorded_questions_over_ipv4_and_ipv6_are_listed_with_their_answers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/llmnr.pcap");
    let listed = list(&fs::read(path).expect("a capture"));
    let said: Vec<(u64, &str, &str)> = listed
        .iter()
        .map(|line| (line.first_frame().0, line.kind, line.summary.as_str()))
        .collect();
    let wanted = [
        (1, "llmnr-query", "A MP"),
        (2, "llmnr-response", "A MP: A 10.77.0.10"),
        (3, "llmnr-query", "AAAA MP"),
        (4, "llmnr-response", "AAAA MP: AAAA fe80::43:b1ff:fe30:2767"),
        (5, "llmnr-query", "ANY NOBODY"),
        (6, "llmnr-query", "A MP"),
        (7, "llmnr-response", "A MP: A 10.77.0.10"),
    ];
    assert_eq!(said, wanted);
}

#[test]
fn no_change_of_bytes_makes_a_decoder_panic() {
    let seeds = [LLMNR_QUESTION, LLMNR_ANSWER, NBNS_QUESTION, NBNS_ANSWER];
    let mut random = Random::new(0x4e42_4e53);
    let mut read = 0;
    for _ in 0..100_000 {
        let mut bytes = seeds[random.below(seeds.len())].to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = u8::try_from(random.below(256)).expect("a byte");
        }
        bytes.truncate(bytes.len() - random.below(bytes.len()) * random.below(2));
        let told = nbns::decode(&bytes).is_ok_and(|told| told.is_some());
        read += usize::from(llmnr::decode(&bytes).is_ok() || told);
    }
    assert!(read > 30_000, "{read}");
}
