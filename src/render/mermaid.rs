//! The story as a sequence diagram that Mermaid draws, in wikis and in tickets.
//!
//! Never draws more than such a diagram holds: where the story goes on, it says so.

use std::io::{self, Write};

use crate::render::escape::Mermaid;
use crate::render::ladder::{Ladder, Lane, Passage, Way, passages};
use crate::render::wording::attempt as words;
use crate::report::frame_names::FrameNames;
use crate::report::{AttemptReport, Report};
use crate::story::{Mark, Step};

/// Steps that are drawn: Mermaid refuses a diagram of more than 50,000 characters.
const STEPS: usize = 250;

/// Writes the diagram of all attempts, one below the other.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let ladder = Ladder::of(report, &report.attempts);
    writeln!(out, "sequenceDiagram")?;
    for (at, lane) in ladder.lanes.iter().enumerate() {
        writeln!(out, "    participant L{at} as {}", participant(lane))?;
    }
    if ladder.lanes.is_empty() {
        let none = report
            .log_story
            .as_ref()
            .map_or("no sign-on attempt found", |_| "logs without a capture");
        writeln!(out, "    participant L0 as {none}")?;
    }
    for reading in report.log_story.iter().flat_map(|story| &story.readings) {
        note(&ladder, &reading.text, out)?;
    }
    let mut left = STEPS;
    for attempt in &report.attempts {
        heading(attempt, &ladder, out)?;
        for passage in passages(&attempt.steps) {
            if left < passage.told.len() {
                return note(&ladder, "the story goes on", out);
            }
            left -= passage.told.len();
            steps(&passage, (attempt, &report.frame_names), &ladder, out)?;
        }
    }
    Ok(())
}

fn participant(lane: &Lane<'_>) -> String {
    let name = lane
        .name()
        .map_or_else(String::new, |name| format!("<br/>{}", Mermaid(name)));
    let address = lane.address.to_string();
    format!("{}{name}<br/>{}", Mermaid(&lane.label), Mermaid(&address))
}

fn heading(attempt: &AttemptReport, ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "Attempt {}: {} → {}: {}",
        attempt.id,
        words::client(&attempt.client),
        words::service(&attempt.service),
        attempt.outcome.title()
    );
    note(ladder, &text, out)
}

/// A note over all lanes.
fn note(ladder: &Ladder<'_>, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let over = match ladder.lanes.len() {
        0 | 1 => "L0".to_owned(),
        lanes => format!("L0,L{}", lanes - 1),
    };
    writeln!(out, "    Note over {over}: {}", Mermaid(text))
}

fn steps(
    passage: &Passage<'_>,
    (attempt, names): (&AttemptReport, &FrameNames),
    ladder: &Ladder<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let last = passage.again.last();
    if let Some(last) = last {
        let times = passage.times() + 1;
        writeln!(
            out,
            "    loop {times} times, up to {}",
            Mermaid(&names.word(last.last_frame()))
        )?;
    }
    for step in passage.told {
        message(step, names, ladder, out)?;
        if let (Mark::Fault, Some(headline)) = (step.mark, attempt.headline()) {
            let (from, to) = (
                lane(ladder, step, Side::Left),
                lane(ladder, step, Side::Right),
            );
            let over = if from == to {
                format!("L{from}")
            } else {
                format!("L{from},L{to}")
            };
            let text = format!("{}: {}", words::fault(attempt), headline.title);
            writeln!(out, "    Note over {over}: {}", Mermaid(&text))?;
        }
    }
    if last.is_some() {
        writeln!(out, "    end")?;
    }
    Ok(())
}

/// Which of the lanes of a step.
enum Side {
    Left,
    Right,
}

fn lane(ladder: &Ladder<'_>, step: &Step, side: Side) -> usize {
    match (ladder.way(step), side) {
        (Way::At(lane), _) => lane,
        (Way::Between(from, to), Side::Left) => from.min(to),
        (Way::Between(from, to), Side::Right) => from.max(to),
    }
}

fn message(
    step: &Step,
    names: &FrameNames,
    ladder: &Ladder<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = Mermaid(&step.text);
    let place = names.of_step(step);
    let place = Mermaid(&place);
    match (ladder.way(step), &step.source) {
        (Way::At(lane), Some(source)) => {
            let (who, source) = (Mermaid(&step.from.label), Mermaid(source));
            writeln!(out, "    Note over L{lane}: {who}, {source} – {text}")
        }
        (Way::At(lane), None) => writeln!(out, "    L{lane}->>L{lane}: {place} – {text}"),
        (Way::Between(from, to), _) => {
            let (arrow, tag) = match step.mark {
                Mark::Plain => ("->>", ""),
                Mark::Expected => ("-->>", " (expected)"),
                Mark::Fault => ("-x", ""),
            };
            writeln!(out, "    L{from}{arrow}L{to}: {place} – {text}{tag}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{HOSTILE, failed, report};

    #[test]
    fn text_of_the_wire_ends_no_statement() {
        let mut text = Vec::new();
        render(&report(vec![failed(HOSTILE)]), &mut text).expect("writing to memory");
        let text = String::from_utf8(text).expect("text");
        let known = [
            "sequenceDiagram",
            "    participant L",
            "    Note over L",
            "    L",
        ];
        for line in text.lines() {
            assert!(known.iter().any(|begin| line.starts_with(begin)), "{line}");
            assert_eq!(
                line.matches('<').count(),
                line.matches("<br/>").count(),
                "{line}"
            );
        }
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
    }

    #[test]
    fn what_repeats_is_a_loop() {
        let mut many = failed("client");
        let step = many.steps.remove(0);
        many.steps = vec![step; 50];
        let mut text = Vec::new();
        render(&report(vec![many]), &mut text).expect("writing to memory");
        let text = String::from_utf8(text).expect("text");
        assert!(
            text.contains("    loop 50 times, up to frame 7\n"),
            "{text}"
        );
        assert_eq!(text.matches("    end\n").count(), 1);
    }
}
