//! Captures of one direction: what is missing from them is no fault of anybody, and nobody is blamed for it.
//!
//! Made from the recorded captures by leaving out the frames of the other direction, as a switch does that mirrors one.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::finding::Severity;
use why401::report::Report;

/// Bytes of the file's header, and of a record's.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
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

fn records(bytes: &[u8]) -> Vec<&[u8]> {
    let mut rest = &bytes[FILE_HEADER..];
    let mut records = Vec::new();
    while rest.len() >= RECORD_HEADER {
        let len = u32::from_le_bytes(rest[8..12].try_into().expect("four bytes")) as usize;
        let (record, after) = rest.split_at(RECORD_HEADER + len);
        records.push(record);
        rest = after;
    }
    records
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

/// Rules that find an error in what one direction of a capture holds.
fn errors(place: usize) -> BTreeMap<String, Vec<&'static str>> {
    let mut errors = BTreeMap::new();
    for (path, bytes) in recorded() {
        let Some(client) = client(&bytes) else {
            continue;
        };
        let report = report(direction(&bytes, place, client));
        let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
        let found: Vec<&'static str> = of_attempts
            .chain(&report.findings)
            .filter(|finding| finding.severity >= Severity::Error)
            .map(|finding| finding.rule.id)
            .collect();
        let name = path.file_name().expect("a name").to_string_lossy();
        errors.insert(name.into_owned(), found);
    }
    errors
}

#[test]
fn nobody_is_blamed_where_only_the_client_is_heard() {
    for (name, found) in errors(SOURCE) {
        assert!(found.is_empty(), "{name}: {found:?}");
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
    for (name, found) in errors(DESTINATION) {
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}
