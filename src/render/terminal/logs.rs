//! What was read beside the capture, and what came of it.
//!
//! Never repeats the lines that stand in the story.

use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
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
        page.paragraph(4, &counts(log, page));
        for note in &log.notes {
            page.paragraph(4, note);
        }
    }
}

fn counts(log: &LogReport, page: &Page) -> String {
    let period = match (log.first_time, log.last_time) {
        (Some(first), Some(last)) => format!(", {}", page.period(first, last)),
        _ => String::new(),
    };
    let clock = log.clock_ms.map_or_else(String::new, |(least, most)| {
        format!(
            "; its clock minus the capture's is between {} and {} s",
            seconds(least),
            seconds(most)
        )
    });
    format!(
        "{}, {} lines{period}; {} of them stand in the story{clock}",
        log.kind, log.lines, log.joined
    )
}

fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "+" };
    let all = milliseconds.unsigned_abs();
    format!("{sign}{}.{:03}", all / 1_000, all % 1_000)
}
