//! `compare`: two captures, each judged alone, their first attempts side by side.
//!
//! Never says that one is good: that is what the user says by naming it first.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::cli::args::Compare;
use crate::cli::formats::ReferenceFormat;
use crate::cli::input::{self, Hash, Opened};
use crate::cli::redact::{self, learn};
use crate::cli::run::{CLEAN, FOUND};
use crate::cli::settings::{self, Redaction};
use crate::cli::spool;
use crate::cli::wildcard;
use crate::diagnose::{self, Settings};
use crate::privacy::{self, Pseudonyms};
use crate::render;
use crate::report::compare::Comparison;
use crate::report::{AttemptReport, Report};

/// Lays the attempts side by side. Status 1 says that something differs, as `diff` does.
pub(super) fn compare(words: Compare) -> anyhow::Result<u8> {
    let analysis = settings::analysis(&words.ports, &words.roles);
    let paths = [wildcard::file(&words.good)?, wildcard::file(&words.bad)?];
    let target = settings::target(&words.output);
    let redaction = Redaction::of(words.privacy, settings::warnings(&words.output));
    input::refuse_over(&paths, &target, &redaction)?;
    if redaction != Redaction::Off || paths[0] == paths[1] {
        input::refuse_pipes(paths.iter().map(PathBuf::as_path))?;
        spool::keep_if_named(paths.iter().map(PathBuf::as_path))?;
    }
    let mut reports = [report(&paths[0], &analysis)?, report(&paths[1], &analysis)?];
    let mut shown = paths.each_ref().map(|path| path.display().to_string());
    let hidden = hide(&paths, &analysis, &redaction, &mut reports, &mut shown)?;
    let good = attempt(&reports[0], &paths[0], words.attempt)?;
    let bad = attempt(&reports[1], &paths[1], words.bad_attempt.or(words.attempt))?;
    let mut comparison = Comparison::of(good, bad);
    let told = hidden.as_ref().map(redact::told);
    comparison.notes.extend(told);
    let look = settings::look_of(&words.output, &target);
    let names = shown.each_ref().map(String::as_str);
    let hidden = hidden.as_ref();
    let format = settings::reference_format(&words.format, &target);
    redact::write_out(
        &target,
        &redaction,
        hidden,
        format.markup(),
        &mut |out| match format {
            ReferenceFormat::Text => {
                render::terminal::compare::render(&comparison, names, look, out)
            }
            ReferenceFormat::Json => render::json::compare::comparison(&comparison, names, out),
        },
    )?;
    Ok(if comparison.is_different() && !words.exit_zero {
        FOUND
    } else {
        CLEAN
    })
}

/// Puts pseudonyms in place of names, where that is wanted.
fn hide(
    paths: &[PathBuf; 2],
    analysis: &Settings,
    redaction: &Redaction,
    reports: &mut [Report; 2],
    shown: &mut [String; 2],
) -> anyhow::Result<Option<Pseudonyms>> {
    if *redaction == Redaction::Off {
        return Ok(None);
    }
    let mut names = learn::learn(paths, analysis)?;
    for report in reports {
        privacy::redact(report, &mut names);
    }
    for name in shown {
        *name = names.file(name);
    }
    Ok(Some(names))
}

fn report(path: &Path, analysis: &Settings) -> anyhow::Result<Report> {
    let opened = Opened::open(path, Hash::Unwanted)?;
    let reader = opened
        .capture()
        .map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(diagnose::diagnose(reader, analysis))
}

fn attempt<'r>(
    report: &'r Report,
    path: &Path,
    wanted: Option<u64>,
) -> anyhow::Result<&'r AttemptReport> {
    let number = wanted.unwrap_or(1);
    let found = report.attempts.iter().find(|it| it.id == number);
    match found {
        Some(attempt) => Ok(attempt),
        None => bail!("{}: there is no attempt {number} in it", path.display()),
    }
}
