//! The head of the report: program, files, frames and time, and how frames are numbered.
//!
//! Never says what was found.

use crate::frame::Viewer;
use crate::render::InputFile;
use crate::render::layout::width;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::report::{Input, Report};

/// Program, file, frames and time, in one line where it fits.
pub(super) fn render(report: &Report, files: &[InputFile], page: &mut Page) {
    let program = format!("why401 {}", env!("CARGO_PKG_VERSION"));
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let name = page.safe(&names.join(" "));
    let read: Vec<String> = report.inputs.iter().map(|read| input(read, page)).collect();
    let read = page.safe(&read.join("  "));
    let shown = page.paint(Ink::Strong, &name);
    if width(&program) + width(&name) + width(&read) + 4 <= page.look.columns {
        page.line(&format!("{program}  {shown}  {read}"));
    } else {
        page.line(&format!("{program}  {shown}"));
        page.paragraph(0, &read);
    }
    if report.attempts.is_empty() {
        page.blank();
        page.title("NO ATTEMPT FOUND");
    } else if report.inputs.len() > 1 {
        page.blank();
        page.paragraph(2, MERGED);
        for vantage in &report.vantages {
            page.paragraph(2, vantage);
        }
    } else if let Some(viewer) = report.inputs.iter().find_map(|read| read.other_viewer) {
        page.blank();
        page.paragraph(2, others(viewer));
    }
}

/// How the frames of several captures are counted.
const MERGED: &str = "The captures are read as one, by time: frames are counted over all of them, and beside them stands where \
    the first one is in its own file.";

/// Whose numbers stand beside those of the frames.
const fn others(viewer: Viewer) -> &'static str {
    match viewer {
        Viewer::Wireshark => {
            "Frames have the numbers that Network Monitor shows; beside them stand Wireshark's."
        }
        Viewer::NetworkMonitor => {
            "Frames have the numbers that Wireshark shows of the converted trace; beside them stand those of the events, which \
             Network Monitor shows."
        }
    }
}

fn input(input: &Input, page: &Page) -> String {
    let s = if input.frames == 1 { "" } else { "s" };
    let frames = format!("{} frame{s}", input.frames);
    match (input.first_time, input.last_time) {
        (Some(first), Some(last)) => format!("{frames}  {}", page.period(first, last)),
        _ => frames,
    }
}
