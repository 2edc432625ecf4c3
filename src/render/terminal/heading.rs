//! The head of the report: program, files, frames and time, and how frames are numbered.
//!
//! Never says what was found.

use crate::render::InputFile;
use crate::render::layout::width;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::inputs::{capture, numbering};
use crate::render::wording::log_story;
use crate::report::Report;

/// Program, file, frames and time, in one line where it fits.
pub(super) fn render(report: &Report, files: &[InputFile], page: &mut Page) {
    let program = format!("why401 {}", env!("CARGO_PKG_VERSION"));
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let name = page.safe(&names.join(" "));
    let read: Vec<String> = report
        .inputs
        .iter()
        .map(|read| capture(read, page.look.times))
        .collect();
    let read = page.safe(&read.join("  "));
    let shown = page.paint(Ink::Strong, &name);
    if width(&program) + width(&name) + width(&read) + 4 <= page.look.columns {
        page.line(&format!("{program}  {shown}  {read}"));
    } else {
        page.line(&format!("{program}  {shown}"));
        page.paragraph(0, &read);
    }
    if report.log_story.is_some() {
        page.blank();
        page.title(&log_story::TITLE.to_uppercase());
    } else if report.attempts.is_empty() {
        page.blank();
        page.title("NO ATTEMPT FOUND");
    }
    let numbering = numbering(report);
    if !numbering.is_empty() {
        page.blank();
    }
    for sentence in numbering {
        page.paragraph(2, sentence);
    }
}
