//! `scan`: many captures, on all processors.
//!
//! Never lets one file stop the others.

use std::fs;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::bail;

use crate::capture::CaptureError;
use crate::cli::args::Scan;
use crate::cli::evidence::Evidence;
use crate::cli::formats::ScanFormat;
use crate::cli::input::{self, Hash, Opened, reason};
use crate::cli::progress::Meter;
use crate::cli::redact::{self, learn};
use crate::cli::run::{CLEAN, FAILED, FOUND, warn};
use crate::cli::settings::{self, Redaction, Target};
use crate::cli::wildcard;
use crate::diagnose::Settings;
use crate::diagnose::survey::{self, Judged};
use crate::privacy::Pseudonyms;
use crate::render;
use crate::report::survey::Survey;

/// Folders in folders that are looked into: more is a loop of mounts.
const DEPTH: usize = 64;

/// What was found under the names that were given.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    /// Those of them that lie in no folder that was named.
    named: Vec<PathBuf>,
    /// What could not be looked into.
    complaints: Vec<String>,
}

/// Reads all captures below the paths, and tells them.
pub(super) fn scan(words: &Scan) -> anyhow::Result<u8> {
    if words.paths.is_empty() {
        bail!("name a folder, or captures");
    }
    let target = settings::target(&words.output);
    let found = find(&words.paths);
    if !words.output.quiet {
        found.complaints.iter().for_each(|text| warn(text));
    }
    let redaction = Redaction::of(words.privacy.clone(), settings::warnings(&words.output));
    input::refuse_over(&found.files, &target, &redaction)?;
    if redaction != Redaction::Off {
        input::refuse_pipes(found.files.iter().map(PathBuf::as_path))?;
    }
    let analysis = settings::analysis(&words.ports, &words.roles);
    let (judged, others) = judge_all(&found.files, &analysis);
    if judged.is_empty() && !found.named.is_empty() {
        Evidence::open(&found.named, Hash::Unwanted)?.require_capture()?;
    }
    let mut names = match redaction {
        Redaction::Off => None,
        Redaction::On(_) => Some(learn(&judged, &analysis)?),
    };
    let mut survey = Survey {
        shared: survey::shared_identities(&judged),
        captures: judged.into_iter().map(|judged| judged.told).collect(),
        others,
        notes: Vec::new(),
    };
    if let Some(names) = &mut names {
        redact::survey(&mut survey, names);
    }
    let format = words.format.named(ScanFormat::Jsonl);
    let format = format.unwrap_or_else(|| by_name(&target));
    let look = settings::look_of(&words.output, &target);
    redact::write_out(
        &target,
        &redaction,
        names.as_ref(),
        format.markup(),
        &mut |out| match format {
            ScanFormat::Text => render::terminal::survey::render(&survey, look, out),
            ScanFormat::Csv => render::survey::csv(&survey, out),
            ScanFormat::Jsonl => render::survey::jsonl(&survey, out),
        },
    )?;
    if matches!(format, ScanFormat::Csv) {
        redact::tell_beside(&redaction);
    }
    if !found.complaints.is_empty() || is_without_verdict(&survey) {
        return Ok(FAILED);
    }
    Ok(match (survey.gravest(), words.status.severity()) {
        (Some(gravest), Some(limit)) if gravest >= limit => FOUND,
        _ => CLEAN,
    })
}

/// Whether there were captures, and none could be read.
fn is_without_verdict(survey: &Survey) -> bool {
    let mut captures = survey.captures.iter();
    !survey.captures.is_empty() && captures.all(|told| told.verdicts.is_err())
}

fn by_name(target: &Target) -> ScanFormat {
    match settings::extension(target).as_deref() {
        Some("csv") => ScanFormat::Csv,
        Some("jsonl" | "json") => ScanFormat::Jsonl,
        _ => ScanFormat::Text,
    }
}

/// The names in all captures, which are read once more, one after the other: so a name has the same pseudonym in every line.
fn learn(judged: &[Judged], analysis: &Settings) -> anyhow::Result<Pseudonyms> {
    let mut names = Pseudonyms::default();
    for judged in judged.iter().filter(|it| it.told.verdicts.is_ok()) {
        let file = &judged.told.file;
        let opened = Opened::open(Path::new(file), Hash::Unwanted)?;
        let Ok(mut reader) = opened.capture() else {
            bail!("{file}: cannot be read again, and so its names cannot be hidden");
        };
        learn::learn_capture(&mut reader, analysis, &mut |_| {}, &mut names);
        judged.names.iter().for_each(|name| names.learn(name));
    }
    learn::refuse_full(&names)?;
    Ok(names)
}

/// The files below `paths`, those of a folder in the order of their names.
fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        match wildcard::all(path) {
            Ok(named) => named.iter().for_each(|path| found.add(path, 0)),
            Err(error) => found.complaints.push(error.to_string()),
        }
    }
    found
}

impl Found {
    /// Links to folders are not followed: they may lead back. Of what lies in a folder only files are read: a pipe may wait for ever.
    fn add(&mut self, path: &Path, depth: usize) {
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => self.add_folder(path, depth),
            Ok(data) if depth > 0 && !data.is_file() => {}
            Ok(_) => {
                self.files.push(path.to_owned());
                self.named.extend((depth == 0).then(|| path.to_owned()));
            }
            Err(error) => self.complain(path, &error),
        }
    }

    fn add_folder(&mut self, folder: &Path, depth: usize) {
        if depth > 0 && (folder.is_symlink() || depth > DEPTH) {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.complain(folder, &error),
        };
        let mut paths = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.complain(folder, &error),
            }
        }
        paths.sort();
        for path in paths {
            self.add(&path, depth + 1);
        }
    }

    fn complain(&mut self, path: &Path, error: &std::io::Error) {
        let text = format!("{}: cannot be read: {}", path.display(), reason(error));
        self.complaints.push(text);
    }
}

/// What is to be said of each capture, in the order of `files`, and how many files are none.
fn judge_all(files: &[PathBuf], analysis: &Settings) -> (Vec<Judged>, u64) {
    let next = AtomicUsize::new(0);
    let meter = Mutex::new(Meter::begin());
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else {
                return done;
            };
            if let Ok(Some(meter)) = meter.lock().as_deref_mut() {
                meter.tell(|| format!("{at} of {} files read", files.len()));
            }
            let judged = catch_unwind(AssertUnwindSafe(|| judge(path, analysis)));
            done.push((at, judged.unwrap_or_else(|_| Some(failed(path)))));
        }
    };
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut done: Vec<(usize, Option<Judged>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..processors.min(files.len()))
            .map(|_| scope.spawn(work))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    let others = done.iter().filter(|(_, judged)| judged.is_none()).count();
    let judged = done.into_iter().filter_map(|(_, judged)| judged).collect();
    (judged, others as u64)
}

/// A capture that the analysis does not survive is a fault of this program, and no reason to lose the others.
fn failed(path: &Path) -> Judged {
    let reason = "the analysis broke off: this is a fault of why401".to_owned();
    Judged::broken(path.display().to_string(), reason)
}

/// `None` where it is no capture.
fn judge(path: &Path, analysis: &Settings) -> Option<Judged> {
    let name = path.display().to_string();
    let opened = match Opened::open(path, Hash::Unwanted) {
        Ok(opened) => opened,
        Err(error) => return Some(Judged::broken(name, error.to_string())),
    };
    match opened.capture() {
        Ok(reader) => Some(survey::judge(name, reader, analysis)),
        Err(CaptureError::Unknown(_) | CaptureError::Empty) => None,
        Err(error) => Some(Judged::broken(name, error.to_string())),
    }
}
