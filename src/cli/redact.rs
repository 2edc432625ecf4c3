//! `--redact`: puts pseudonyms in place of the names in the evidence, and lets nothing out that still holds one.
//!
//! Never writes the original names anywhere but to the map that the user asks for.

pub(super) mod learn;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::settings::{Redaction, Target};
use crate::cli::write::{Content, write};
use crate::limits::Limitation;
use crate::listing::pasted::Pasted;
use crate::listing::{Line, Value};
use crate::privacy::{self, Pseudonyms};
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

/// What was replaced, as the report says it.
pub(super) const TOLD: &str = "Redacted: hosts, accounts, realms, service names, paths, addresses and identities are pseudonyms, the same one for the same name; lines of logs are left out. Times, ports, frame numbers, codes and versions are as they were.";

/// The report and the names of its files, with pseudonyms.
pub(super) fn report(report: &mut Report, files: &mut [InputFile], names: &mut Pseudonyms) {
    privacy::redact(report, names);
    report
        .limitations
        .push(Limitation::of_capture(TOLD.to_owned()));
    for (place, file) in files.iter_mut().enumerate() {
        let known = names.text(&file.name);
        file.name = if known == file.name {
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
            *text = names.text(text);
        }
        if let Some(cause) = &mut verdict.cause {
            cause.title = names.text(&cause.title);
        }
    }
    for shared in &mut survey.shared {
        shared.smsid = names.text(&shared.smsid);
        for user in &mut shared.users {
            user.machine = names.text(&user.machine);
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
    survey.notes.push(TOLD.to_owned());
}

/// What a pasted token holds, with pseudonyms.
pub(super) fn pasted(pasted: &mut Pasted, names: &mut Pseudonyms) {
    learn::learn_fields(&pasted.fields.0, names);
    pasted.summary = names.text(&pasted.summary);
    for (_, value) in &mut pasted.fields.0 {
        replace(value, names);
    }
}

/// The lines, with pseudonyms.
pub(super) fn lines(lines: &mut [Line], names: &mut Pseudonyms) {
    for line in lines {
        hide_reason(line);
        line.src = names.text(&line.src);
        line.dst = names.text(&line.dst);
        line.summary = names.text(&line.summary);
        for (_, value) in &mut line.fields.0 {
            replace(value, names);
        }
    }
}

/// A reason phrase is free text: of those that are not the usual ones nothing is told.
fn hide_reason(line: &mut Line) {
    for (key, value) in &mut line.fields.0 {
        if let ("reason", Value::Text(reason)) = (*key, value)
            && !reason.is_empty()
            && !REASONS.contains(&reason.as_str())
        {
            line.summary = line.summary.replace(reason.as_str(), "…");
            "…".clone_into(reason);
        }
    }
}

fn replace(value: &mut Value, names: &mut Pseudonyms) {
    match value {
        Value::Text(text) => *text = names.text(text),
        Value::List(values) => values.iter_mut().for_each(|it| replace(it, names)),
        Value::Object(fields) => fields.0.iter_mut().for_each(|(_, it)| replace(it, names)),
        Value::Number(_) | Value::Bool(_) => {}
    }
}

/// Writes what `content` makes: with names to hide, unless one of them is in it, and then the private map if it is wanted.
pub(super) fn write_out(
    target: &Target,
    redaction: &Redaction,
    names: Option<&Pseudonyms>,
    content: Content<'_>,
) -> anyhow::Result<()> {
    let Some(names) = names else {
        return write(target, content);
    };
    let mut written = Vec::new();
    content(&mut written)?;
    write_checked(target, redaction, names, &written)
}

/// Writes `written`, unless a name is in it, and the private map if it is wanted.
pub(super) fn write_checked(
    target: &Target,
    redaction: &Redaction,
    names: &Pseudonyms,
    written: &[u8],
) -> anyhow::Result<()> {
    if let Some(name) = names.leak(written) {
        bail!("nothing was written: {name:?} would still have been in it");
    }
    write(target, &mut |out| out.write_all(written))?;
    match redaction {
        Redaction::On(Some(map)) => write_map(map, names),
        _ => Ok(()),
    }
}

/// Writes the private map: a name and what stands for it, a line each.
fn write_map(path: &Path, names: &Pseudonyms) -> anyhow::Result<()> {
    let target = Target::File(PathBuf::from(path));
    write(&target, &mut |out: &mut dyn Write| -> io::Result<()> {
        names
            .map()
            .try_for_each(|(name, pseudonym)| writeln!(out, "{name}\t{pseudonym}"))
    })
}
