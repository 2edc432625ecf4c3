//! Many captures, a line for each attempt: for a spreadsheet, and for programs.
//!
//! Never sorts: what comes first is the survey's to say.

use std::io::{self, Write};

use crate::frame::FrameNumber;
use crate::render::escape::{Json, Terminal};
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
    for row in std::iter::once(names).chain(rows) {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        write!(out, "{}\r\n", cells.join(","))?;
    }
    Ok(())
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

/// A cell in quotes where it needs them. What a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let cell: String = cell.chars().filter(|sign| !sign.is_control()).collect();
    let cell = Terminal(&cell).to_string();
    let guard = if cell.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    if cell.contains([',', '"']) || !guard.is_empty() {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// Writes one JSON object a line: the attempts, the captures that could not be read, the shared identities.
pub fn jsonl(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    for document in crate::render::json::survey::lines(survey)? {
        writeln!(out, "{}", Json(&document))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"a\""), "\"say \"\"a\"\"\"");
        assert_eq!(quoted("=cmd|' /c calc'!A1"), "\"'=cmd|' /c calc'!A1\"");
        assert_eq!(quoted("a\r\nb"), "ab");
        assert_eq!(quoted("mp\u{202e}gol"), "mp\\u{202e}gol");
    }
}
