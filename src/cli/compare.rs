//! `compare`: two captures, each judged alone, their first attempts side by side.
//!
//! Never says that one is good: that is what the user says by naming it first.

use std::path::Path;

use anyhow::{anyhow, bail};

use crate::cli::args::Compare;
use crate::cli::formats::ReferenceFormat;
use crate::cli::input::{Hash, Opened};
use crate::cli::run::{CLEAN, FOUND};
use crate::cli::settings;
use crate::cli::wildcard;
use crate::cli::write::write;
use crate::diagnose::{self, Settings};
use crate::render;
use crate::report::compare::Comparison;
use crate::report::{AttemptReport, Report};

/// Lays the attempts side by side. Status 1 says that something differs, as `diff` does.
pub(super) fn compare(words: &Compare) -> anyhow::Result<u8> {
    let analysis = settings::analysis(&words.ports, &words.roles);
    let paths = [wildcard::file(&words.good)?, wildcard::file(&words.bad)?];
    let reports = [report(&paths[0], &analysis)?, report(&paths[1], &analysis)?];
    let good = attempt(&reports[0], &paths[0], words.attempt)?;
    let bad = attempt(&reports[1], &paths[1], words.bad_attempt.or(words.attempt))?;
    let comparison = Comparison::of(good, bad);
    let target = settings::target(&words.output);
    let look = settings::look_of(&words.output, &target);
    let names = paths.map(|path| path.display().to_string());
    let names = [names[0].as_str(), names[1].as_str()];
    write(&target, &mut |out| match words.format {
        ReferenceFormat::Text => render::terminal::compare::render(&comparison, names, look, out),
        ReferenceFormat::Json => render::json::compare::comparison(&comparison, names, out),
    })?;
    Ok(if comparison.is_different() {
        FOUND
    } else {
        CLEAN
    })
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
