//! The evidence of a case: captures and the logs beside them, each recognised by its content.
//!
//! Never goes by a name, and never reads further than the first bytes to recognise a file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::capture::{self, CaptureReader};
use crate::cli::input::{self, Hash, Opened};
use crate::diagnose::LogInput;
use crate::diagnose::vantage::{self, Vantage};
use crate::logs::{self, LogKind, Recognised};
use crate::render::InputFile;

/// Bytes by which a log is recognised.
const HEAD: u64 = 2 * logs::LONGEST_LINE as u64;

/// The files of a case.
pub(super) struct Evidence {
    captures: Vec<Capture>,
    logs: Vec<(Opened, LogKind)>,
    /// Files that are neither.
    pub(super) unknown: Vec<Unknown>,
}

/// A capture and its reader, which can be had once.
struct Capture {
    path: PathBuf,
    opened: Opened,
    reader: Option<CaptureReader>,
}

/// A file that is no evidence that can be read.
pub(super) struct Unknown {
    path: PathBuf,
    name: String,
    what: String,
}

impl Unknown {
    fn new(path: &Path, opened: &Opened, what: &dyn ToString) -> Self {
        Self {
            path: path.to_owned(),
            name: opened.name().to_owned(),
            what: what.to_string(),
        }
    }

    /// What it is, for whoever named it.
    pub(super) fn complaint(&self) -> String {
        format!("{}: {}", self.path.display(), self.what)
    }

    /// The same for the report, which tells no folders.
    pub(super) fn limitation(&self) -> String {
        format!("{} was not read: {}.", self.name, self.what)
    }
}

impl Evidence {
    /// Opens and recognises `files`. What is no log is taken for a capture.
    pub(super) fn open(files: &[PathBuf], hash: Hash) -> anyhow::Result<Self> {
        let mut captures = Vec::new();
        let (mut logs, mut unknown) = (Vec::new(), Vec::new());
        for path in files {
            let opened = Opened::open(path, hash)?;
            match recognise(path) {
                Recognised::Log(kind) => logs.push((opened, kind)),
                Recognised::Refused(what) => unknown.push(Unknown::new(path, &opened, &what)),
                Recognised::Unknown => match opened.capture() {
                    Ok(reader) => captures.push(Capture {
                        path: path.clone(),
                        opened,
                        reader: Some(reader),
                    }),
                    Err(error) => unknown.push(Unknown::new(path, &opened, &error)),
                },
            }
        }
        if captures.is_empty() && logs.is_empty() {
            bail!("{}", without_capture(&logs, &unknown));
        }
        let of_pipe = |capture: &Capture| input::is_read_once(&capture.path);
        if captures.len() > 1 && captures.iter().any(of_pipe) {
            bail!(
                "standard input is read once, and so is a pipe: neither can be one of several captures"
            );
        }
        Ok(Self {
            captures,
            logs,
            unknown,
        })
    }

    /// Refuses logs alone.
    pub(super) fn require_capture(&self) -> anyhow::Result<()> {
        if self.captures.is_empty() {
            bail!("{}", without_capture(&self.logs, &self.unknown));
        }
        Ok(())
    }

    /// The readers of the captures, in the order in which they were named; they can be had once.
    pub(super) fn take_captures(&mut self) -> Vec<CaptureReader> {
        let captures = self.captures.iter_mut();
        captures
            .filter_map(|capture| capture.reader.take())
            .collect()
    }

    /// What the first capture has in common with each capture, itself left out: they are read once more for it.
    pub(super) fn vantages(&self) -> Vec<Option<Vantage>> {
        self.captures.iter().map(|it| self.compared(it)).collect()
    }

    /// What the first capture has in common with `other`, if that is another one.
    fn compared(&self, other: &Capture) -> Option<Vantage> {
        let first = self
            .captures
            .first()
            .filter(|first| first.path != other.path)?;
        let reader = |capture: &Capture| {
            let opened = Opened::open(&capture.path, Hash::Unwanted).ok()?;
            opened.capture().ok()
        };
        vantage::compare(&mut reader(first)?, &mut reader(other)?)
    }

    /// The names of the captures, without folders.
    pub(super) fn capture_names(&self) -> Vec<String> {
        let names = self.captures.iter().map(|it| it.opened.name().to_owned());
        names.collect()
    }

    /// The captures by their paths and their names.
    pub(super) fn named_captures(&self) -> Vec<(&Path, &str)> {
        let named = self.captures.iter();
        named
            .map(|it| (it.path.as_path(), it.opened.name()))
            .collect()
    }

    /// Readers of the logs.
    pub(super) fn logs(&self) -> Vec<LogInput> {
        let logs = self.logs.iter().map(|(opened, kind)| LogInput {
            name: opened.name().to_owned(),
            kind: *kind,
            input: capture::unpacked(opened.reader()).unwrap_or_else(|_| opened.reader()),
        });
        logs.collect()
    }

    /// What was read of each file: the captures first.
    pub(super) fn finish(self) -> Vec<InputFile> {
        let logs = self.logs.into_iter().map(|(opened, _)| opened);
        let captures = self.captures.into_iter().map(|capture| capture.opened);
        captures.chain(logs).map(Opened::finish).collect()
    }
}

fn without_capture(logs: &[(Opened, LogKind)], unknown: &[Unknown]) -> String {
    if let Some(unknown) = unknown.first() {
        return unknown.complaint();
    }
    let names: Vec<&str> = logs.iter().map(|(opened, _)| opened.name()).collect();
    if names.is_empty() {
        return "name a capture, or - for standard input".to_owned();
    }
    format!(
        "{}: a log; name the capture beside it, for this is told of packets",
        names.join(", ")
    )
}

/// What the first bytes of a file say; a pipe is not looked into, it is a capture.
fn recognise(path: &Path) -> Recognised {
    let is_file = path.metadata().is_ok_and(|data| data.is_file());
    let mut head = Vec::new();
    if is_file && let Ok(file) = File::open(path) {
        // A file that cannot be read, or unpacked, is told when it is read in earnest.
        let _ = capture::unpacked(Box::new(file))
            .and_then(|input| input.take(HEAD).read_to_end(&mut head));
    }
    logs::recognise(&head)
}
