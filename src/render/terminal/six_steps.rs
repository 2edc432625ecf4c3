//! The six steps of a sign-on that ends with approval, as a table.
//!
//! Never leaves one out: what was not seen is what a reader looks for.

use crate::render::layout::pad;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::story::six_steps::{Checkpoint, Seen};

/// The columns of what is expected and of whether it is there.
const EXPECTED: usize = 42;
const SEEN: usize = 11;

pub(super) fn render(steps: &[Checkpoint], page: &mut Page) {
    if steps.is_empty() {
        return;
    }
    page.blank();
    page.line(&page.paint(Ink::Quiet, "  step"));
    for (at, step) in steps.iter().enumerate() {
        let label = format!(
            "  {} {}{}",
            at + 1,
            pad(step.expected, EXPECTED),
            pad(step.seen.name(), SEEN)
        );
        let indent = 4 + EXPECTED + SEEN;
        let ink = match step.seen {
            Seen::Yes | Seen::Hidden => Ink::Plain,
            Seen::Otherwise | Seen::No => Ink::Strong,
        };
        page.labelled((&label, ink), indent, (&place(step), Ink::Plain));
    }
}

fn place(step: &Checkpoint) -> String {
    let places = step.places.join(", ");
    match (step.text.is_empty(), places.is_empty()) {
        (true, _) => places,
        (false, true) => step.text.clone(),
        (false, false) => format!("{}: {places}", step.text),
    }
}
