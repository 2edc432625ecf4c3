//! What was read beside the capture, and what came of it.
//!
//! Never repeats the lines that stand in the story.

use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::inputs as words;
use crate::report::LogReport;

pub(super) fn render(logs: &[LogReport], page: &mut Page) {
    if logs.is_empty() {
        return;
    }
    page.blank();
    page.title("LOGS");
    for log in logs {
        let label = format!("  {}", page.safe(&log.name));
        page.line(&page.paint(Ink::Plain, &label));
        page.paragraph(4, &words::log(log, page.look.times));
        for note in &log.notes {
            page.paragraph(4, note);
        }
    }
}
