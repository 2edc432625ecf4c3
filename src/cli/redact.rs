//! `--redact`: puts pseudonyms in place of the names in the evidence, and lets nothing out that still holds one.
//!
//! Never writes the original names anywhere but to the map that the user asks for.

pub(super) mod learn;

use std::io::{self, Write};
use std::path::Path;

use anyhow::bail;

use crate::cli::run::warn;
use crate::cli::settings::{Redaction, Target, Warnings};
use crate::cli::write::{Content, write, write_private};
use crate::hide;
use crate::limits::Limitation;
use crate::listing::pasted::Pasted;
use crate::listing::{Line, Value};
use crate::privacy::{self, Markup, Pseudonyms};
use crate::render::InputFile;
use crate::report::Report;
use crate::report::survey::Survey;

/// Reason phrases of HTTP (RFC 9110 section 15).
const REASONS: [&str; 22] = [
    "Accepted",
    "Bad Gateway",
    "Bad Request",
    "Conflict",
    "Continue",
    "Created",
    "Forbidden",
    "Found",
    "Gateway Timeout",
    "Gone",
    "Internal Server Error",
    "Length Required",
    "Method Not Allowed",
    "Moved Permanently",
    "No Content",
    "Not Found",
    "Not Implemented",
    "Not Modified",
    "OK",
    "Proxy Authentication Required",
    "Service Unavailable",
    "Unauthorized",
];

/// Names that stay and are shown.
const SHOWN: usize = 10;

/// What was replaced, as the report says it.
const TOLD: &str = "Redacted: hosts, accounts, realms, service names, paths, addresses and identities are pseudonyms, the same one for the same name; lines of logs are left out. Times, ports, frame numbers, codes and versions are as they were.";

/// What was replaced, and that some names were not: which ones is told to nobody but the user.
pub(super) fn told(names: &Pseudonyms) -> String {
    match names.stayed().count() {
        0 => TOLD.to_owned(),
        1 => format!(
            "{TOLD} One name is also a word, a short number, or of one or two letters: it stays where it stands alone in a sentence."
        ),
        more => format!(
            "{TOLD} {more} names are also words, short numbers, or of one or two letters: they stay where they stand alone in sentences."
        ),
    }
}

/// Says on standard error what was replaced, where what is written has no place for that: a table for programs, a list.
pub(super) fn tell_beside(redaction: &Redaction) {
    if let Redaction::On(private) = redaction
        && private.warnings == Warnings::Told
    {
        warn(TOLD);
    }
}

/// Names, for the user alone, what stays where it stands alone.
fn warn_of_stayed(names: &Pseudonyms) {
    let stayed: Vec<String> = names
        .stayed()
        .take(SHOWN)
        .map(|it| format!("{it:?}"))
        .collect();
    let more = match names.stayed().count() - stayed.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !stayed.is_empty() {
        warn(&format!(
            "names that are also words, short numbers, or of one or two letters, stay where they stand alone in sentences: {}{more}; look for them before you pass it on",
            stayed.join(", ")
        ));
    }
}

/// The report and the names of its files, with pseudonyms.
pub(super) fn report(report: &mut Report, files: &mut [InputFile], names: &mut Pseudonyms) {
    privacy::redact(report, names);
    report.limitations.push(Limitation::of_capture(told(names)));
    self::files(files.iter_mut().map(|file| &mut file.name), names);
}

/// The names of files, with pseudonyms: one that nothing stands for gets the number of its place.
pub(super) fn files<'n>(files: impl IntoIterator<Item = &'n mut String>, names: &mut Pseudonyms) {
    for (place, file) in files.into_iter().enumerate() {
        let known = names.text(file);
        *file = if known == *file {
            format!("file-{}", place + 1)
        } else {
            known
        };
    }
}

/// The survey, with pseudonyms: what is said of attempts, then the names of files, which no attempt tells.
pub(super) fn survey(survey: &mut Survey, names: &mut Pseudonyms) {
    for verdict in survey.verdicts_mut() {
        for text in [&mut verdict.client, &mut verdict.service] {
            *text = names.value(text);
        }
        if let Some(lead) = &mut verdict.lead {
            lead.title = names.text(&lead.title);
        }
    }
    for shared in &mut survey.shared {
        shared.smsid = names.text(&shared.smsid);
        for user in &mut shared.users {
            user.machine = names.value(&user.machine);
        }
    }
    for capture in &mut survey.captures {
        let pseudonym = names.file(&capture.file);
        if let Err(reason) = &mut capture.verdicts {
            *reason = reason.replace(&capture.file, &pseudonym);
        }
        capture.file = pseudonym;
    }
    let users = survey.shared.iter_mut().flat_map(|it| &mut it.users);
    for user in users {
        user.file = names.file(&user.file);
    }
    survey.notes.push(told(names));
}

/// What a pasted token holds, with pseudonyms.
pub(super) fn pasted(pasted: &mut Pasted, names: &mut Pseudonyms) {
    learn::learn_fields(&pasted.fields.0, names);
    pasted.summary = names.text(&pasted.summary);
    replace_all(&mut pasted.fields.0, names);
}

/// The lines, with pseudonyms.
pub(super) fn lines(lines: &mut [Line], names: &mut Pseudonyms) {
    for line in lines {
        hide_free_text(line);
        line.src = names.text(&line.src);
        line.dst = names.text(&line.dst);
        line.summary = names.text(&line.summary);
        replace_all(&mut line.fields.0, names);
    }
}

/// A reason phrase is free text, and so is what a server or a client calls itself: of those that are not the usual ones nothing is
/// told.
fn hide_free_text(line: &mut Line) {
    for (key, value) in &mut line.fields.0 {
        let Value::Text(text) = value else {
            continue;
        };
        let is_usual = match *key {
            "reason" => REASONS.contains(&text.as_str()),
            "server" | "user_agent" => hide::is_known_product(text.as_bytes()),
            _ => true,
        };
        if !is_usual && !text.is_empty() {
            line.summary = line.summary.replace(text.as_str(), "…");
            "…".clone_into(text);
        }
    }
}

/// A field that holds a name is one whatever it is called; other texts are sentences.
fn replace_all(fields: &mut [(&'static str, Value)], names: &mut Pseudonyms) {
    for (key, value) in fields {
        replace(learn::is_name(key), value, names);
    }
}

fn replace(is_name: bool, value: &mut Value, names: &mut Pseudonyms) {
    match value {
        Value::Text(text) if is_name => *text = names.value(text),
        Value::Text(text) => *text = names.text(text),
        Value::List(values) => values.iter_mut().for_each(|it| replace(is_name, it, names)),
        Value::Object(fields) => replace_all(&mut fields.0, names),
        Value::Number(_) | Value::Bool(_) => {}
    }
}

/// Writes what `content` makes: with names to hide, unless one of them is in it, and then the private map if it is wanted.
pub(super) fn write_out(
    target: &Target,
    redaction: &Redaction,
    names: Option<&Pseudonyms>,
    markup: Markup,
    content: Content<'_>,
) -> anyhow::Result<()> {
    let Some(names) = names else {
        return write(target, content);
    };
    let mut written = Vec::new();
    content(&mut written)?;
    write_checked(target, redaction, names, markup, &written)
}

/// Writes `written`, unless a name is in it, and the private map if it is wanted.
pub(super) fn write_checked(
    target: &Target,
    redaction: &Redaction,
    names: &Pseudonyms,
    markup: Markup,
    written: &[u8],
) -> anyhow::Result<()> {
    if let Some(name) = names.leak(written, markup) {
        bail!("nothing was written: {name:?} would still have been in it");
    }
    write(target, &mut |out| out.write_all(written))?;
    if let Redaction::On(private) = redaction
        && private.warnings == Warnings::Told
    {
        warn_of_stayed(names);
    }
    match redaction.map() {
        Some(map) => write_map(map, names),
        None => Ok(()),
    }
}

/// Writes the private map: a name and what stands for it, a line each.
fn write_map(path: &Path, names: &Pseudonyms) -> anyhow::Result<()> {
    write_private(path, &mut |out: &mut dyn Write| -> io::Result<()> {
        names
            .map()
            .try_for_each(|(name, pseudonym)| writeln!(out, "{name}\t{pseudonym}"))
    })
}
