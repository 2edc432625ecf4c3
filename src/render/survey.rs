//! Many captures, a line for each attempt: for a spreadsheet, and for programs.
//!
//! Never sorts: what comes first is the survey's to say.

use std::io::{self, Write};

use crate::frame::FrameNumber;
use crate::render::csv::values;
use crate::render::escape::Json;
use crate::report::survey::{Survey, Surveyed, Verdict};

const COLUMNS: [&str; 10] = [
    "file",
    "first_frame",
    "last_frame",
    "repeats",
    "client",
    "service",
    "outcome",
    "cause",
    "warning",
    "title",
];

/// Writes comma-separated values (RFC 4180), with a line of names.
pub fn csv(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let names = COLUMNS.map(str::to_owned);
    let rows = survey.captures.iter().flat_map(rows);
    std::iter::once(names)
        .chain(rows)
        .try_for_each(|row| values(&row, out))
}

/// The cells of a capture's lines.
fn rows(capture: &Surveyed) -> Vec<[String; 10]> {
    match &capture.verdicts {
        Ok(verdicts) => verdicts.iter().map(|it| row(&capture.file, it)).collect(),
        Err(reason) => {
            let mut row: [String; 10] = Default::default();
            row[0].clone_from(&capture.file);
            "unreadable".clone_into(&mut row[6]);
            row[9].clone_from(reason);
            vec![row]
        }
    }
}

fn row(file: &str, verdict: &Verdict) -> [String; 10] {
    let rule = |rule: Option<&'static str>| rule.unwrap_or_default().to_owned();
    let title = verdict.lead.as_ref().map(|lead| lead.title.clone());
    let frame = |number: FrameNumber| number.to_string();
    [
        file.to_owned(),
        verdict.frames.map_or_else(String::new, |it| frame(it.0)),
        verdict.frames.map_or_else(String::new, |it| frame(it.1)),
        verdict.repeats.to_string(),
        verdict.client.clone(),
        verdict.service.clone(),
        verdict.ending.name().to_owned(),
        rule(verdict.cause()),
        rule(verdict.warning()),
        title.unwrap_or_default(),
    ]
}

/// Writes one JSON object a line: the attempts, the captures that could not be read, the shared identities.
pub fn jsonl(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    for document in crate::render::json::survey::lines(survey)? {
        writeln!(out, "{}", Json(&document))?;
    }
    Ok(())
}
