//! `extract --redact` of each recorded capture: the same story, in packets that hold no name and no secret.

#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/records.rs"]
mod records;
#[path = "support/secrets.rs"]
mod secrets;

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::frame::LinkType;
use why401::net::link::Network;
use why401::report::Report;

use crate::recorded::captures;
use crate::records::{records, some};
use crate::secrets::SECRETS;

fn capture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    folder.join(name)
}

/// A place of its own for each test and capture.
fn place(test: &str, path: &Path) -> PathBuf {
    let name = path.file_name().expect("a name").to_string_lossy();
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{name}.pcapng"))
}

fn run(words: &[&str], path: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .arg("extract")
        .args(words)
        .arg(path)
        .arg("-o")
        .arg(out)
        .output()
        .expect("the program")
}

fn redacted(test: &str, path: &Path) -> Vec<u8> {
    let out = place(test, path);
    let output = run(&["--redact"], path, &out);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}", path.display());
    fs::read(out).expect("an extract")
}

fn reader(bytes: &[u8]) -> CaptureReader {
    CaptureReader::new(Box::new(std::io::Cursor::new(bytes.to_vec()))).expect("a capture")
}

/// Of each attempt the outcome, the cause and the kinds of its steps.
fn told(bytes: &[u8]) -> Vec<(&'static str, Option<&'static str>, Vec<&'static str>)> {
    let report: Report = diagnose::diagnose(reader(bytes), &Settings::default());
    let attempts = report.attempts.iter().map(|attempt| {
        let cause = attempt.headline().map(|finding| finding.rule.id);
        let steps = attempt.steps.iter().map(|step| step.kind).collect();
        (attempt.outcome.name(), cause, steps)
    });
    attempts.collect()
}

#[test]
fn the_story_stays() {
    for path in captures() {
        let whole = fs::read(&path).expect("a capture");
        let extract = redacted("story", &path);
        assert_eq!(told(&whole), told(&extract), "{}", path.display());
    }
}

/// The hardware addresses of a capture, and its addresses, as they stand in packets.
fn addresses(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let mut reader = reader(bytes);
    let mut network = Network::default();
    while let Some(frame) = reader.next_frame().expect("a frame") {
        if frame.link == LinkType::ETHERNET {
            found.insert(frame.bytes[..6].to_vec());
            found.insert(frame.bytes[6..12].to_vec());
        }
        network.packet(&frame, &mut |packet, _| {
            let ends = packet.flow().map(|flow| [flow.src.addr, flow.dst.addr]);
            found.extend(ends.into_iter().flatten().map(|address| match address {
                IpAddr::V4(address) => address.octets().to_vec(),
                IpAddr::V6(address) => address.octets().to_vec(),
            }));
        });
    }
    found.retain(|it| !it.starts_with(&[0xff; 4]) && !matches!(it[..], [224..=239, ..]));
    found.retain(|it| it.iter().any(|byte| *byte != 0));
    found
}

/// What is encoded in the headers of `bytes`.
fn tokens(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || "+/=".contains(sign)));
    words
        .filter(|word| word.len() > 16)
        .filter_map(|word| STANDARD.decode(word).ok())
        .flatten()
        .collect()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn no_name_and_no_address_is_left() {
    for path in captures() {
        let whole = fs::read(&path).expect("a capture");
        let extract = redacted("names", &path);
        for address in addresses(&whole) {
            assert!(!has(&extract, &address), "{}: {address:x?}", path.display());
        }
        for bytes in [tokens(&extract), extract] {
            let bytes = bytes.to_ascii_lowercase();
            for secret in SECRETS {
                let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let is_there = has(&bytes, secret.as_bytes()) || has(&bytes, &wide);
                assert!(!is_there, "{}: {secret}", path.display());
            }
        }
    }
}

#[test]
fn the_capture_itself_would_not_pass() {
    let whole = fs::read(capture("article.pcap")).expect("a capture");
    assert!(!addresses(&whole).is_empty());
    assert!(addresses(&whole).iter().all(|address| has(&whole, address)));
    assert!(has(&tokens(&whole).to_ascii_lowercase(), b"a2003"));
}

#[test]
fn a_planted_name_is_found_and_nothing_is_written() {
    let mut bytes = fs::read(capture("article.pcap")).expect("a capture");
    let (kept, name) = (b"gzip, deflate", b"WK02-020-51W,");
    let at = bytes.windows(13).position(|window| window == kept);
    bytes[at.expect("a field")..][..13].copy_from_slice(name);
    let planted = place("planted", Path::new("planted"));
    fs::write(&planted, bytes).expect("a capture");
    let out = place("planted-out", Path::new("planted"));
    let output = run(&["--redact"], &planted, &out);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("would still have been in it"), "{said}");
    assert!(!out.exists());
}

#[test]
fn what_is_no_message_is_blank() {
    let mut bytes = fs::read(capture("article.pcap")).expect("a capture");
    let at = bytes.windows(6).position(|window| window == b"ccmhtt");
    bytes[at.expect("a browser")..][..6].copy_from_slice(b"Zzyzzx");
    let changed = place("blank", Path::new("changed"));
    fs::write(&changed, bytes).expect("a capture");
    let extract = redacted("blank-out", &changed);
    assert!(!has(&extract.to_ascii_lowercase(), b"zzyzzx"));
}

#[test]
fn an_attempt_alone_can_be_had_and_the_map_tells_who_is_who() {
    let path = capture("21-duplicate-smsid-two-clients.pcap");
    let (out, map) = (place("attempt", &path), place("map", &path));
    let words = ["--redact", "--attempt", "2", "--redact-map"];
    let words = [&words[..], &[map.to_str().expect("text")]].concat();
    assert!(run(&words, &path, &out).status.success());
    let extract = fs::read(out).expect("an extract");
    let report = diagnose::diagnose(reader(&extract), &Settings::default());
    let [attempt] = &report.attempts[..] else {
        panic!("one attempt");
    };
    let client = format!("10.20.52.52\t{}", attempt.client.address);
    let map = fs::read_to_string(map).expect("a map");
    assert!(map.lines().any(|line| line == client), "{client}: {map}");
}

/// Frames that are malformed, or whose checksums do not fit.
const WRONG: &str = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";

/// Frames of `path` that tshark shows for `filter`; `None` where there is no tshark.
fn shown(path: &Path, filter: &str) -> Option<usize> {
    let checks = ["ip", "tcp", "udp"].map(|it| format!("{it}.check_checksum:TRUE"));
    let checks = checks.iter().flat_map(|it| ["-o", it]);
    let output = Command::new("tshark")
        .args(checks)
        .args(["-n", "-Y", filter, "-r"])
        .arg(path)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", path.display());
    Some(String::from_utf8_lossy(&output.stdout).lines().count())
}

#[test]
fn tshark_reads_it_as_well_as_the_plain_extract() {
    for path in captures() {
        let (plain, hidden) = (place("tshark-plain", &path), place("tshark", &path));
        assert!(run(&[], &path, &plain).status.success());
        redacted("tshark", &path);
        let Some(wrong) = shown(&hidden, WRONG) else {
            return;
        };
        assert!(Some(wrong) <= shown(&plain, WRONG), "{}", path.display());
    }
}

/// The sign-on of the article with the recorded calls behind it, about its client: synthetic, as `tests/stored.rs` says.
fn with_calls() -> Vec<u8> {
    const RECORDED: &str = "5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11";
    const CALLED: &str = "EEAF9390-94EB-43AE-A0DE-F374E3E7E03B";
    let sign_on = fs::read(capture("article.pcap")).expect("a capture");
    let calls = fs::read(capture("../tests/data/sql-calls.pcap")).expect("a capture");
    let seconds = |record: &[u8]| u32::from_le_bytes(record[..4].try_into().expect("four bytes"));
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let (old, new) = (wide(CALLED), wide(RECORDED));
    let last = seconds(records(&sign_on).last().expect("a record"));
    let first = seconds(records(&calls)[0]);
    let moved = records(&calls).into_iter().map(|record| {
        let time = last + 2 + seconds(record) - first;
        let mut record = [&time.to_le_bytes(), &record[4..]].concat();
        for at in 0..record.len().saturating_sub(old.len()) {
            if record[at..].starts_with(&old) {
                record[at..at + old.len()].copy_from_slice(&new);
            }
        }
        record
    });
    let all: Vec<Vec<u8>> = records(&sign_on)
        .into_iter()
        .map(<[u8]>::to_vec)
        .chain(moved)
        .collect();
    some(&sign_on, &all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn calls_to_a_database_are_still_read_and_name_nobody() {
    let whole = with_calls();
    let path = place("calls-whole", Path::new("calls"));
    fs::write(&path, &whole).expect("a capture");
    let extract = redacted("calls", &path);
    assert_eq!(told(&whole), told(&extract));
    let plain = place("calls-plain", Path::new("calls"));
    assert!(run(&[], &path, &plain).status.success());
    if let Some(wrong) = shown(&place("calls", &path), WRONG) {
        assert!(Some(wrong) <= shown(&plain, WRONG), "{wrong} malformed");
    }
    let calls = |bytes: &[u8]| -> Vec<(u64, u64)> {
        let report = diagnose::diagnose(reader(bytes), &Settings::default());
        let steps = report.attempts.iter().flat_map(|attempt| &attempt.steps);
        let stored = steps.filter(|step| step.kind == "sql-call");
        let decided = "@ApprovalMethod 1";
        stored
            .inspect(|step| assert!(step.text.contains(decided), "{}", step.text))
            .map(|step| (step.first_frame().0, step.last_frame().0))
            .collect()
    };
    assert!(!calls(&whole).is_empty());
    assert_eq!(calls(&whole).len(), calls(&extract).len());
    let approval = |bytes: &[u8]| {
        let report = diagnose::diagnose(reader(bytes), &Settings::default());
        report.attempts[0].approval.state.name()
    };
    assert_eq!(approval(&whole), approval(&extract));
    // What the statement of the article gives: texts in quotes, and bytes.
    let statement = fs::read_to_string(capture("article.sql")).expect("a statement");
    let lower = extract.to_ascii_lowercase();
    let texts = statement.split('"').skip(1).step_by(2);
    let names = texts.filter(|it| it.len() > 5 && it.contains(char::is_alphabetic));
    let mut looked_for = 0;
    for name in names.map(str::to_ascii_lowercase) {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!has(&lower, name.as_bytes()), "{name}");
        assert!(!has(&lower, &wide), "{name}");
        looked_for += 1;
    }
    assert!(looked_for > 3, "{looked_for} names");
    for digits in statement.split("0x").skip(1) {
        let end = digits.find(|sign: char| !sign.is_ascii_hexdigit());
        let digits = &digits[..end.unwrap_or(digits.len())];
        let bytes: Vec<u8> = (0..digits.len() / 2)
            .map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).expect("digits"))
            .collect();
        let part = &bytes[..bytes.len().min(20)];
        assert!(part.len() < 8 || !has(&extract, part), "{digits}");
    }
}
