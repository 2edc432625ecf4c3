//! The report for ticket systems: headings, short tables, lists and fenced blocks, and no HTML.
//!
//! Never lets text of the wire become markup: it comes in through `Page`, which escapes it.

mod attempt;
mod page;

use std::io::{self, Write};

use crate::render::InputFile;
use crate::render::markdown::page::Page;
use crate::render::terminal::Times;
use crate::render::wording::clocks::{comparisons, describe};
use crate::render::wording::inputs::{capture, log, numbering};
use crate::render::wording::log_story as words;
use crate::render::wording::surroundings::{
    TOLD_CLIENTS, because, counts, roles, secrets, unshown, untold, whole,
};
use crate::report::Report;
use crate::story::log_story::LogStory;

/// Writes the report about `files`: the captures, then the logs.
pub fn render(
    report: &Report,
    files: &[InputFile],
    times: Times,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::default();
    page.names = report.frame_names.clone();
    heading(report, files, times, &mut page);
    let has_ccm = report.attempts.iter().any(|attempt| attempt.is_ccm);
    for told in &report.attempts {
        attempt::verdict(told, &mut page);
        if !has_ccm || told.is_ccm {
            attempt::story(told, times, &mut page);
        }
        attempt::findings(told, &mut page);
        if !has_ccm || told.is_ccm {
            attempt::reasoning(told, &mut page);
        }
    }
    if let Some(story) = &report.log_story {
        of_logs(story, times, &mut page);
    }
    if !report.findings.is_empty() {
        page.heading(2, whole(report));
        for finding in &report.findings {
            attempt::finding(finding, &mut page);
        }
    }
    surroundings(report, &mut page);
    read(report, files, times, &mut page);
    if let Some(text) = secrets(report.secrets) {
        page.paragraph(&text);
    }
    out.write_all(page.text().as_bytes())
}

fn heading(report: &Report, files: &[InputFile], times: Times, page: &mut Page) {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    page.heading(1, &format!("why401: {}", names.join(", ")));
    for (input, file) in report.inputs.iter().zip(files) {
        page.paragraph(&format!("{}: {}", file.name, capture(input, times)));
    }
    if report.log_story.is_some() {
        page.strong(words::TITLE);
        page.paragraph(words::CAVEAT);
    } else if report.attempts.is_empty() {
        page.paragraph("No sign-on attempt found.");
    }
    for sentence in numbering(report) {
        page.paragraph(sentence);
    }
}

/// What logs say without a capture.
fn of_logs(story: &LogStory, times: Times, page: &mut Page) {
    page.heading(2, words::READINGS);
    for reading in &story.readings {
        page.bullet(&words::reading(reading));
    }
    for sentence in words::untold(story) {
        page.paragraph(&sentence);
    }
    page.heading(2, words::LINES);
    page.table(&["time", "line", "who", "what it says"]);
    for line in &story.lines {
        let time = words::time(times, line.time);
        page.row(&[&time, &line.source, &line.speaker, &line.text]);
    }
    page.heading(2, words::OPEN);
    for question in &story.open {
        page.bullet(question);
    }
    page.paragraph(words::COMMANDS);
    for (machine, command) in &story.commands {
        page.fence(&format!("{machine}> {command}"));
    }
}

fn surroundings(report: &Report, page: &mut Page) {
    if !report.attempts.is_empty() && !report.hosts.is_empty() {
        page.heading(2, "Hosts");
        page.table(&["host", "name", "part", "how it is known"]);
        for host in &report.hosts {
            let name = host.names.first().map_or("", String::as_str);
            let address = host.address.to_string();
            let because = page.names.text(&because(host));
            page.row(&[&address, name, &roles(host), &because]);
        }
        let clocks = report.hosts.iter();
        let clocks = clocks.filter_map(|host| Some((host.address, host.clock.as_ref()?)));
        for (address, clock) in clocks {
            page.bullet(&format!("clock of {address}: {}", describe(clock)));
        }
        for sentence in comparisons(&report.hosts) {
            page.bullet(&sentence);
        }
    }
    if !report.other_kerberos.is_empty() {
        page.heading(2, "Other Kerberos traffic");
        for other in report.other_kerberos.iter().take(TOLD_CLIENTS) {
            page.bullet(&counts(other));
            for refusal in &other.refusals {
                page.bullet(&format!("frame {}: {}", refusal.frame, refusal.text));
            }
        }
        if let Some(more) = untold(&report.other_kerberos) {
            page.bullet(&more);
        }
    }
    if !report.limitations.is_empty() {
        page.heading(2, unshown(report));
        for told in &report.limitations {
            let since = told.since_frame;
            let since = since.map_or_else(String::new, |frame| format!(" (from frame {frame})"));
            page.bullet(&format!("{}{since}", told.text));
        }
    }
}

/// The files, with what identifies them.
fn read(report: &Report, files: &[InputFile], times: Times, page: &mut Page) {
    page.heading(2, "Files");
    for (at, file) in files.iter().enumerate() {
        let read = report.logs.get(at.wrapping_sub(report.inputs.len()));
        let what = match (report.inputs.get(at), read) {
            (Some(input), _) => format!("{}, {}", input.format, capture(input, times)),
            (None, Some(read)) => log(read, times),
            (None, None) => String::new(),
        };
        page.bullet(&format!("{}: {what}, {} bytes", file.name, file.bytes));
        for note in read.iter().flat_map(|read| &read.notes) {
            page.bullet(note);
        }
        if let Some(digest) = &file.sha256 {
            page.bullet(&format!("SHA-256 {digest}"));
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    page.paragraph(&format!("Made by why401 {version}."));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{HOSTILE, failed, report};

    #[test]
    fn text_of_the_wire_is_text_in_a_ticket() {
        let file = InputFile {
            name: HOSTILE.to_owned(),
            ..InputFile::default()
        };
        let report = report(vec![failed(HOSTILE)]);
        let mut text = Vec::new();
        render(&report, &[file], Times::Relative, &mut text).expect("writing to memory");
        let text = String::from_utf8(text).expect("text");
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
        assert!(!text.contains('\u{202e}'));
        let rows = text.lines().filter(|line| line.starts_with('|'));
        let cells = |row: &str| row.replace("\\|", "").matches('|').count();
        assert!(
            rows.into_iter().all(|row| matches!(cells(row), 5)),
            "{text}"
        );
        for line in text
            .lines()
            .filter(|line| !line.starts_with("    ") && line.contains("<img"))
        {
            let is_code = line.starts_with('\u{5c}') || line.contains('`');
            assert!(is_code || line.contains("\\<img"), "{line}");
        }
    }
}
