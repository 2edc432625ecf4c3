//! Several captures of one event: two places that saw the same packets, and one trace in several files.

#[path = "support/records.rs"]
mod records;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use why401::capture::CaptureReader;
use why401::diagnose::vantage::{self, Vantage};
use why401::diagnose::{self, Settings};
use why401::report::Report;

use crate::records::{RECORD_HEADER, records, some};

const CLIENT: &str = "tests/data/two-places-client.pcap";
const SERVER: &str = "tests/data/two-places-mp.pcap";

fn bytes(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a capture")
}

fn reader(bytes: &[u8]) -> CaptureReader {
    CaptureReader::new(Box::new(Cursor::new(bytes.to_vec()))).expect("a capture")
}

fn compared(first: &[u8], second: &[u8]) -> Option<Vantage> {
    vantage::compare(&mut reader(first), &mut reader(second))
}

fn case(files: &[Vec<u8>]) -> Report {
    let captures = files.iter().enumerate().map(|(at, file)| {
        let shared = (at > 0).then(|| compared(&files[0], file)).flatten();
        (reader(file), shared)
    });
    let names: Vec<String> = (0..files.len()).map(|at| format!("{at}.pcap")).collect();
    diagnose::diagnose_case(captures.collect(), &names, Vec::new(), &Settings::default())
}

/// Outcome, cause and sentences, without the numbers of frames.
fn told(report: &Report) -> Vec<String> {
    let mut told = Vec::new();
    for attempt in &report.attempts {
        let headline = attempt.headline().map(|finding| finding.rule.id);
        told.push(format!("{} {headline:?}", attempt.outcome.name()));
        for step in &attempt.steps {
            let words = step.text.split(|letter: char| letter.is_ascii_digit());
            told.push(words.collect());
        }
    }
    told
}

#[test]
fn two_places_tell_one_story_and_how_far_their_clocks_are_apart() {
    let (client, server) = (bytes(CLIENT), bytes(SERVER));
    let shared = compared(&client, &server).expect("packets that both saw");
    assert_eq!(shared.shared, 23);
    assert_eq!((shared.only_first, shared.only_second), (0, 0));
    let apart = shared.offset - 7_300_000_000;
    assert!(
        apart.abs() < 1_000_000,
        "the way takes microseconds: {apart}"
    );
    let alone = case(std::slice::from_ref(&client));
    for files in [[client.clone(), server.clone()], [server, client]] {
        let both = case(&files);
        assert_eq!(told(&both), told(&alone));
        assert_eq!(both.inputs.len(), 2);
        assert!(both.vantages[0].contains("7.300 s"), "{:?}", both.vantages);
    }
}

#[test]
fn both_sides_of_a_real_translation_of_addresses_tell_one_story() {
    let (client, server) = (
        bytes("captures/74-nat-at-client.pcap"),
        bytes("captures/74b-nat-at-server.pcap"),
    );
    let alone = case(std::slice::from_ref(&client));
    let (inside, outside) = ("192.168.50.2", "10.77.1.99");
    for (files, nearer) in [
        (
            [client.clone(), server.clone()],
            "at 0.pcap, which is nearer",
        ),
        ([server, client], "at 1.pcap, which is nearer"),
    ] {
        let both = case(&files);
        assert_eq!(told(&both), told(&alone));
        assert_eq!(both.attempts.len(), 1);
        let client = both.attempts[0].client.address;
        assert_eq!(client.to_string(), inside);
        let told = both.vantages.join(" ");
        assert!(told.contains(inside) && told.contains(outside), "{told}");
        assert!(told.contains(nearer), "{told}");
    }
}

#[test]
fn a_packet_that_one_place_lacks_is_told_and_taken_from_the_other() {
    let (client, server) = (bytes(CLIENT), bytes(SERVER));
    let alone = told(&case(std::slice::from_ref(&client)));
    let of_client = records(&client);
    for lost in 0..of_client.len() {
        let mut kept = of_client.clone();
        kept.remove(lost);
        let report = case(&[some(&client, &kept), server.clone()]);
        // The talk with the KDCs passes the client alone: what is lost of it is lost.
        if !(13..=16).contains(&lost) {
            assert_eq!(told(&report), alone, "without frame {}", lost + 1);
        }
    }
    let mut kept = of_client.clone();
    kept.remove(5);
    let shared = compared(&some(&client, &kept), &server).expect("shared packets");
    assert_eq!((shared.only_first, shared.only_second), (0, 1));
}

/// The capture as it would be on the other side of a device that rewrites `from` to `to`, and the client's ports to others, and
/// numbers packets anew. No such pair was recorded: this one is made of the recorded one. Checksums are not mended, as no capture
/// is judged by them.
fn behind_nat(capture: &[u8], from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let number = |at: usize| u16::try_from(at + 1_000).expect("a short capture");
    let rewrite = |(at, record): (usize, &[u8])| {
        let mut record = record.to_vec();
        // Ethernet, and IPv4 without options.
        let ip = RECORD_HEADER + 14;
        if record[ip - 2..ip] == [8, 0] && record[ip] == 0x45 && record[ip + 9] == 6 {
            record[ip + 4..ip + 6].copy_from_slice(&number(at).to_be_bytes());
            for (address, port) in [(ip + 12, ip + 20), (ip + 16, ip + 22)] {
                if record[address..address + 4] == from {
                    record[address..address + 4].copy_from_slice(&to);
                    record[port] ^= 0x55;
                }
            }
        }
        record
    };
    let rewritten: Vec<Vec<u8>> = records(capture)
        .into_iter()
        .enumerate()
        .map(rewrite)
        .collect();
    let rewritten: Vec<&[u8]> = rewritten.iter().map(Vec::as_slice).collect();
    some(capture, &rewritten)
}

#[test]
fn addresses_that_are_rewritten_on_the_way_are_known_by_what_the_connections_carry() {
    let (client, server) = (bytes(CLIENT), bytes(SERVER));
    let outside = behind_nat(&server, [10, 20, 51, 51], [192, 0, 2, 1]);
    assert_ne!(outside, server);
    let plain = compared(&client, &server).expect("shared packets");
    let shared = compared(&client, &outside).expect("shared packets");
    assert_eq!(shared.shared, plain.shared);
    assert_eq!((shared.only_first, shared.only_second), (0, 0));
    assert_eq!(shared.offset, plain.offset);
    let alone = case(std::slice::from_ref(&client));
    // A third place, between another device and the server.
    let farther = behind_nat(&server, [10, 20, 51, 51], [192, 0, 2, 7]);
    for files in [
        vec![client.clone(), outside.clone()],
        vec![outside.clone(), client.clone()],
        vec![outside.clone(), client.clone(), farther],
    ] {
        let both = case(&files);
        assert_eq!(told(&both), told(&alone), "{} files", files.len());
        let sentence = &both.vantages[0];
        assert!(sentence.contains("7.300 s"), "{sentence}");
        assert!(
            sentence.contains("10.20.51.51:") && sentence.contains("192.0.2.1:"),
            "{sentence}"
        );
    }
    // A packet that one place lost is told.
    let mut kept = records(&outside);
    kept.remove(5);
    let shared = compared(&client, &some(&outside, &kept)).expect("shared packets");
    assert_eq!((shared.only_first, shared.only_second), (1, 0));
}

#[test]
fn connections_that_only_look_alike_are_two() {
    let server = bytes(SERVER);
    let outside = behind_nat(&server, [10, 20, 51, 51], [192, 0, 2, 1]);
    // Another connection of the same client with the same bytes has other sequence numbers.
    let moved: Vec<Vec<u8>> = records(&outside)
        .into_iter()
        .map(|record| {
            let mut record = record.to_vec();
            let tcp = RECORD_HEADER + 14 + 20;
            record[tcp + 4] ^= 1;
            record[tcp + 8] ^= 1;
            record
        })
        .collect();
    let moved: Vec<&[u8]> = moved.iter().map(Vec::as_slice).collect();
    assert_eq!(compared(&server, &some(&outside, &moved)), None);
}

#[test]
fn a_port_that_another_client_gets_later_is_not_the_first_ones() {
    let (client, server) = (bytes(CLIENT), bytes(SERVER));
    let outside = behind_nat(&server, [10, 20, 51, 51], [192, 0, 2, 1]);
    // An hour later the device gives the same port to a client that the first capture has not: other sequence numbers.
    let later: Vec<Vec<u8>> = records(&outside)
        .into_iter()
        .map(|record| {
            let mut record = record.to_vec();
            let seconds = u32::from_le_bytes(record[..4].try_into().expect("four bytes"));
            record[..4].copy_from_slice(&(seconds + 3_600).to_le_bytes());
            let tcp = RECORD_HEADER + 14 + 20;
            record[tcp + 4] ^= 1;
            record[tcp + 8] ^= 1;
            record
        })
        .collect();
    let mut both = records(&outside);
    both.extend(later.iter().map(Vec::as_slice));
    let report = case(&[client.clone(), some(&outside, &both)]);
    assert_eq!(report.vantages.len(), 1);
    let addresses: Vec<String> = report
        .attempts
        .iter()
        .map(|it| it.client.address.to_string())
        .collect();
    let alone = case(&[client]).attempts.len();
    let of_first = addresses.iter().filter(|it| *it == "10.20.51.51").count();
    assert_eq!(of_first, alone, "{addresses:?}");
    assert!(addresses.contains(&"192.0.2.1".to_owned()), "{addresses:?}");
}

#[test]
fn each_frame_knows_its_place_in_its_own_file() {
    let report = case(&[bytes(CLIENT), bytes(SERVER)]);
    for step in &report.attempts[0].steps {
        assert_eq!(step.places.len(), step.frames.len());
        let numbers: Vec<u64> = step.places.iter().map(|(_, number)| number.0).collect();
        assert!(numbers.iter().all(|number| (1..=27).contains(number)));
    }
    let first = &report.attempts[0].steps[0];
    assert_eq!(
        first.places[0].0, 0,
        "the client sees its own request first"
    );
    assert_eq!(first.places[0].1.0, 4);
}

#[test]
fn a_trace_in_several_files_is_one_trace() {
    let whole = bytes("captures/article.pcap");
    let wanted = told(&case(std::slice::from_ref(&whole)));
    let records = records(&whole);
    for at in 1..records.len() {
        let files = [some(&whole, &records[..at]), some(&whole, &records[at..])];
        for files in [files.clone(), [files[1].clone(), files[0].clone()]] {
            let report = case(&files);
            assert_eq!(told(&report), wanted, "cut behind frame {at}");
            assert!(report.vantages.is_empty());
        }
    }
}

#[test]
fn captures_of_different_events_have_nothing_in_common() {
    let (one, other) = (
        bytes("captures/article.pcap"),
        bytes("captures/03-spn-missing.pcap"),
    );
    assert_eq!(compared(&one, &other), None);
}

fn run(words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .expect("the program");
    let told = String::from_utf8(output.stdout).expect("text");
    (output.status.code(), told)
}

#[test]
fn the_command_names_the_file_of_a_frame() {
    let (status, told) = run(&[CLIENT, SERVER]);
    assert_eq!(status, Some(0));
    assert!(told.contains("two-places-client.pcap#4–7"), "{told}");
    for format in ["text", "html", "markdown", "mermaid"] {
        let (_, told) = run(&["--format", format, CLIENT, SERVER]);
        // `#35;` is how a diagram writes `#`.
        let told = told.replace('\n', " ").replace("#35;", "#");
        let words: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let sentence = "the ticket of two-places-client.pcap#17";
        assert!(words.contains(sentence), "{format}: {words}");
        let merged = words.match_indices("frame ").find(|(at, word)| {
            words[at + word.len()..].starts_with(|letter: char| letter.is_ascii_digit())
        });
        assert_eq!(merged, None, "{format}");
    }
    let (_, told) = run(&["--format", "json", CLIENT, SERVER]);
    let report: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(report["inputs"].as_array().expect("inputs").len(), 2);
    let place = &report["attempts"][0]["steps"][0]["places"][0];
    assert_eq!(
        (place["file"].as_u64(), place["frame"].as_u64()),
        (Some(0), Some(4))
    );
    let (_, told) = run(&["list", "--format", "jsonl", CLIENT, SERVER]);
    let files: Vec<u64> = told
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|line| line["file"].as_u64().expect("a file"))
        .collect();
    assert!(files.contains(&0) && files.contains(&1));
}

#[test]
fn messages_of_several_captures_are_listed_by_time_and_each_captures_by_frame() {
    let (_, told) = run(&["list", "--format", "jsonl", SERVER, CLIENT]);
    let lines: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let time = |line: &serde_json::Value| line["time"].as_str().expect("a time").to_owned();
    assert!(lines.iter().map(time).is_sorted(), "{told}");
    for file in [0, 1] {
        let own = lines.iter().filter(|line| line["file"] == file);
        let frames = own.map(|line| (line["first_frame"].as_u64(), line["last_frame"].as_u64()));
        assert!(frames.clone().count() > 1 && frames.is_sorted(), "{told}");
    }
    let (_, told) = run(&["list", "--time", "utc", SERVER, CLIENT]);
    let named = |name: &str| told.lines().filter(|line| line.starts_with(name)).count();
    let all = named("two-places-client.pcap#") + named("two-places-mp.pcap#");
    assert_eq!(all, lines.len(), "{told}");
}

#[test]
fn standard_input_is_none_of_several() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join(SERVER);
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([CLIENT, "-"])
        .stdin(fs::File::open(server).expect("a capture"))
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("standard input is read once"), "{said}");
}
