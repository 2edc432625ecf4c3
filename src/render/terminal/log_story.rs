//! What logs say without a capture, on a terminal.
//!
//! Never names a frame.

use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::log_story as words;
use crate::story::log_story::LogStory;

pub(super) fn render(story: &LogStory, page: &mut Page) {
    page.paragraph(2, words::CAVEAT);
    title(words::READINGS, page);
    for reading in &story.readings {
        page.labelled(
            ("  - ", Ink::Plain),
            4,
            (&words::reading(reading), Ink::Plain),
        );
    }
    for sentence in words::untold(story) {
        page.paragraph(4, &sentence);
    }
    title(words::LINES, page);
    for line in &story.lines {
        let time = words::time(page.look.times, line.time);
        let head = format!("  {time}  {}", page.safe(&line.source));
        page.line(&page.paint(Ink::Quiet, &head));
        page.paragraph(6, &format!("{}: {}", line.speaker, line.text));
    }
}

/// What is left open, and how to take the capture that tells it: at the end, where a reader goes on from.
pub(super) fn open(story: &LogStory, page: &mut Page) {
    title(words::OPEN, page);
    for question in &story.open {
        page.labelled(("  - ", Ink::Plain), 4, (question, Ink::Plain));
    }
    page.blank();
    page.paragraph(2, words::COMMANDS);
    for (machine, command) in &story.commands {
        page.line(&format!("    {machine}> {command}"));
    }
}

fn title(text: &str, page: &mut Page) {
    page.blank();
    page.title(&text.to_uppercase());
}
