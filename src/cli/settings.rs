//! What the typed words mean, checked.
//!
//! Never opens anything.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::args::{
    Color, Diagnose, FailOn, Input, List, ListFormat, Output, ReportFormat, Time,
};
use crate::diagnose;
use crate::dissect::Ports;
use crate::finding::Severity;
use crate::render::terminal::{Colour, Look, Signs, Times};
use crate::rules;

/// Columns where no terminal says how wide it is.
const COLUMNS: usize = 100;

/// A job.
#[derive(Debug)]
pub(super) enum Job {
    Diagnose {
        fail_on: Option<Severity>,
        format: ReportFormat,
        look: Look,
    },
    List {
        format: ListFormat,
        is_ascii: bool,
    },
}

/// All that is to be known to do it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) job: Job,
    pub(super) file: PathBuf,
    pub(super) analysis: diagnose::Settings,
    /// `None` is standard output.
    pub(super) output: Option<PathBuf>,
    pub(super) is_quiet: bool,
}

impl Settings {
    pub(super) fn of_diagnose(words: Diagnose) -> anyhow::Result<Self> {
        for id in words.rules.iter().chain(&words.no_rules) {
            if rules::find(id).is_none() {
                bail!("there is no rule {id:?}");
            }
        }
        let output = target(&words.output);
        let by_name = match extension(output.as_deref()) {
            Some("json") => ReportFormat::Json,
            _ => ReportFormat::Text,
        };
        let analysis = diagnose::Settings {
            only_rules: words.rules,
            without_rules: words.no_rules,
            ..analysis(&words.input)
        };
        Ok(Self {
            job: Job::Diagnose {
                fail_on: severity(words.fail_on),
                format: words.format.unwrap_or(by_name),
                look: look(&words.output, words.time, output.as_deref()),
            },
            file: file(words.input)?,
            analysis,
            output,
            is_quiet: words.output.quiet,
        })
    }

    pub(super) fn of_list(words: List) -> anyhow::Result<Self> {
        let output = target(&words.output);
        let by_name = match extension(output.as_deref()) {
            Some("jsonl" | "json") => ListFormat::Jsonl,
            _ => ListFormat::Text,
        };
        Ok(Self {
            job: Job::List {
                format: words.format.unwrap_or(by_name),
                is_ascii: words.output.ascii,
            },
            analysis: analysis(&words.input),
            file: file(words.input)?,
            output,
            is_quiet: words.output.quiet,
        })
    }
}

fn file(input: Input) -> anyhow::Result<PathBuf> {
    let mut files = input.files.into_iter();
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        (Some(_), Some(_)) => {
            bail!("one capture at a time; join several with: mergecap -w all.pcapng FILE…")
        }
        (None, _) => crate::cli::args::usage("name a capture; `-` is standard input"),
    }
}

fn analysis(input: &Input) -> diagnose::Settings {
    diagnose::Settings {
        ports: Ports {
            http: input.http_ports.clone(),
            kerberos: input.kerberos_ports.clone(),
        },
        client: input.client,
        server: input.mp,
        kdc: input.kdc,
        ..diagnose::Settings::default()
    }
}

fn severity(fail_on: FailOn) -> Option<Severity> {
    match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Note => Some(Severity::Note),
        FailOn::Never => None,
    }
}

fn target(output: &Output) -> Option<PathBuf> {
    output.path.clone().filter(|path| path != Path::new("-"))
}

fn extension(path: Option<&Path>) -> Option<&str> {
    path?.extension()?.to_str()
}

fn look(output: &Output, time: Time, file: Option<&Path>) -> Look {
    let is_terminal = file.is_none() && std::io::stdout().is_terminal();
    Look {
        columns: columns(is_terminal),
        colour: colour(output.color, is_terminal),
        signs: if output.ascii {
            Signs::Ascii
        } else {
            Signs::Unicode
        },
        times: match time {
            Time::Relative => Times::Relative,
            Time::Utc => Times::Utc,
            Time::Local => Times::Local,
        },
    }
}

/// `COLUMNS` counts, then the terminal.
fn columns(is_terminal: bool) -> usize {
    let named = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    named
        .or_else(|| is_terminal.then(seen).flatten())
        .unwrap_or(COLUMNS)
}

fn colour(color: Color, is_terminal: bool) -> Colour {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let forced = set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE") != Some("0".into());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let on = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => forced || (is_terminal && !dumb),
    };
    if on { Colour::On } else { Colour::Off }
}
