//! The story of an attempt as a table: frames, time, who, what.
//!
//! Never leaves a step out.

use crate::render::layout::{pad, shorten, width, wrap};
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::steps::others;
use crate::report::AttemptReport;
use crate::story::{Mark, Step};

/// Space between columns.
const GAP: usize = 2;
/// The least room for a sentence beside the other columns; with less it stands below them.
const SENTENCE: usize = 36;
/// The part of the width that a name may take; it is the wire that makes some of them.
const ACTOR: usize = 5;
/// The heading above the numbers of another viewer, which the heading of the report names.
const OTHERS: &str = "other";
/// What stands flush right of a step that looks like a fault and is none.
const EXPECTED: &str = "expected";
/// What stands flush right of the step where it went wrong.
const FAULT: &str = "<< here";

struct Row {
    frames: String,
    /// The same frames in another viewer.
    others: String,
    time: String,
    who: String,
    what: String,
    mark: Mark,
}

/// How wide the columns are, and where sentences begin.
struct Columns {
    frames: usize,
    /// 0 where no other viewer numbers the frames differently.
    others: usize,
    time: usize,
    who: usize,
    what: usize,
    place: Place,
}

/// Where a sentence stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beside,
    Below,
}

pub(super) fn render(attempt: &AttemptReport, page: &mut Page) {
    let rows: Vec<Row> = attempt
        .steps
        .iter()
        .map(|step| row(step, attempt, page))
        .collect();
    let columns = Columns::of(&rows, page.look.columns);
    let others = match columns.others {
        0 => "",
        _ => OTHERS,
    };
    let what = match columns.place {
        Place::Beside => "what",
        Place::Below => "",
    };
    let heading = columns.line("frame", others, "time", "who", what);
    page.line(&page.paint(Ink::Quiet, &heading));
    for row in &rows {
        write(row, &columns, page);
    }
}

fn row(step: &Step, attempt: &AttemptReport, page: &Page) -> Row {
    let actor = |label: &str| {
        shorten(
            &page.safe(label),
            page.look.columns / ACTOR,
            &page.safe("…"),
        )
    };
    let (from, to) = (actor(&step.from.label), actor(&step.to.label));
    let shown = match &step.source {
        Some(_) => "log".to_owned(),
        None => page.names.of_step(step),
    };
    let who = if step.from == step.to {
        from
    } else {
        format!("{from} {} {to}", page.safe("→"))
    };
    let source = step.source.as_ref();
    let source = source.map_or_else(String::new, |source| format!(" [{source}]"));
    Row {
        frames: page.safe(&shown),
        others: page.safe(&others(step)),
        time: if step.is_dated {
            page.time(step.time, attempt.first_time)
        } else {
            String::new()
        },
        who,
        what: page.safe(&format!("{}{source}", step.text)),
        mark: step.mark,
    }
}

impl Columns {
    fn of(rows: &[Row], room: usize) -> Self {
        let widest = |cell: fn(&Row) -> &str, title: &str| {
            let cells = rows.iter().map(|row| width(cell(row)));
            cells.max().unwrap_or(0).max(title.len()) + GAP
        };
        let frames = widest(|row| &row.frames, "frame");
        let others = match rows.iter().map(|row| width(&row.others)).max() {
            Some(0) | None => 0,
            Some(widest) => widest.max(OTHERS.len()) + GAP,
        };
        let time = widest(|row| &row.time, "time");
        let who = widest(|row| &row.who, "who");
        let beside = GAP + frames + others + time + who;
        let (what, place) = if beside + SENTENCE <= room {
            (beside, Place::Beside)
        } else {
            (GAP + frames + others, Place::Below)
        };
        Self {
            frames,
            others,
            time,
            who,
            what,
            place,
        }
    }

    fn line(&self, frames: &str, others: &str, time: &str, who: &str, what: &str) -> String {
        format!(
            "{}{}{}{}{}{what}",
            " ".repeat(GAP),
            pad(frames, self.frames),
            pad(others, self.others),
            pad(time, self.time),
            pad(who, self.who)
        )
    }
}

/// One step: its mark flush right on its first line.
fn write(row: &Row, columns: &Columns, page: &mut Page) {
    let (mark, ink) = match row.mark {
        Mark::Plain => ("", Ink::Plain),
        Mark::Expected => (EXPECTED, Ink::Plain),
        Mark::Fault => (FAULT, Ink::Strong),
    };
    let mut lines = lines(row, columns, page.look.columns).into_iter();
    let first = lines.next().unwrap_or_default();
    let gap = page.look.columns.saturating_sub(width(&first) + mark.len());
    let gap = " ".repeat(gap.max(1));
    let mark_ink = if row.mark == Mark::Fault {
        Ink::Bad
    } else {
        Ink::Quiet
    };
    page.line(&format!(
        "{}{gap}{}",
        page.paint(ink, &first),
        page.paint(mark_ink, mark)
    ));
    for line in lines {
        page.line(&page.paint(ink, &line));
    }
}

fn lines(row: &Row, columns: &Columns, room: usize) -> Vec<String> {
    let for_mark = match (row.mark, columns.place) {
        (Mark::Plain, _) | (_, Place::Below) => 0,
        _ => EXPECTED.len() + GAP,
    };
    let sentence = wrap(&row.what, room.saturating_sub(columns.what + for_mark));
    let mut sentence = sentence.iter();
    let beside = match columns.place {
        Place::Beside => sentence.next().map_or("", String::as_str),
        Place::Below => "",
    };
    let first = columns.line(&row.frames, &row.others, &row.time, &row.who, beside);
    let further = sentence.map(|line| format!("{}{line}", " ".repeat(columns.what)));
    std::iter::once(first).chain(further).collect()
}
