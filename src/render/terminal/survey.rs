//! Many captures on a terminal: a table, the causes, and the identities that machines share.
//!
//! Never wraps a line of the table: they are to be searched.

use std::io::{self, Write};

use crate::render::layout::{pad, width};
use crate::render::terminal::Look;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::frames;
use crate::report::survey::{Survey, Surveyed, Verdict};

/// The columns.
const COLUMNS: [&str; 8] = [
    "file", "frames", "client", "service", "outcome", "cause", "warning", "title",
];
/// Columns that are aligned; the last one takes what is left.
const ALIGNED: usize = 7;

/// Writes a table, then the causes and the warnings, and the identities that two machines use.
pub fn render(survey: &Survey, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    let rows: Vec<[String; 8]> = survey.captures.iter().flat_map(rows).collect();
    let rows: Vec<[String; 8]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| page.safe(cell)))
        .collect();
    let widths: Vec<usize> = (0..ALIGNED)
        .map(|column| {
            let cells = rows.iter().map(|row| width(&row[column]));
            cells.max().unwrap_or(0).max(width(COLUMNS[column]))
        })
        .collect();
    if !rows.is_empty() {
        let names = line(&COLUMNS.map(str::to_owned), &widths);
        page.line(&page.paint(Ink::Quiet, &names));
    }
    for row in &rows {
        page.line(&line(row, &widths));
    }
    sorted("CAUSES", &survey.causes(), &mut page);
    sorted("WARNINGS THAT LEAD", &survey.warnings(), &mut page);
    shared(survey, &mut page);
    sums(survey, &mut page);
    out.write_all(page.text().as_bytes())
}

fn line(row: &[String; 8], widths: &[usize]) -> String {
    let cells = row.iter().enumerate().map(|(column, cell)| {
        let columns = widths.get(column).copied().unwrap_or(0);
        pad(cell, columns)
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn sorted(title: &str, rules: &[(&'static str, u64)], page: &mut Page) {
    if rules.is_empty() {
        return;
    }
    page.blank();
    page.title(title);
    for (rule, count) in rules {
        page.line(&format!("  {count:>5}  {rule}"));
    }
}

fn shared(survey: &Survey, page: &mut Page) {
    for identity in &survey.shared {
        page.blank();
        page.title(&page.safe(&format!(
            "ONE IDENTITY, SEVERAL MACHINES  {}",
            identity.smsid
        )));
        for user in &identity.users {
            let more = match user.more {
                0 => String::new(),
                1 => ", and once more".to_owned(),
                more => format!(", and {more} times more"),
            };
            let (machine, file, frame) = (&user.machine, &user.file, user.frame);
            page.paragraph(2, &format!("{machine}: {file}, frame {frame}{more}"));
        }
    }
}

fn sums(survey: &Survey, page: &mut Page) {
    let read = survey.captures.iter().filter(|it| it.verdicts.is_ok());
    let (read, all) = (read.count(), survey.captures.len());
    page.blank();
    let mut text = format!("{read} capture{} read", if read == 1 { "" } else { "s" });
    if all > read {
        text.push_str(&format!(", {} could not be", all - read));
    }
    if survey.others > 0 {
        text.push_str(&format!("; {} other files passed over", survey.others));
    }
    page.paragraph(0, &format!("{text}."));
    for note in &survey.notes {
        page.paragraph(0, note);
    }
}

/// The cells of a capture's lines.
fn rows(capture: &Surveyed) -> Vec<[String; 8]> {
    match &capture.verdicts {
        Ok(verdicts) => verdicts.iter().map(|it| row(&capture.file, it)).collect(),
        Err(reason) => {
            let mut row: [String; 8] = Default::default();
            row[0].clone_from(&capture.file);
            "unreadable".clone_into(&mut row[4]);
            row[7].clone_from(reason);
            vec![row]
        }
    }
}

fn row(file: &str, verdict: &Verdict) -> [String; 8] {
    let rule = |rule: Option<&'static str>| rule.unwrap_or_default().to_owned();
    let title = verdict.lead.as_ref().map(|lead| lead.title.clone());
    let place = verdict.frames.map(|(first, last)| frames(first, last));
    let repeats = match verdict.repeats {
        1 => String::new(),
        more => format!(" ×{more}"),
    };
    [
        file.to_owned(),
        place.unwrap_or_default(),
        verdict.client.clone(),
        verdict.service.clone(),
        format!("{}{repeats}", verdict.ending.name()),
        rule(verdict.cause()),
        rule(verdict.warning()),
        title.unwrap_or_default(),
    ]
}
