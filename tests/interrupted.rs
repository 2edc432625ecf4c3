//! A run that is interrupted while it writes: what was there before stays whole, and nothing half-written is left.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// Frames that say nothing, behind those of the sign-on: so many that reading them takes a while.
const NOISE: usize = 60_000;
/// Runs until one is caught while it writes.
const TRIES: usize = 20;
/// What stands where the extract is to go.
const BEFORE: &[u8] = b"what was there before";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The article's sign-on, and frames of a type that nobody reads.
fn long_capture(path: &Path) {
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let mut bytes = fs::read(article).expect("a capture");
    let mut frame = vec![0; 1_400];
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    let time = bytes[24..32].to_vec();
    let len = 1_400_u32.to_le_bytes();
    let record = [&time[..], &len, &len, &frame].concat();
    for _ in 0..NOISE {
        bytes.extend(&record);
    }
    fs::write(path, bytes).expect("a capture");
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
    sent.expect("kill");
}

/// What lies in `folder`.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Whether the run was interrupted in the middle of writing.
fn is_caught(folder: &Path, name: &str) -> bool {
    let out = folder.join("case.pcapng");
    fs::write(&out, BEFORE).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_why401"))
        .arg("extract")
        .arg(folder.join("long.pcap"))
        .arg("-o")
        .arg(&out)
        .spawn()
        .expect("the program");
    let draft = folder.join(format!(".case.pcapng.{}.part", child.id()));
    while !draft.exists() && child.try_wait().expect("a process").is_none() {
        thread::yield_now();
    }
    // Nothing moves while the signal is on its way.
    signal("STOP", &child);
    let was_writing = draft.exists();
    signal(name, &child);
    signal("CONT", &child);
    let status = child.wait().expect("a process");
    assert_eq!(names(folder), ["case.pcapng", "long.pcap"]);
    let bytes = fs::read(&out).expect("a file");
    let is_as_before = bytes == BEFORE;
    // It came too late, and all is there.
    assert!(is_as_before || bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
    if is_as_before {
        assert_eq!(status.code(), Some(130));
    }
    was_writing && is_as_before
}

#[test]
fn an_interrupted_run_leaves_nothing_half_written() {
    let folder = folder("interrupted");
    long_capture(&folder.join("long.pcap"));
    for name in ["INT", "TERM"] {
        let caught = (0..TRIES).any(|_| is_caught(&folder, name));
        assert!(caught, "{name}: never caught while it wrote");
    }
    fs::remove_dir_all(folder).expect("the folder goes");
}
