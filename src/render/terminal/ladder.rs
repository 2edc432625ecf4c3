//! The story as a ladder of characters: a lane for each machine, and an arrow under each sentence.
//!
//! Never leaves a step out: what only repeats others is told with its frames.

use crate::render::ladder::{Ladder, Way, passages};
use crate::render::layout::{pad, shorten, width, wrap};
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::report::{AttemptReport, Report};
use crate::story::{Mark, Step};

/// Space between columns.
const GAP: usize = 2;
/// The least room from one lane to the next.
const LANE: usize = 4;

/// Where the lanes stand, in columns behind the margin with frames and times.
struct Frame<'r> {
    ladder: Ladder<'r>,
    margin: usize,
    frames: usize,
    lanes: Vec<usize>,
    room: usize,
}

pub(super) fn render(report: &Report, attempt: &AttemptReport, page: &mut Page) {
    let frame = Frame::of(report, attempt, page);
    frame.head(page);
    for passage in passages(&attempt.steps) {
        for step in passage.told {
            frame.step(step, attempt, page);
        }
        if let (Some(first), Some(last)) = (passage.again.first(), passage.again.last()) {
            let place = page.names.range(first.first_frame(), last.last_frame());
            frame.words(&format!("{}, in frames {place}", passage.words()), page);
        }
    }
}

impl<'r> Frame<'r> {
    fn of(report: &'r Report, attempt: &'r AttemptReport, page: &Page) -> Self {
        let ladder = Ladder::of(report, std::slice::from_ref(attempt));
        let places = attempt.steps.iter().map(|step| width(&place(step, page)));
        let frames = places.max().unwrap_or(0).max("frame".len()) + GAP;
        let times = attempt.steps.iter();
        let times = times.map(|step| width(&page.time(step.time, attempt.first_time)));
        let margin = GAP + frames + times.max().unwrap_or(0).max("time".len()) + GAP;
        let room = page.look.columns.saturating_sub(margin).max(24);
        let last = ladder.lanes.len().saturating_sub(1);
        // The name of the last lane stands flush right.
        let label = ladder.lanes.last().map_or(0, |lane| width(&lane.label));
        let space = room.saturating_sub(label.min(room / 4) / 2 + 1) / last.max(1);
        let lanes = (0..=last).map(|at| at * space.max(LANE)).collect();
        Self {
            ladder,
            margin,
            frames,
            lanes,
            room,
        }
    }

    /// The names of the lanes.
    fn head(&self, page: &mut Page) {
        let mut text = String::new();
        for (lane, at) in self.ladder.lanes.iter().zip(&self.lanes) {
            let next = self.lanes.iter().find(|next| *next > at);
            let room = next.map_or(self.room - at, |next| next - at - 1);
            let label = shorten(&page.safe(&lane.label), room, &page.safe("…"));
            text = format!("{}{label}", pad(&text, *at));
        }
        let line = format!("{}{text}", self.before("frame", "time"));
        page.line(&page.paint(Ink::Quiet, &line));
    }

    /// The margin.
    fn before(&self, place: &str, time: &str) -> String {
        let text = format!("{}{}{time}", " ".repeat(GAP), pad(place, self.frames));
        pad(&text, self.margin)
    }

    fn step(&self, step: &Step, attempt: &AttemptReport, page: &mut Page) {
        let ink = match step.mark {
            Mark::Plain => Ink::Plain,
            Mark::Expected => Ink::Quiet,
            Mark::Fault => Ink::Bad,
        };
        let time = if step.is_dated {
            page.time(step.time, attempt.first_time)
        } else {
            String::new()
        };
        let (left, arrow) = self.arrow(step, page);
        let before = self.before(&place(step, page), &time);
        let text = page.safe(&sentence(step));
        for (at, line) in wrap(&text, self.room.saturating_sub(left + GAP))
            .iter()
            .enumerate()
        {
            let margin = match at {
                0 => before.clone(),
                _ => " ".repeat(self.margin),
            };
            let (behind, ahead) = self.lifelines(left, width(line), page);
            page.line(&format!(
                "{margin}{}{}{}",
                page.paint(Ink::Quiet, &behind),
                page.paint(ink, line),
                page.paint(Ink::Quiet, &ahead)
            ));
        }
        if let Some(arrow) = arrow {
            let line = format!("{}{arrow}", " ".repeat(self.margin));
            page.line(&page.paint(ink, &line));
        }
    }

    /// A line about steps that only repeat others.
    fn words(&self, text: &str, page: &mut Page) {
        let line = format!("{}{}", " ".repeat(self.margin), page.safe(text));
        page.line(&page.paint(Ink::Quiet, &line));
    }

    /// The lanes before and behind a sentence of `wide` columns that begins right of the lane at `left`.
    fn lifelines(&self, left: usize, wide: usize, page: &Page) -> (String, String) {
        let (begin, end) = (left + GAP, left + GAP + wide);
        let mut all = vec![' '; self.room];
        for lane in &self.lanes {
            if let Some(place) = all.get_mut(*lane) {
                *place = '│';
            }
        }
        let part = |from: usize, to: usize| {
            let letters = all.get(from..to.min(all.len())).unwrap_or_default();
            page.safe(&letters.iter().collect::<String>())
        };
        (part(0, begin), part(end, all.len()))
    }

    /// The lane right of which the sentence stands, and the arrow below it.
    fn arrow(&self, step: &Step, page: &Page) -> (usize, Option<String>) {
        let (from, to) = match self.ladder.way(step) {
            Way::At(lane) => {
                let at = self.lanes[lane];
                // A log at the last lane has no room on its right.
                return (if at > self.room / 2 { 0 } else { at }, None);
            }
            Way::Between(from, to) => (self.lanes[from], self.lanes[to]),
        };
        let (left, right) = (from.min(to), from.max(to));
        let line = match step.mark {
            Mark::Expected => '╌',
            Mark::Plain | Mark::Fault => '─',
        };
        let mut text = String::new();
        for column in 0..self.room {
            let is_lane = self.lanes.contains(&column);
            text.push(match column {
                column if column == from && from < to => '├',
                column if column == from => '┤',
                column if column == to && from < to => '▸',
                column if column == to => '◂',
                column if column > left && column < right && is_lane => '┼',
                column if column > left && column < right => line,
                _ if is_lane => '│',
                _ => ' ',
            });
        }
        (left, Some(page.safe(text.trim_end())))
    }
}

fn place(step: &Step, page: &Page) -> String {
    match &step.source {
        Some(_) => "log".to_owned(),
        None => page.safe(&page.names.of_step(step)),
    }
}

fn sentence(step: &Step) -> String {
    let mark = match step.mark {
        Mark::Plain => "",
        Mark::Expected => " (expected)",
        Mark::Fault => " << here",
    };
    match &step.source {
        Some(source) => format!("{}: {} [{source}]{mark}", step.from.label, step.text),
        None => format!("{}{mark}", step.text),
    }
}
