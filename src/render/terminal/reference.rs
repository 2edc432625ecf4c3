//! What is not about a capture: codes, rules and the steps to take one.
//!
//! Never looks anything up: it is given what was found.

use std::io::{self, Write};

use crate::explain::Reading;
use crate::explain::checklist::Step;
use crate::finding::RuleMeta;
use crate::render::layout::{pad, width};
use crate::render::terminal::Look;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;

/// Writes what `word` may mean.
pub fn readings(
    word: &str,
    readings: &[Reading],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(look);
    let word = page.safe(word);
    page.title(&word);
    for reading in readings {
        page.line(&format!(
            "  {}  {}  {}",
            page.paint(Ink::Strong, reading.name),
            reading.number,
            page.paint(Ink::Quiet, reading.kind)
        ));
        page.paragraph(6, reading.meaning);
        if !reading.rules.is_empty() {
            page.paragraph(6, &format!("rules: {}", reading.rules.join(", ")));
        }
    }
    page.blank();
    out.write_all(page.text().as_bytes())
}

/// Writes a rule's own documentation.
pub fn rule(rule: &RuleMeta, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    page.title(&format!("{}  {}", rule.id, rule.summary));
    page.paragraph(
        0,
        &format!(
            "severity {}, for {} to mend, since {}",
            rule.severity.name(),
            rule.owner.name(),
            rule.since
        ),
    );
    for paragraph in paragraphs(rule.explanation) {
        page.blank();
        match paragraph.strip_prefix("## ") {
            Some(heading) => page.title(heading),
            None => page.paragraph(2, &paragraph),
        }
    }
    page.blank();
    page.title("Sources");
    for source in rule.sources {
        page.paragraph(2, source);
    }
    page.blank();
    out.write_all(page.text().as_bytes())
}

/// Writes all rules, a line each.
pub fn rules(rules: &[&RuleMeta], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    let ids = rules.iter().map(|rule| width(rule.id)).max().unwrap_or(0);
    for rule in rules {
        let label = format!("{}  {}", pad(rule.id, ids), pad(rule.severity.name(), 8));
        let indent = width(&label) + 2;
        page.labelled((&label, Ink::Plain), indent, (rule.summary, Ink::Plain));
    }
    out.write_all(page.text().as_bytes())
}

/// Writes the steps.
pub fn checklist(steps: &[Step], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    for (at, step) in steps.iter().enumerate() {
        let number = format!("{}.", at + 1);
        page.labelled((&number, Ink::Strong), 4, (step.title, Ink::Strong));
        page.paragraph(4, step.reason);
        for (place, command) in step.commands {
            page.line(&format!(
                "      {}  {}",
                page.paint(Ink::Quiet, &pad(place, 7)),
                command
            ));
        }
        page.blank();
    }
    out.write_all(page.text().as_bytes())
}

/// The paragraphs of a documentation comment, each in one line; headings are paragraphs of their own.
fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .split(|line| line.is_empty())
        .map(|paragraph| paragraph.join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}
