//! Two attempts on a terminal: where they part first, then all steps side by side.
//!
//! Never says which one is right.

use std::io::{self, Write};

use crate::render::layout::{pad, width};
use crate::render::listing::seconds;
use crate::render::terminal::Look;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::frames;
use crate::report::compare::{Comparison, Likeness, Pair};
use crate::story::Step;

/// Writes what differs between the attempts of two captures, whose names are given.
pub fn render(
    comparison: &Comparison<'_>,
    names: [&str; 2],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(look);
    for (name, attempt) in names.into_iter().zip([comparison.good, comparison.bad]) {
        let outcome = attempt.outcome.title().to_uppercase();
        let name = page.safe(&format!("{name}, attempt {}", attempt.id));
        let outcome = page.paint(Ink::of_outcome(attempt.outcome), &outcome);
        page.line(&format!("{}  {outcome}", page.paint(Ink::Strong, &name)));
    }
    first(comparison, &mut page);
    facets(comparison, &mut page);
    steps(comparison, &mut page);
    out.write_all(page.text().as_bytes())
}

fn first(comparison: &Comparison<'_>, page: &mut Page) {
    page.blank();
    let Some(pair) = comparison.first_difference() else {
        page.title("NO STEP DIFFERS");
        return;
    };
    page.title("FIRST DIFFERENCE");
    for (label, step) in [("  first", pair.good), ("  second", pair.bad)] {
        let text = step.map_or_else(|| "nothing of the kind".to_owned(), sentence);
        page.labelled((label, Ink::Quiet), 10, (&text, Ink::Plain));
    }
    if let Likeness::Slower(nanos) = pair.likeness {
        page.paragraph(2, &format!("The same, {} s later.", seconds(nanos)));
    }
}

fn sentence(step: &Step) -> String {
    let place = match &step.source {
        Some(source) => source.clone(),
        None => format!("frame {}", frames(step.first_frame(), step.last_frame())),
    };
    let (from, to) = (&step.from.label, &step.to.label);
    format!("{place}: {from} → {to}: {}", step.text)
}

fn facets(comparison: &Comparison<'_>, page: &mut Page) {
    if comparison.facets.is_empty() {
        return;
    }
    page.blank();
    page.title("WHAT ELSE DIFFERS   first | second");
    for facet in &comparison.facets {
        page.entry(facet.what, &format!("{} | {}", facet.good, facet.bad));
    }
}

fn steps(comparison: &Comparison<'_>, page: &mut Page) {
    page.blank();
    page.title("STEP BY STEP");
    let cell = |step: Option<&Step>| match step {
        Some(step) if step.source.is_some() => "log".to_owned(),
        Some(step) => frames(step.first_frame(), step.last_frame()),
        None => String::new(),
    };
    let rows: Vec<[String; 2]> = comparison
        .pairs
        .iter()
        .map(|pair| [pair.good, pair.bad].map(|step| page.safe(&cell(step))))
        .collect();
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max();
    let widths = [0, 1].map(|column| widest(column).unwrap_or(0).max(6));
    let heading = format!("     {}  {}", pad("first", widths[0]), "second");
    page.line(&page.paint(Ink::Quiet, &heading));
    for (pair, row) in comparison.pairs.iter().zip(&rows) {
        let label = format!(
            "  {}  {}  {}",
            sign(pair.likeness),
            pad(&row[0], widths[0]),
            pad(&row[1], widths[1])
        );
        let ink = match pair.likeness {
            Likeness::Same => Ink::Quiet,
            _ => Ink::Plain,
        };
        let indent = width(&label) + 2;
        page.labelled((&label, ink), indent, (&told(pair), ink));
    }
    page.blank();
    page.paragraph(2, LEGEND);
    if comparison.is_cut {
        page.paragraph(2, "Only the first steps of the two are laid side by side.");
    }
    for note in &comparison.notes {
        page.paragraph(2, note);
    }
}

const LEGEND: &str = "= the same   ! different   < only the first one has it   > only the second one has it   ~ the same, later";

const fn sign(likeness: Likeness) -> char {
    match likeness {
        Likeness::Same => '=',
        Likeness::Slower(_) => '~',
        Likeness::Different => '!',
        Likeness::OnlyGood => '<',
        Likeness::OnlyBad => '>',
    }
}

fn told(pair: &Pair<'_>) -> String {
    let said = |step: &Step| {
        let (from, to) = (&step.from.label, &step.to.label);
        format!("{from} → {to}: {}", step.text)
    };
    match (pair.good, pair.bad) {
        (Some(good), Some(bad)) if pair.likeness == Likeness::Different => {
            format!("{} | {}", said(good), bad.text)
        }
        (Some(good), Some(_)) if let Likeness::Slower(nanos) = pair.likeness => {
            format!("{}, {} s later", said(good), seconds(nanos))
        }
        (Some(step), _) | (None, Some(step)) => said(step),
        (None, None) => String::new(),
    }
}
