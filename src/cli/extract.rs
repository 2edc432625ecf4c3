//! `extract`: reads the capture for its story, and again for its frames.
//!
//! Never writes bytes of a capture to a terminal.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{anyhow, bail};

use crate::capture::{CaptureError, CaptureReader};
use crate::cli::args::Extract;
use crate::cli::extract_redacted::{self, Outputs};
use crate::cli::input::{self, Hash, Opened};
use crate::cli::settings::{self, Redaction, Target, Warnings};
use crate::cli::spool;
use crate::cli::wildcard;
use crate::cli::write::write;
use crate::diagnose::{self, Settings};
use crate::export::{self, Choice, Open};

/// Writes the frames of the story.
pub(super) fn extract(words: Extract) -> anyhow::Result<()> {
    let path = &wildcard::file(&words.file)?;
    let target = settings::target_of(words.page.path.as_ref());
    let redaction = Redaction::of(words.privacy, Warnings::Told);
    check(path, &target, &redaction)?;
    // A capture is read more than once for an extract.
    input::refuse_pipes([path.as_path()])?;
    spool::keep_if_named([path.as_path()])?;
    let part = words.part.part()?;
    let opened = Opened::open(path, Hash::Unwanted)?;
    let named = |error: CaptureError| anyhow!("{}: {error}", path.display());
    let reader = opened.capture().map_err(named)?;
    let analysis = Settings {
        excerpt: part.of(&[(path, opened.name())])?,
        ..settings::analysis(&words.ports, &words.roles)
    };
    let report = diagnose::diagnose(reader, &analysis);
    let Some(choice) = Choice::of(&report, words.attempt) else {
        bail!(
            "{}: {}",
            path.display(),
            nothing(words.attempt, report.attempts.len())
        );
    };
    if redaction != Redaction::Off {
        let outputs = Outputs {
            target: &target,
            redaction: &redaction,
        };
        let open: Open<'_> = &|| again(path, &analysis);
        return extract_redacted::extract(path, words.attempt, &analysis, report, open, &outputs);
    }
    write(&target, &mut |out| {
        export::extract(&choice, &|| again(path, &analysis), out).map(|_| ())
    })
}

fn check(path: &Path, target: &Target, redaction: &Redaction) -> anyhow::Result<()> {
    input::refuse_over(&[path.to_owned()], target, redaction)?;
    match target {
        Target::File(_) => Ok(()),
        _ if io::stdout().is_terminal() => bail!("name a file for the extract: --output FILE"),
        _ => Ok(()),
    }
}

fn again(path: &Path, analysis: &Settings) -> Result<CaptureReader, CaptureError> {
    let opened = Opened::open(path, Hash::Unwanted)
        .map_err(|error| CaptureError::Read(io::Error::other(error.to_string())))?;
    let mut reader = opened.capture()?;
    if let Some(excerpt) = &analysis.excerpt {
        reader.narrow(excerpt.clone());
    }
    Ok(reader)
}

fn nothing(attempt: Option<u64>, attempts: usize) -> String {
    match (attempt, attempts) {
        (Some(attempt), 1) => format!("there is no attempt {attempt}, only one"),
        (Some(attempt), 2..) => format!("there is no attempt {attempt}, only {attempts}"),
        _ => "there is no attempt in it, and nothing to extract".to_owned(),
    }
}
