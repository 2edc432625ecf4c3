//! The rows of a drawing, one below the other.
//!
//! Never draws a lane: where they stand is settled before.

use crate::render::html::drawing::{DrawnRow, DrawnStep, LINE, safe};
use crate::render::html::measure::{width, wrap};
use crate::render::ladder::{Ladder, Passage, Way, passages};
use crate::render::terminal::Times;
use crate::render::wording::attempt as words;
use crate::render::wording::times::moment;
use crate::report::AttemptReport;
use crate::report::frame_names::FrameNames;
use crate::story::{Mark, Step};

/// Steps that are drawn; nobody follows a ladder for longer.
const STEPS: usize = 300;
/// The room for a sentence, also where the lanes of its arrow are closer.
const SENTENCE: usize = 520;
/// A pause of so many nanoseconds is told.
const PAUSE: i64 = 1_000_000_000;

/// What the rows are drawn with.
pub(super) struct Pen<'r> {
    pub(super) attempt: &'r AttemptReport,
    pub(super) names: &'r FrameNames,
    pub(super) ladder: &'r Ladder<'r>,
    pub(super) times: Times,
    pub(super) lanes: Vec<usize>,
    pub(super) axis: usize,
    pub(super) width: usize,
    pub(super) y: usize,
    pub(super) rows: Vec<DrawnRow>,
}

impl Pen<'_> {
    /// Draws all steps.
    pub(super) fn story(&mut self) {
        let mut left = STEPS;
        let mut before: Option<&Step> = None;
        let steps = &self.attempt.steps;
        for passage in passages(steps) {
            if left < passage.told.len() {
                break;
            }
            for step in passage.told {
                self.pause(before, step);
                self.step(step);
                before = Some(step);
            }
            left -= passage.told.len();
            self.again(&passage);
            before = passage.again.last().or(before);
        }
        let is_whole =
            before.is_none_or(|last| steps.last().is_some_and(|it| std::ptr::eq(it, last)));
        if !is_whole {
            let text = format!("the story goes on: the table has all {} steps", steps.len());
            self.words("again", text);
        }
    }

    /// Tells a pause before `step`.
    fn pause(&mut self, before: Option<&Step>, step: &Step) {
        let Some(before) = before.filter(|before| before.is_dated && step.is_dated) else {
            return;
        };
        let pause = step.time.since(before.time);
        if pause >= PAUSE {
            let tenths = pause / 100_000_000;
            self.words("pause", format!("{}.{} s later", tenths / 10, tenths % 10));
        }
    }

    fn frames(&self, step: &Step) -> String {
        match step.frames.as_slice() {
            [] => String::new(),
            _ => self.names.of_step(step),
        }
    }

    fn again(&mut self, passage: &Passage<'_>) {
        if let (Some(first), Some(last)) = (passage.again.first(), passage.again.last()) {
            let places = self.names.range(first.first_frame(), last.last_frame());
            self.words("again", format!("{}: {places}", passage.words()));
        }
    }

    fn words(&mut self, class: &'static str, text: String) {
        self.rows.push(DrawnRow::Words {
            class,
            y: self.y,
            text,
        });
        self.y += 30;
    }

    fn step(&mut self, step: &Step) {
        let (from, to) = match self.ladder.way(step) {
            Way::Between(from, to) => (self.lanes[from], self.lanes[to]),
            Way::At(lane) => (self.lanes[lane], self.lanes[lane]),
        };
        let (class, tag) = match (step.mark, step.source.is_some()) {
            (Mark::Fault, _) => ("fault", words::fault(self.attempt)),
            (Mark::Expected, _) => ("expected", "expected"),
            (Mark::Plain, true) => ("log", ""),
            (Mark::Plain, false) => ("plain", ""),
        };
        let label = Label::of(self.frames(step), from, to, self.axis, self.width);
        let text = match tag {
            "" => sentence(step),
            tag => format!("{} · {tag}", sentence(step)),
        };
        let lines = wrap(&safe(&text), label.room);
        let (y, count) = (self.y, lines.len());
        let lines = lines.into_iter().enumerate();
        let lines = lines.map(|(at, line)| (y + 18 + at * LINE, line));
        let arrow = y + 14 + count * LINE;
        let height = 28 + count * LINE;
        self.rows.push(DrawnRow::Step(DrawnStep {
            class,
            y,
            height,
            arrow,
            from,
            to,
            frames: label.frames,
            chip: label.chip,
            time: if step.is_dated {
                moment(self.times, step.time, self.attempt.first_time)
            } else {
                String::new()
            },
            text: label.x,
            anchor: label.anchor,
            lines: lines.collect(),
            who: (step.from.label.clone(), step.to.label.clone()),
            referral: self.referral(step),
        }));
        self.y += height;
    }

    /// Where the lane is to which the ticket in `step` leads.
    fn referral(&self, step: &Step) -> Option<usize> {
        let path = &self.attempt.ticket_path;
        let hop = path
            .iter()
            .find(|hop| step.kind == "tgs-rep" && step.frames.contains(&hop.frame))?;
        let next = hop.next_realm.as_ref()?;
        let lanes = self.ladder.lanes.iter();
        let (_, x) = lanes
            .zip(&self.lanes)
            .find(|(lane, _)| lane.issues_for(next))?;
        Some(*x)
    }
}

/// What is written along an arrow.
fn sentence(step: &Step) -> String {
    match &step.source {
        Some(source) => format!("{}: {} [{source}]", step.from.label, step.text),
        None => step.text.clone(),
    }
}

/// Where the words of a step stand.
struct Label {
    frames: String,
    chip: (usize, usize),
    x: usize,
    anchor: &'static str,
    room: usize,
}

impl Label {
    fn of(frames: String, from: usize, to: usize, axis: usize, whole: usize) -> Self {
        let left = from.min(to) + 10;
        let is_far_right = from == to && left > axis + (whole - axis) / 2;
        if is_far_right {
            let room = left - 24 - axis;
            return Self {
                frames,
                chip: (0, 0),
                x: left - 24,
                anchor: "end",
                room: room.min(2 * SENTENCE),
            };
        }
        let chip = match frames.as_str() {
            "" => (0, 0),
            frames => (left, width(frames) + 16),
        };
        let x = match chip {
            (_, 0) => left + 4,
            (_, wide) => left + wide + 8,
        };
        let span = from.max(to).saturating_sub(x + 12);
        Self {
            frames,
            chip,
            x,
            anchor: "start",
            room: span.max(SENTENCE).min(whole.saturating_sub(x + 4)),
        }
    }
}
