//! What the fuzz targets share.
//!
//! Never asks what is concluded: only that nothing panics, that bytes of the wire stay text, and that frames are counted up.

use std::io::{self, Cursor};

use libfuzzer_sys::Corpus;
use why401::capture::{CaptureError, CaptureReader};
use why401::render::terminal::{Clocks, Colour, Look, Signs, Story, Times};
use why401::render::{InputFile, html, json, markdown, mermaid, terminal};
use why401::report::Report;

/// A reader of bytes that can be read at any place.
///
/// # Errors
///
/// Where they are no capture.
pub fn reader(data: &[u8]) -> Result<CaptureReader, CaptureError> {
    CaptureReader::of_file(Box::new(Cursor::new(data.to_vec())))
}

/// Reads all frames of a capture whose format begins with `format`; others are for other targets.
pub fn frames(data: &[u8], format: &str) -> Corpus {
    let Ok(mut capture) = reader(data) else {
        return Corpus::Keep;
    };
    if !capture.format().starts_with(format) {
        return Corpus::Reject;
    }
    drain(&mut capture);
    Corpus::Keep
}

/// Reads a capture to its end.
///
/// # Panics
///
/// Where frames are not counted up, or are longer than they were on the wire.
pub fn drain(capture: &mut CaptureReader) {
    let mut last = 0;
    while let Ok(Some(frame)) = capture.next_frame() {
        assert!(frame.number.0 > last, "frames are counted up");
        assert!(frame.bytes.len() <= frame.wire_len as usize);
        last = frame.number.0;
    }
    assert!(capture.frames() >= last);
    while let Some((_, drop, _)) = capture.next_drop() {
        assert!(drop.frame.0 <= last, "what was dropped was lent");
    }
}

/// Writes the report in every format.
///
/// # Panics
///
/// Where text of the wire is more than text in what is written.
pub fn write_all(report: &Report) {
    let files: Vec<InputFile> = report
        .inputs
        .iter()
        .map(|_| InputFile {
            name: "fuzz".to_owned(),
            bytes: 0,
            sha256: None,
        })
        .collect();
    let page = text(&|out| html::render(report, &files, Times::Utc, out));
    assert!(!page.contains("<script"), "markup of the wire is text");
    text(&|out| markdown::render(report, &files, Times::Relative, out));
    text(&|out| json::report(report, &files, out));
    text(&|out| mermaid::render(report, out));
    for story in [Story::Table, Story::Ladder] {
        let shown = text(&|out| terminal::render(report, &files, look(story), out));
        let commands = |letter: char| letter.is_control() && letter != '\n';
        assert!(!shown.contains(commands), "no text commands the terminal");
    }
}

fn look(story: Story) -> Look {
    Look {
        columns: 80,
        colour: Colour::Off,
        signs: Signs::Unicode,
        times: Times::Relative,
        clocks: Clocks::All,
        story,
    }
}

fn text(write: &dyn Fn(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut written = Vec::new();
    write(&mut written).expect("memory takes all");
    String::from_utf8(written).expect("what is written is text")
}
