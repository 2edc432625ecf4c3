//! `scan`: many captures, on all processors.
//!
//! Never lets one file stop the others.

use std::fs;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::bail;

use crate::capture::CaptureError;
use crate::cli::args::Scan;
use crate::cli::formats::ScanFormat;
use crate::cli::input::{Hash, Opened, reason};
use crate::cli::run::{CLEAN, FAILED, FOUND, warn};
use crate::cli::settings::{self, Target};
use crate::cli::wildcard;
use crate::cli::write::write;
use crate::diagnose::Settings;
use crate::diagnose::survey::{self, Judged};
use crate::render;
use crate::report::survey::Survey;

/// Folders in folders that are looked into: more is a loop of mounts.
const DEPTH: usize = 64;

/// What was found under the names that were given.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
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
    let analysis = settings::analysis(&words.ports, &words.roles);
    let (judged, others) = judge_all(&found.files, &analysis);
    let survey = Survey {
        shared: survey::shared_identities(&judged),
        captures: judged.into_iter().map(|judged| judged.told).collect(),
        others,
    };
    tell(&survey, words, &target)?;
    if !found.complaints.is_empty() {
        return Ok(FAILED);
    }
    let limit = settings::severity(words.fail_on);
    Ok(match (survey.gravest(), limit) {
        (Some(gravest), Some(limit)) if gravest >= limit => FOUND,
        _ => CLEAN,
    })
}

fn tell(survey: &Survey, words: &Scan, target: &Target) -> anyhow::Result<()> {
    let by_name = match settings::extension(target).as_deref() {
        Some("csv") => ScanFormat::Csv,
        Some("jsonl" | "json") => ScanFormat::Jsonl,
        _ => ScanFormat::Text,
    };
    let look = settings::look_of(&words.output, target);
    write(target, &mut |out| match words.format.unwrap_or(by_name) {
        ScanFormat::Text => render::terminal::survey::render(survey, look, out),
        ScanFormat::Csv => render::survey::csv(survey, out),
        ScanFormat::Jsonl => render::survey::jsonl(survey, out),
    })
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
            Ok(_) => self.files.push(path.to_owned()),
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
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else {
                return done;
            };
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
