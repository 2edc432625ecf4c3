//! Opens, analyses, writes, and chooses the exit status.
//!
//! Never prints anything on standard error in the good case.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};

use crate::cli::args::{Args, NO_WORDS, Said, Verb, complaint, manual};
use crate::cli::compare;
use crate::cli::demo;
use crate::cli::evidence::Evidence;
use crate::cli::extract;
use crate::cli::formats::{ListFormat, ReportFormat};
use crate::cli::input::{self, Hash};
use crate::cli::progress;
use crate::cli::redact::{self, learn};
use crate::cli::reference;
use crate::cli::scan;
use crate::cli::settings::{self, Job, Redaction, Settings, Warnings};
use crate::cli::spool;
use crate::cli::wildcard;
use crate::cli::write::write;
use crate::diagnose;
use crate::finding::Severity;
use crate::limits::Limitation;
use crate::listing::{self, Listing};
use crate::privacy::Pseudonyms;
use crate::render;
use crate::report::Report;

/// Nothing at or above the severity that was asked for.
pub(super) const CLEAN: u8 = 0;
/// Something at or above it.
pub(super) const FOUND: u8 = 1;
/// The job could not be done.
pub(super) const FAILED: u8 = 2;

/// Does what `args` say.
pub(super) fn run(args: Args) -> ExitCode {
    ExitCode::from(status_of(args).unwrap_or_else(|error| ended_by(&error)))
}

/// The status of a job that broke off. A reader that has gone away wants nothing more, and is no failure.
fn ended_by(error: &anyhow::Error) -> u8 {
    let is_closed_pipe = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if is_closed_pipe {
        CLEAN
    } else {
        complain(error)
    }
}

/// Says why there is no job. Help that was asked for is a result: if it cannot be written, that is a failure.
pub(super) fn say(said: &Said) -> ExitCode {
    if said.use_stderr() && said.kind() != NO_WORDS {
        warn(&complaint::one_line(said));
        return ExitCode::from(FAILED);
    }
    match said.print() {
        Err(error) if !said.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            let reason = input::reason(&error);
            ExitCode::from(complain(&anyhow!("cannot write: {reason}")))
        }
        _ if said.use_stderr() => ExitCode::from(FAILED),
        _ => ExitCode::from(CLEAN),
    }
}

fn status_of(args: Args) -> anyhow::Result<u8> {
    if !args.is_quiet() {
        progress::allow();
    }
    let of_reference = |done: anyhow::Result<()>| done.map(|()| CLEAN);
    match args.verb {
        None => {
            if let Some(complaint) = complaint::verb_among(&args.diagnose.input.files) {
                bail!(complaint);
            }
            work(Settings::of_diagnose(args.diagnose)?)
        }
        Some(Verb::Diagnose(words)) => work(Settings::of_diagnose(words)?),
        Some(Verb::List(words)) => work(Settings::of_list(words)?),
        Some(Verb::Extract(words)) => extract::extract(words).map(|()| CLEAN),
        Some(Verb::Compare(words)) => compare::compare(words),
        Some(Verb::Scan(words)) => scan::scan(&words),
        Some(Verb::Explain(words)) => reference::explain(&words),
        Some(Verb::Decode(words)) => of_reference(reference::decode(words)),
        Some(Verb::Demo(words)) => of_reference(demo::demo(&words)),
        Some(Verb::Rules(words)) => of_reference(reference::rules(&words)),
        Some(Verb::Completions(words)) => of_reference(write(
            &settings::target_of(words.page.path.as_ref()),
            &mut |out| manual::completions(words.shell, out),
        )),
        Some(Verb::Man(page)) => of_reference(write(
            &settings::target_of(page.path.as_ref()),
            &mut |out| manual::manual(out),
        )),
        Some(Verb::Checklist(output)) => of_reference(reference::checklist(&output)),
        Some(Verb::Schema(words)) => of_reference(reference::schema(&words)),
    }
}

fn work(mut settings: Settings) -> anyhow::Result<u8> {
    settings.files = wildcard::files(&settings.files)?;
    input::refuse_over(&settings.files, &settings.target, &settings.redaction)?;
    if settings.redaction != Redaction::Off {
        input::refuse_pipes(settings.files.iter().map(PathBuf::as_path))?;
        spool::keep_if_named(settings.files.iter().map(PathBuf::as_path))?;
    }
    match settings.job {
        Job::Diagnose { fail_on, format } => diagnose(&settings, fail_on, format),
        Job::List { format } => list(&settings, format),
    }
}

fn diagnose(
    settings: &Settings,
    fail_on: Option<Severity>,
    format: ReportFormat,
) -> anyhow::Result<u8> {
    let hash = match format {
        ReportFormat::Html | ReportFormat::Markdown | ReportFormat::Json => Hash::Wanted,
        ReportFormat::Text | ReportFormat::Jsonl | ReportFormat::Mermaid => Hash::Unwanted,
    };
    let mut evidence = Evidence::open(&settings.files, hash)?;
    warn_of_unknown(&evidence, settings);
    let capture_names = evidence.capture_names();
    if capture_names.is_empty() {
        refuse_choice(settings)?;
    }
    let analysis = settings.analysis_of(&evidence.named_captures())?;
    let mut report = if capture_names.is_empty() {
        diagnose::diagnose_logs(evidence.logs(), &analysis)
    } else {
        let captures = evidence.take_captures().into_iter();
        let captures = captures.zip(evidence.vantages()).collect();
        diagnose::diagnose_case(captures, &capture_names, evidence.logs(), &analysis)
    };
    let unknown = evidence
        .unknown
        .iter()
        .map(|unknown| Limitation::of_capture(unknown.limitation()));
    report.limitations.extend(unknown);
    let mut files = evidence.finish();
    let mut names = names_to_hide(settings, &analysis)?;
    if let Some(names) = &mut names {
        redact::report(&mut report, &mut files, names);
    }
    if is_read_by_people(format) {
        let captures = files.iter().take(report.inputs.len());
        report.name_frames(captures.map(|file| file.name.clone()).collect());
    }
    let times = settings.look.times;
    let (target, redaction) = (&settings.target, &settings.redaction);
    let markup = format.markup();
    redact::write_out(
        target,
        redaction,
        names.as_ref(),
        markup,
        &mut |out| match format {
            ReportFormat::Text => render::terminal::render(&report, &files, settings.look, out),
            ReportFormat::Html => render::html::render(&report, &files, times, out),
            ReportFormat::Markdown => {
                let mut markdown =
                    |out: &mut dyn Write| render::markdown::render(&report, &files, times, out);
                render::in_signs(settings.look.signs, &mut markdown, out)
            }
            ReportFormat::Json => render::json::report(&report, &files, out),
            ReportFormat::Jsonl => render::json::findings(&report, out),
            ReportFormat::Mermaid => {
                let mut mermaid = |out: &mut dyn Write| render::mermaid::render(&report, out);
                render::in_signs(settings.look.signs, &mut mermaid, out)
            }
        },
    )?;
    Ok(status(&report, fail_on))
}

/// Files that are no evidence are told, and the others read all the same.
fn warn_of_unknown(evidence: &Evidence, settings: &Settings) {
    if settings.warnings == Warnings::Told {
        for unknown in &evidence.unknown {
            warn(&unknown.complaint());
        }
    }
}

/// Whether sentences call frames by their places; programs get the numbers, and the places beside them.
const fn is_read_by_people(format: ReportFormat) -> bool {
    match format {
        ReportFormat::Text
        | ReportFormat::Html
        | ReportFormat::Markdown
        | ReportFormat::Mermaid => true,
        ReportFormat::Json | ReportFormat::Jsonl => false,
    }
}

fn list(settings: &Settings, format: ListFormat) -> anyhow::Result<u8> {
    let mut evidence = Evidence::open(&settings.files, Hash::Unwanted)?;
    evidence.require_capture()?;
    warn_of_unknown(&evidence, settings);
    let analysis = settings.analysis_of(&evidence.named_captures())?;
    let captures = evidence.take_captures();
    let several = captures.len() > 1;
    let (mut listed, mut limitations) = (Vec::new(), Vec::new());
    for (file, mut reader) in captures.into_iter().enumerate() {
        let mut listing = Listing::default();
        limitations.extend(diagnose::messages(
            &mut reader,
            &analysis.of_capture(file),
            &mut |message| {
                if analysis.counts(&message) {
                    listing.add(&message);
                }
            },
        ));
        let file = several.then_some(file);
        listed.push(listing.into_lines(reader.other_numbers(), file));
    }
    let mut lines = listing::interleave(listed);
    let mut files = evidence.capture_names();
    let mut names = names_to_hide(settings, &analysis)?;
    if let Some(names) = &mut names {
        redact::lines(&mut lines, names);
        redact::files(&mut files, names);
    }
    let (target, redaction) = (&settings.target, &settings.redaction);
    let markup = format.markup();
    redact::write_out(
        target,
        redaction,
        names.as_ref(),
        markup,
        &mut |out| match format {
            ListFormat::Text => render::listing::render(&lines, &files, settings.look, out),
            ListFormat::Csv => render::listing::csv(&lines, out),
            ListFormat::Jsonl => render::json::listing(&lines, out),
        },
    )?;
    redact::tell_beside(redaction);
    if settings.warnings == Warnings::Told {
        for limitation in limitations {
            match &mut names {
                Some(names) => warn(&names.text(&limitation.text)),
                None => warn(&limitation.text),
            }
        }
    }
    Ok(CLEAN)
}

/// Logs alone have no frames to choose from, and their lines are what `--redact` leaves out.
fn refuse_choice(settings: &Settings) -> anyhow::Result<()> {
    if !settings.part.is_all() {
        bail!("--frames, --from and --to choose frames of a capture, and there is none");
    }
    if !matches!(settings.redaction, Redaction::Off) {
        bail!("--redact leaves out the lines of logs, and there is no capture beside them");
    }
    Ok(())
}

/// The names that must not be written, if any.
fn names_to_hide(
    settings: &Settings,
    analysis: &diagnose::Settings,
) -> anyhow::Result<Option<Pseudonyms>> {
    match settings.redaction {
        Redaction::Off => Ok(None),
        Redaction::On(_) => learn::learn(&settings.files, analysis).map(Some),
    }
}

fn status(report: &Report, fail_on: Option<Severity>) -> u8 {
    let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
    let gravest = of_attempts
        .chain(&report.findings)
        .map(|finding| finding.severity)
        .max();
    match (gravest, fail_on) {
        (Some(gravest), Some(limit)) if gravest >= limit => FOUND,
        _ => CLEAN,
    }
}

/// A warning that nobody can be given stops no job: the exit status tells as well.
pub(super) fn warn(text: &str) {
    progress::erase();
    let _ = writeln!(io::stderr(), "why401: {}", render::escape::Terminal(text));
}

fn complain(error: &anyhow::Error) -> u8 {
    warn(&error.to_string());
    FAILED
}
