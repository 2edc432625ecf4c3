//! Captures of Solaris.

use std::path::Path;

use crate::random::Random;
use crate::seen::{Seed, committed, read, refusal};

/// Written by editcap 4.0.17 from `captures/article.pcap`.
fn converted() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read(folder.join("article.snoop")).expect("a converted capture")
}

#[test]
fn what_another_program_converted_is_the_capture_that_it_was() {
    let (frames, reader) = read(&converted());
    assert_eq!(frames, read(&committed("article.pcap")).0);
    assert!(reader.is_complete());
    assert_eq!(reader.format(), "snoop");
}

#[test]
fn frames_before_a_cut_are_all_there() {
    let bytes = converted();
    let whole = read(&bytes).0;
    for cut in (16..bytes.len()).step_by(61) {
        let (frames, reader) = read(&bytes[..cut]);
        assert_eq!(frames, whole[..frames.len()]);
        let rest = cut
            - frames.iter().fold(16, |at, frame| {
                at + (24 + frame.bytes.len()).next_multiple_of(4)
            });
        assert_eq!(reader.is_complete(), rest == 0, "{cut}");
    }
    assert_eq!(
        refusal(&bytes[..15]),
        "ends inside the header of a snoop file"
    );
}

#[test]
fn damaged_files_end_without_more_frames_than_bytes_allow() {
    let sound = converted();
    for seed in 0..500 {
        let told = Seed(seed);
        let mut random = Random::new(told.0);
        let mut bytes = sound.clone();
        for _ in 0..=random.below(20) {
            let at = random.below(bytes.len() - 16) + 16;
            bytes[at] = random.next().to_le_bytes()[0];
        }
        let (frames, _) = read(&bytes);
        assert!(frames.len() <= bytes.len() / 24, "seed {seed}");
    }
}
