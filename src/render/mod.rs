//! The report and the listing, in the formats that people and programs read.
//!
//! Never decides, filters or reorders anything.

mod csv;
pub mod escape;
pub mod html;
pub mod json;
mod ladder;
mod layout;
pub mod listing;
pub mod markdown;
pub mod mermaid;
mod opening;
#[cfg(test)]
mod sample;
pub mod survey;
pub mod terminal;
mod wording;

use std::io::{self, Write};

use crate::finding::{Evidence, Finding};
use crate::frame::Viewer;
use crate::render::escape::Ascii;
use crate::render::terminal::Signs;

/// The file that a report is about, as the command knows it.
#[derive(Clone, Debug, Default)]
pub struct InputFile {
    /// Its name without folders; `-` for standard input.
    pub name: String,
    /// How many bytes were read.
    pub bytes: u64,
    /// SHA-256 of them, in hexadecimal digits, where it was asked for.
    pub sha256: Option<String>,
}

/// Writes what `content` makes, in the signs that are wanted.
pub fn in_signs(
    signs: Signs,
    content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match signs {
        Signs::Unicode => content(out),
        Signs::Ascii => {
            let mut written = Vec::new();
            content(&mut written)?;
            write!(out, "{}", Ascii(&String::from_utf8_lossy(&written)))
        }
    }
}

/// A display filter of `viewer` that shows the frames of a finding's evidence: `before` each number, joined by `or`.
fn frame_filter(finding: &Finding, viewer: Viewer, before: &str, or: &str) -> String {
    // Of several captures: that in which the first piece of evidence stands, by its own numbers.
    let file = finding.evidence.first().and_then(|first| first.place);
    let own = |evidence: &Evidence| match (evidence.place, file) {
        (Some((file, number)), Some((first, _))) => (file == first).then_some(number.0),
        _ => Some(evidence.frame_in(viewer).0).filter(|frame| *frame > 0),
    };
    let mut frames: Vec<u64> = finding.evidence.iter().filter_map(own).collect();
    frames.sort_unstable();
    frames.dedup();
    let terms: Vec<String> = frames
        .iter()
        .map(|frame| format!("{before}{frame}"))
        .collect();
    terms.join(or)
}

/// The filter for Wireshark; `None` where the finding rests on no frame.
fn wireshark_filter(finding: &Finding) -> Option<String> {
    let filter = frame_filter(finding, Viewer::Wireshark, "frame.number==", " || ");
    (!filter.is_empty()).then_some(filter)
}

/// The filter for Network Monitor.
fn netmon_filter(finding: &Finding) -> String {
    let (before, or) = ("Frame.FrameNumber==", " OR ");
    frame_filter(finding, Viewer::NetworkMonitor, before, or)
}
