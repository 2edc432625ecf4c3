//! Mirrors of what is not about a capture: codes and rules.

use std::io::{self, Write};

use serde::Serialize;

use crate::explain::Reading;
use crate::finding::RuleMeta;
use crate::render::escape::Json;

#[derive(Serialize)]
struct RuleMirror<'a> {
    id: &'a str,
    summary: &'a str,
    severity: &'a str,
    stage: &'a str,
    owner: &'a str,
    since: &'a str,
    sources: &'a [&'a str],
    explanation: String,
}

#[derive(Serialize)]
struct WordMirror<'a> {
    word: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleMirror<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readings: Option<Vec<ReadingMirror<'a>>>,
}

#[derive(Serialize)]
struct ReadingMirror<'a> {
    kind: &'a str,
    number: &'a str,
    name: &'a str,
    meaning: &'a str,
    rules: &'a [&'a str],
}

/// What is known of one word.
#[derive(Debug)]
pub enum Known<'a> {
    /// It is a rule.
    Rule(&'a RuleMeta),
    /// It is a code, or several.
    Codes(&'a [Reading]),
}

/// Writes all rules as one list.
pub fn rules(rules: &[&RuleMeta], out: &mut dyn Write) -> io::Result<()> {
    let mirrors: Vec<RuleMirror<'_>> = rules.iter().map(|rule| mirror(rule)).collect();
    write(&mirrors, out)
}

/// Writes what is known of each word as one list.
pub fn words(words: &[(&str, Known<'_>)], out: &mut dyn Write) -> io::Result<()> {
    let mirrors: Vec<WordMirror<'_>> = words
        .iter()
        .map(|(word, known)| of_word(word, known))
        .collect();
    write(&mirrors, out)
}

fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let document = serde_json::to_string_pretty(document)?;
    writeln!(out, "{}", Json(&document))
}

fn of_word<'a>(word: &'a str, known: &Known<'a>) -> WordMirror<'a> {
    match known {
        Known::Rule(rule) => WordMirror {
            word,
            rule: Some(mirror(rule)),
            readings: None,
        },
        Known::Codes(readings) => WordMirror {
            word,
            rule: None,
            readings: Some(readings.iter().map(reading).collect()),
        },
    }
}

fn reading(reading: &Reading) -> ReadingMirror<'_> {
    ReadingMirror {
        kind: reading.kind,
        number: &reading.number,
        name: reading.name,
        meaning: reading.meaning,
        rules: &reading.rules,
    }
}

fn mirror(rule: &RuleMeta) -> RuleMirror<'_> {
    let lines: Vec<&str> = rule.explanation.lines().map(str::trim).collect();
    RuleMirror {
        id: rule.id,
        summary: rule.summary,
        severity: rule.severity.name(),
        stage: rule.stage.name(),
        owner: rule.owner.name(),
        since: rule.since,
        sources: rule.sources,
        explanation: lines.join("\n").trim().to_owned(),
    }
}
