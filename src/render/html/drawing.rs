//! Where everything in the drawing of a ladder stands, in pixels from its top left corner.
//!
//! Never says more than the story, which stands beside it as a table.

use crate::render::escape::Terminal;
use crate::render::html::measure::{name, width, wrap};
use crate::render::html::pen::Pen;
use crate::render::ladder::{Ladder, Lane};
use crate::render::terminal::Times;
use crate::report::{AttemptReport, Report};

/// Half the width of the box at the head of a lane.
const HALF: usize = 82;
/// From one line of text to the next.
pub(super) const LINE: usize = 17;
/// Characters of one text that are looked at.
const LONGEST: usize = 400;
/// A ladder with more rows has the names of its lanes below it too.
const LONG: usize = 12;

/// A drawing.
pub(super) struct Drawing {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Where the axis of time stands.
    pub(super) axis: usize,
    /// Where the lanes begin and end.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) lanes: Vec<DrawnLane>,
    pub(super) rows: Vec<DrawnRow>,
    pub(super) is_long: bool,
    /// Who takes part, for those who do not see it.
    pub(super) summary: String,
}

/// A lane.
pub(super) struct DrawnLane {
    pub(super) x: usize,
    pub(super) label: String,
    pub(super) address: String,
    pub(super) name: Vec<String>,
    /// The address in lines: one of IPv6 may take two.
    pub(super) place: Vec<String>,
}

/// A row.
pub(super) enum DrawnRow {
    /// A message, or a line of a log at its lane.
    Step(DrawnStep),
    /// A pause, or steps that only repeat others: the upper edge and the words.
    Words {
        class: &'static str,
        y: usize,
        text: String,
    },
}

/// A message.
pub(super) struct DrawnStep {
    pub(super) class: &'static str,
    /// The upper edge of the row and its height.
    pub(super) y: usize,
    pub(super) height: usize,
    /// Where the arrow stands, and from where to where it goes; the same where it goes nowhere.
    pub(super) arrow: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) frames: String,
    /// Left edge and width of the label with the frames; 0 where there are none.
    pub(super) chip: (usize, usize),
    pub(super) time: String,
    pub(super) text: usize,
    pub(super) anchor: &'static str,
    pub(super) lines: Vec<(usize, String)>,
    /// Who speaks to whom.
    pub(super) who: (String, String),
    /// Where the lane is to which a referral leads.
    pub(super) referral: Option<usize>,
}

impl Drawing {
    fn steps(&self) -> impl Iterator<Item = &DrawnStep> {
        self.rows.iter().filter_map(|row| match row {
            DrawnRow::Step(step) => Some(step),
            DrawnRow::Words { .. } => None,
        })
    }

    pub(super) fn has_referral(&self) -> bool {
        self.steps().any(|step| step.referral.is_some())
    }

    pub(super) fn has_fault(&self) -> bool {
        self.steps().any(|step| step.class == "fault")
    }
}

impl DrawnStep {
    /// Whether it goes to the right.
    pub(super) const fn is_rightward(&self) -> bool {
        self.to > self.from
    }

    pub(super) const fn is_at_one_lane(&self) -> bool {
        self.to == self.from
    }

    /// What lies behind the lines of text, so that no lane runs through them: left and upper edge, and width.
    pub(super) fn grounds(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let lines = self.lines.iter();
        lines.map(|(y, line)| {
            let wide = width(line);
            let left = match self.anchor {
                "end" => self.text.saturating_sub(wide),
                _ => self.text,
            };
            (left, y - 13, wide)
        })
    }

    /// The middle of the label with the frames.
    pub(super) const fn chip_middle(&self) -> usize {
        self.chip.0 + self.chip.1 / 2
    }
}

/// The ladder of `attempt`.
pub(super) fn draw(report: &Report, attempt: &AttemptReport, times: Times) -> Drawing {
    let ladder = Ladder::of(report, std::slice::from_ref(attempt));
    let axis = match times {
        Times::Relative => 66,
        Times::Utc | Times::Local => 108,
        Times::Epoch => 152,
    };
    let space = spacing(ladder.lanes.len());
    let first = axis + 12 + HALF;
    let xs = (0..ladder.lanes.len()).map(|at| first + at * space);
    let lanes: Vec<DrawnLane> = ladder.lanes.iter().zip(xs).map(lane).collect();
    let heights = lanes.iter().map(|lane| lane.name.len() + lane.place.len());
    let top = 39 + heights.max().unwrap_or(0) * LINE;
    let xs: Vec<usize> = lanes.iter().map(|lane| lane.x).collect();
    let width = xs.last().copied().unwrap_or(first) + HALF + 8;
    let mut pen = Pen {
        attempt,
        names: &report.frame_names,
        ladder: &ladder,
        times,
        lanes: xs,
        axis,
        width: width.max(640),
        y: top + 8,
        rows: Vec::new(),
    };
    pen.story();
    let is_long = pen.rows.len() > LONG;
    let bottom = pen.y + 6;
    Drawing {
        width: pen.width,
        height: bottom + if is_long { 24 } else { 8 },
        axis,
        top,
        bottom,
        rows: pen.rows,
        is_long,
        summary: summary(&lanes, attempt),
        lanes,
    }
}

/// From one lane to the next: few lanes have room, many stay on the page.
const fn spacing(lanes: usize) -> usize {
    match lanes {
        0..=2 => 640,
        3 => 400,
        4 => 275,
        5 => 214,
        _ => 178,
    }
}

fn lane((lane, x): (&Lane<'_>, usize)) -> DrawnLane {
    let room = 2 * HALF - 12;
    let address = lane.address.to_string();
    DrawnLane {
        x,
        // The label is larger than the other lines.
        label: short(&lane.label, room * 4 / 5),
        place: wrap(&address, room),
        address,
        name: lane
            .name()
            .map_or_else(Vec::new, |it| name(&safe(it), room)),
    }
}

/// The first line of `text` in that room.
fn short(text: &str, room: usize) -> String {
    name(&safe(text), room)
        .into_iter()
        .next()
        .unwrap_or_default()
}

/// The beginning of `text`, and nothing that turns or hides it.
pub(super) fn safe(text: &str) -> String {
    let beginning: String = text.chars().take(LONGEST).collect();
    Terminal(&beginning).to_string()
}

fn summary(lanes: &[DrawnLane], attempt: &AttemptReport) -> String {
    let told: Vec<String> = lanes
        .iter()
        .map(|lane| format!("{} ({})", lane.label, lane.address))
        .collect();
    format!(
        "{} steps from top to bottom between {}. The table of the story tells the same in words.",
        attempt.steps.len(),
        told.join(", ")
    )
}
