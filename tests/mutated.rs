//! Every committed capture with some of its bytes changed, through the whole program: nothing panics, whatever the bytes are.
//!
//! `WHY401_SEED` and `WHY401_MUTANTS` choose other changes and more of them; what fails names its seed. `fuzz/` goes on without
//! end where this stops.

#[path = "support/random.rs"]
mod random;

use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use why401::capture::{CaptureError, CaptureReader};
use why401::diagnose::{self, Settings};
use why401::export::{self, Choice};
use why401::render::terminal::Times;
use why401::render::{InputFile, html, markdown};

use crate::random::Random;

/// Changed copies of each capture: a few, each time the same, so that the tests stay short.
const MUTANTS: u64 = 10;
const SEED: u64 = 0x401;

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_text = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| end == "md" || end == "log" || end == "txt" || end == "xml")
    };
    let mut found: Vec<PathBuf> = [root.join("captures"), root.join("tests/data")]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).expect("captures"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file() && !is_text(path))
        .collect();
    found.sort();
    assert!(found.len() > 50, "there are captures");
    found
}

/// What is named in the environment, or `usual`.
fn number(name: &str, usual: u64) -> u64 {
    let named = std::env::var(name).ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Changes a few places: a byte, a length, a piece that is lost, doubled or cut off.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(24) {
        if bytes.len() < 8 {
            return;
        }
        let at = random.below(bytes.len() - 4);
        match random.below(16) {
            0..=8 => bytes[at] ^= 1 << random.below(8),
            9..=11 => bytes[at] = [0, 0x7f, 0x80, 0xff, b'\r', b'<'][random.below(6)],
            12 => bytes[at..at + 4].copy_from_slice(&[0xff; 4]),
            13 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
            14 => {
                let end = (at + random.below(400)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ if random.below(4) == 0 => bytes.truncate(at),
            _ => bytes.swap(at, at + 3),
        }
    }
}

fn reader(bytes: &[u8]) -> Result<CaptureReader, CaptureError> {
    CaptureReader::of_file(Box::new(Cursor::new(bytes.to_vec())))
}

/// Diagnoses, writes and extracts; what is no capture any more is refused, and that is fine.
fn work(bytes: &[u8]) {
    let Ok(reader_of_all) = reader(bytes) else {
        return;
    };
    let report = diagnose::diagnose(reader_of_all, &Settings::default());
    let files: Vec<InputFile> = report
        .inputs
        .iter()
        .map(|_| InputFile {
            name: "mutant".to_owned(),
            bytes: bytes.len() as u64,
            sha256: None,
        })
        .collect();
    let mut page = Vec::new();
    html::render(&report, &files, Times::Relative, &mut page).expect("a page");
    let page = String::from_utf8(page).expect("a page is text");
    assert!(!page.contains("<script"), "markup of the wire is text");
    markdown::render(&report, &files, Times::Utc, &mut Vec::new()).expect("a text");
    if let Some(choice) = Choice::of(&report, None) {
        let mut extract = Vec::new();
        // An extract that is read from a file that fails in its middle may fail; it may not panic.
        if export::extract(&choice, &|| reader(bytes), &mut extract).is_ok() {
            let again = reader(&extract).expect("an extract is a capture");
            diagnose::diagnose(again, &Settings::default());
        }
    }
}

#[test]
fn no_changed_capture_brings_the_program_down() {
    let (seed, mutants) = (
        number("WHY401_SEED", SEED),
        number("WHY401_MUTANTS", MUTANTS),
    );
    let mut failed = Vec::new();
    for path in captures() {
        let whole = fs::read(&path).expect("a capture");
        for mutant in 0..mutants {
            let seed = seed.wrapping_add(mutant.wrapping_mul(0x9e37_79b9));
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut Random::new(seed ^ whole.len() as u64));
            if catch_unwind(AssertUnwindSafe(|| work(&bytes))).is_err() {
                let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutant.bin");
                fs::write(&saved, &bytes).expect("the mutant is kept");
                failed.push(format!("{} with WHY401_SEED={seed}", path.display()));
            }
        }
    }
    assert_eq!(failed, [""; 0], "WHY401_MUTANTS=1 shows one of them again");
}
