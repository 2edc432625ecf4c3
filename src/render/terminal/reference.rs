//! What is not about a capture: codes, rules and the steps to take one.
//!
//! Never looks anything up: it is given what was found.

use std::io::{self, Write};

use crate::explain::Reading;
use crate::explain::checklist::Step;
use crate::finding::RuleMeta;
use crate::listing::pasted::Pasted;
use crate::listing::{Fields, Value};
use crate::render::layout::{pad, width};
use crate::render::terminal::Look;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;

/// Where the values of fields begin.
const VALUES: usize = 22;

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

/// Writes what a pasted token holds.
pub fn pasted(pasted: &Pasted, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    page.title(&page.safe(&pasted.summary));
    fields(&pasted.fields, 2, &mut page);
    if pasted.is_secret {
        page.blank();
        page.paragraph(
            0,
            "What was pasted proves an account, and can be attacked offline: do not pass it on.",
        );
    }
    out.write_all(page.text().as_bytes())
}

/// Named values, one a line; those in a value are indented.
fn fields(named: &Fields, indent: usize, page: &mut Page) {
    for (name, value) in &named.0 {
        let label = format!("{}{name}", " ".repeat(indent));
        if let Value::Object(inner) = value {
            page.line(&page.paint(Ink::Quiet, &label));
            fields(inner, indent + 2, page);
        } else {
            let begin = (width(&label) + 2).max(VALUES);
            page.labelled((&label, Ink::Quiet), begin, (&plain(value), Ink::Plain));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
        Value::List(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(Fields(fields)) => {
            let named = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", plain(value)));
            named.collect::<Vec<_>>().join(", ")
        }
    }
}

/// Writes names and what they stand for, a line each.
pub fn names(names: &[(&str, &str)], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(look);
    let widest = names.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    for (name, about) in names {
        let label = pad(name, widest);
        page.labelled((&label, Ink::Strong), widest + 2, (about, Ink::Plain));
    }
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
