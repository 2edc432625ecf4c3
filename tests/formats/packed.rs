//! Captures in gzip, zstd, lz4 and xz.
//!
//! The packed files were made from `captures/article.pcap` by gzip 1.12, zstd 1.5.4, lz4 1.9.4 and xz 5.4.1.

use std::io::Cursor;
use std::path::Path;

use why401::capture::{CaptureError, CaptureReader};

use crate::input::Input;
use crate::random::Random;
use crate::seen::{Seed, Seen, committed, drain, next, read, refusal};

const PACKED: [&str; 4] = ["article.gz", "article.zst", "article.lz4", "article.xz"];

fn packed(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read(folder.join(name)).expect("a packed capture")
}

fn article() -> Vec<Seen> {
    read(&committed("article.pcap")).0
}

#[test]
fn a_packed_capture_gives_the_same_frames() {
    let article = article();
    for name in PACKED {
        let bytes = packed(name);
        let (frames, reader) = read(&bytes);
        assert_eq!(frames, article, "{name}");
        assert!(reader.is_complete());
        let pipe = Input::new(bytes).in_pieces_of(100);
        let (frames, _) = drain(CaptureReader::new(Box::new(pipe)).unwrap());
        assert_eq!(frames, article, "{name}");
    }
}

#[test]
fn members_frames_and_streams_follow_each_other() {
    let article = article();
    for name in PACKED {
        // A pcap file behind another one is read up to its header, which is no record.
        let (frames, reader) = read(&[packed(name), packed(name)].concat());
        assert_eq!(frames[..30], article, "{name}");
        assert!(frames.len() > 30 || !reader.is_complete(), "{name}");
    }
}

#[test]
fn a_frame_of_zstd_that_is_to_be_skipped_is_skipped() {
    let skipped = b"\x5a\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    let bytes = [skipped.clone(), packed("article.zst"), skipped].concat();
    assert_eq!(read(&bytes).0, article());
}

#[test]
fn a_packed_file_that_is_cut_gives_what_came_before() {
    let article = article();
    for name in PACKED {
        let bytes = packed(name);
        let damage = "packed is cut or damaged";
        let cut = Cursor::new(bytes[..bytes.len() / 2].to_vec());
        // zstd and lz4 pack so little in one block, of which nothing can be had.
        let mut reader = match CaptureReader::of_file(Box::new(cut)) {
            Ok(reader) => reader,
            Err(error) => {
                assert!(error.to_string().contains(damage), "{name} {error}");
                continue;
            }
        };
        let mut frames = Vec::new();
        while let Some(frame) = next(&mut reader).expect("a frame or the end") {
            frames.push(frame);
        }
        assert_eq!(frames, article[..frames.len()], "{name}");
        assert!(frames.len() > 5, "{name}");
        let told = &reader.limitations()[0].text;
        assert!(told.contains(damage), "{name} {told}");
    }
}

#[test]
fn a_capture_is_unpacked_twice_and_not_more() {
    let mut bytes = committed("article.pcap");
    for layers in 1..=3 {
        bytes = gzip(&bytes);
        if layers < 3 {
            assert_eq!(read(&bytes).0, article());
        } else {
            assert_eq!(refusal(&bytes), "is compressed more than twice");
        }
    }
}

/// The bytes as a gzip file in which nothing is compressed.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let level = flate2::Compression::none();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_packed_and_no_capture_is_named() {
    assert!(refusal(&gzip(b"Hello")).starts_with("looks like a text file, not a"));
    assert_eq!(refusal(&gzip(b"")), "is empty");
}

#[test]
fn damaged_packed_files_end() {
    const ROUNDS: u64 = 500;
    for name in PACKED {
        let sound = packed(name);
        for seed in 0..ROUNDS {
            let told = Seed(seed);
            let mut random = Random::new(told.0);
            let mut bytes = sound.clone();
            for _ in 0..=random.below(4) {
                let most = if random.below(2) == 0 {
                    40
                } else {
                    bytes.len()
                };
                let at = random.below(most);
                bytes[at] = random.next().to_le_bytes()[0];
            }
            let file = CaptureReader::of_file(Box::new(Cursor::new(bytes)));
            let Ok(mut reader) = file else {
                continue;
            };
            let end = loop {
                match next(&mut reader) {
                    Ok(Some(_)) => {}
                    end => break end,
                }
            };
            let is_known = matches!(end, Ok(None) | Err(CaptureError::Read(_)));
            assert!(is_known, "{name} seed {seed}");
        }
    }
}
