//! How the attempts ended, in a few lines, where there is more than one.
//!
//! Never ranks them: ends are named in the order in which attempts show them.

use crate::render::terminal::page::{INDENT, Page};
use crate::render::terminal::style::Ink;
use crate::render::wording::overview::{counted, ends};
use crate::report::Report;

/// Attempts that are named by number for one end; the others are only counted.
const NAMED: usize = 12;

pub(super) fn render(report: &Report, page: &mut Page) {
    if report.attempts.len() < 2 {
        return;
    }
    page.blank();
    page.title(&counted(report).to_uppercase());
    for (outcome, ids) in ends(&report.attempts) {
        let label = format!("  {}", ids.len());
        let text = format!("{}: {}", outcome.title(), numbers(&ids));
        let ink = Ink::of_outcome(outcome);
        page.labelled((&label, ink), INDENT, (&text, Ink::Plain));
    }
}

fn numbers(ids: &[u64]) -> String {
    let word = if ids.len() == 1 {
        "attempt"
    } else {
        "attempts"
    };
    let named: Vec<String> = ids.iter().take(NAMED).map(u64::to_string).collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{word} {}{more}", named.join(", "))
}
