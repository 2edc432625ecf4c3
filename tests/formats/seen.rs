//! What a reader lent.

use std::io::Cursor;
use std::path::Path;

use why401::capture::{CaptureError, CaptureReader};

/// A frame as it was lent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) nanos: i64,
    pub(crate) link: u16,
    pub(crate) wire_len: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a file to the end, and once more behind it.
pub(crate) fn read(bytes: &[u8]) -> (Vec<Seen>, CaptureReader) {
    let reader = CaptureReader::of_file(Box::new(Cursor::new(bytes.to_vec())));
    drain(reader.expect("a capture"))
}

/// Why a file cannot be read.
pub(crate) fn refusal(bytes: &[u8]) -> String {
    match CaptureReader::of_file(Box::new(Cursor::new(bytes.to_vec()))) {
        Err(error) => error.to_string(),
        Ok(reader) => panic!("{reader:?}"),
    }
}

/// Reads to the end, and once more behind it.
pub(crate) fn drain(mut reader: CaptureReader) -> (Vec<Seen>, CaptureReader) {
    let mut frames = Vec::new();
    while let Some(frame) = next(&mut reader).expect("no failure") {
        frames.push(frame);
    }
    let told = reader.limitations().len();
    assert!(next(&mut reader).expect("no failure").is_none());
    assert_eq!(reader.limitations().len(), told);
    (frames, reader)
}

/// The next frame, kept.
pub(crate) fn next(reader: &mut CaptureReader) -> Result<Option<Seen>, CaptureError> {
    let frame = reader.next_frame()?;
    Ok(frame.map(|frame| Seen {
        number: frame.number.0,
        nanos: frame.time.nanos(),
        link: frame.link.0,
        wire_len: frame.wire_len,
        bytes: frame.bytes.to_vec(),
    }))
}

/// The numbers of frames.
pub(crate) fn numbers(frames: &[Seen]) -> Vec<u64> {
    frames.iter().map(|frame| frame.number).collect()
}

/// A committed capture.
pub(crate) fn committed(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    std::fs::read(folder.join(name)).expect("a committed capture")
}

/// The seed of a random change, which is printed where a test fails with it.
pub(crate) struct Seed(pub(crate) u64);

impl Drop for Seed {
    #[expect(clippy::print_stderr, reason = "a failing test tells its seed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}", self.0);
        }
    }
}
