//! What the typed words mean, checked.
//!
//! Never opens anything but keytabs, which are settings too.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::args::groups::{Format, NamedPorts, Output, Privacy, Roles};
use crate::cli::args::{Diagnose, List};
use crate::cli::excerpt::Part;
use crate::cli::formats::{Color, ListFormat, ReferenceFormat, ReportFormat, Time};
use crate::cli::input;
use crate::cli::keytabs;
use crate::cli::reference::like;
use crate::diagnose;
use crate::dissect::Ports;
use crate::explain;
use crate::finding::Severity;
use crate::render::terminal::{Clocks, Colour, Look, Signs, Story, Times};
use crate::rules;

/// Columns where no terminal says how wide it is.
const COLUMNS: usize = 100;

/// A job.
#[derive(Debug)]
pub(super) enum Job {
    Diagnose {
        fail_on: Option<Severity>,
        format: ReportFormat,
    },
    List {
        format: ListFormat,
    },
}

/// Where the result goes.
#[derive(Debug)]
pub(super) enum Target {
    Screen,
    File(PathBuf),
    /// Only the exit status is wanted.
    Nowhere,
}

/// What is said on standard error beside failures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Warnings {
    Told,
    Silent,
}

/// All that is to be known to do it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) job: Job,
    /// What was named, in order.
    pub(super) files: Vec<PathBuf>,
    pub(super) part: Part,
    /// Which part of the captures is read is known once they are.
    pub(super) analysis: diagnose::Settings,
    pub(super) look: Look,
    pub(super) target: Target,
    pub(super) warnings: Warnings,
    pub(super) redaction: Redaction,
}

/// Whether names are replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Redaction {
    Off,
    On(Private),
}

/// What is told of the names themselves, to the user alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Private {
    /// Where it is written which pseudonym stands for which, if that is wanted.
    map: Option<PathBuf>,
    /// Whether it is said which names stay.
    pub(super) warnings: Warnings,
}

impl Redaction {
    pub(super) fn of(words: Privacy, warnings: Warnings) -> Self {
        if words.redact {
            let map = words.redact_map;
            Self::On(Private { map, warnings })
        } else {
            Self::Off
        }
    }

    /// Where the private map goes.
    pub(super) const fn map(&self) -> Option<&PathBuf> {
        match self {
            Self::On(private) => private.map.as_ref(),
            Self::Off => None,
        }
    }
}

impl Settings {
    /// What the analysis of `captures`, each by its path and its name, has to know.
    pub(super) fn analysis_of(
        &self,
        captures: &[(&Path, &str)],
    ) -> anyhow::Result<diagnose::Settings> {
        Ok(diagnose::Settings {
            excerpt: self.part.of(captures)?,
            ..self.analysis.clone()
        })
    }

    pub(super) fn of_diagnose(words: Diagnose) -> anyhow::Result<Self> {
        for id in words.rules.iter().chain(&words.no_rules) {
            if rules::find(id).is_none() {
                bail!(
                    "there is no rule {id:?}{}",
                    like(&explain::nearest_rules(id))
                );
            }
        }
        if let Some(id) = words.rules.iter().find(|id| words.no_rules.contains(id)) {
            bail!("--rule and --no-rule both name {id:?}");
        }
        let target = target(&words.output);
        let redaction = Redaction::of(words.privacy, warnings(&words.output));
        input::refuse_over(&words.keytabs, &target, &redaction)?;
        let by_name = match extension(&target).as_deref() {
            Some("html" | "htm") => ReportFormat::Html,
            Some("md" | "markdown") => ReportFormat::Markdown,
            Some("json") => ReportFormat::Json,
            Some("jsonl" | "ndjson") => ReportFormat::Jsonl,
            Some("mmd" | "mermaid") => ReportFormat::Mermaid,
            _ => ReportFormat::Text,
        };
        let analysis = diagnose::Settings {
            keytabs: keytabs::read(&words.keytabs)?,
            only_rules: words.rules,
            without_rules: words.no_rules,
            ..analysis(&words.input.ports, &words.roles)
        };
        Ok(Self {
            job: Job::Diagnose {
                fail_on: words.status.severity(),
                format: words.format.named(ReportFormat::Json).unwrap_or(by_name),
            },
            part: words.input.part.part()?,
            files: some(words.input.files)?,
            analysis,
            look: Look {
                clocks: if words.clocks {
                    Clocks::All
                } else {
                    Clocks::Off
                },
                story: if words.ladder {
                    Story::Ladder
                } else {
                    Story::Table
                },
                ..look(&words.output, words.time, &target)
            },
            target,
            warnings: warnings(&words.output),
            redaction,
        })
    }

    pub(super) fn of_list(words: List) -> anyhow::Result<Self> {
        let target = target(&words.output);
        let redaction = Redaction::of(words.privacy, warnings(&words.output));
        let by_name = match extension(&target).as_deref() {
            Some("csv") => ListFormat::Csv,
            Some("jsonl" | "json") => ListFormat::Jsonl,
            _ => ListFormat::Text,
        };
        let analysis = analysis(&words.input.ports, &Roles::from(words.ends));
        Ok(Self {
            job: Job::List {
                format: words.format.named(ListFormat::Jsonl).unwrap_or(by_name),
            },
            part: words.input.part.part()?,
            files: some(words.input.files)?,
            analysis,
            look: look(&words.output, words.time, &target),
            target,
            warnings: warnings(&words.output),
            redaction,
        })
    }
}

fn some(files: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    if files.is_empty() {
        bail!("name a capture, or - for standard input");
    }
    Ok(files)
}

fn ports(named: &NamedPorts) -> Ports {
    Ports {
        http: named.http_ports.clone(),
        kerberos: named.kerberos_ports.clone(),
    }
}

/// What the user knows, with all rules.
pub(super) fn analysis(named: &NamedPorts, roles: &Roles) -> diagnose::Settings {
    diagnose::Settings {
        ports: ports(named),
        client: roles.client,
        server: roles.mp,
        kdc: roles.kdc,
        ..diagnose::Settings::default()
    }
}

pub(super) fn target(output: &Output) -> Target {
    match target_of(output.path.as_ref()) {
        Target::Screen if output.quiet => Target::Nowhere,
        target => target,
    }
}

/// The file at `path`; without one, and for `-`, standard output.
pub(super) fn target_of(path: Option<&PathBuf>) -> Target {
    path.filter(|path| *path != Path::new("-"))
        .map_or(Target::Screen, |path| Target::File(path.clone()))
}

pub(super) fn warnings(output: &Output) -> Warnings {
    if output.quiet {
        Warnings::Silent
    } else {
        Warnings::Told
    }
}

/// The extension of the file that is written, in small letters.
pub(super) fn extension(target: &Target) -> Option<String> {
    match target {
        Target::File(path) => Some(path.extension()?.to_str()?.to_ascii_lowercase()),
        Target::Screen | Target::Nowhere => None,
    }
}

/// What was typed, or what the file's extension says.
pub(super) fn reference_format(
    words: &Format<ReferenceFormat>,
    target: &Target,
) -> ReferenceFormat {
    let by_name = match extension(target).as_deref() {
        Some("json") => ReferenceFormat::Json,
        _ => ReferenceFormat::Text,
    };
    words.named(ReferenceFormat::Json).unwrap_or(by_name)
}

/// How it looks where no times are written.
pub(super) fn look_of(output: &Output, target: &Target) -> Look {
    look(output, Time::Relative, target)
}

fn look(output: &Output, time: Time, target: &Target) -> Look {
    let is_terminal = matches!(target, Target::Screen) && std::io::stdout().is_terminal();
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
            Time::Epoch => Times::Epoch,
        },
        clocks: Clocks::Off,
        story: Story::Table,
    }
}

/// `COLUMNS` counts, then the terminal.
fn columns(is_terminal: bool) -> usize {
    let named = std::env::var("COLUMNS").ok();
    let named = named.and_then(|text| text.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    named
        .or_else(|| is_terminal.then(seen).flatten())
        .filter(|&columns| columns > 0)
        .unwrap_or(COLUMNS)
}

/// What was typed counts, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal.
fn colour(color: Color, is_terminal: bool) -> Colour {
    let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_forced = value("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let is_dumb = value("TERM").is_some_and(|value| value == "dumb");
    let on = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if value("NO_COLOR").is_some() => false,
        Color::Auto => is_forced || (is_terminal && !is_dumb),
    };
    if on { Colour::On } else { Colour::Off }
}
