//! The evidence of a case: one capture and the logs beside it, each recognised by its content.
//!
//! Never goes by a name, and never reads further than the first bytes to recognise a file.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::capture::CaptureReader;
use crate::cli::input::{Hash, Opened};
use crate::cli::settings::ONE_CAPTURE;
use crate::diagnose::LogInput;
use crate::logs::{self, LogKind, Recognised};
use crate::render::InputFile;

/// Bytes by which a log is recognised.
const HEAD: usize = 16 << 10;

/// The files of a case.
pub(super) struct Evidence {
    capture: File,
    logs: Vec<(File, LogKind)>,
    /// Of each file that is neither, what it is.
    pub(super) unknown: Vec<String>,
}

/// An opened file and its first bytes, which were read already.
struct File {
    path: PathBuf,
    opened: Opened,
    head: Vec<u8>,
}

impl Evidence {
    /// Opens and recognises `files`. One alone is taken for a capture.
    pub(super) fn open(files: &[PathBuf], hash: Hash) -> anyhow::Result<Self> {
        let [first, more @ ..] = files else {
            bail!("name a capture, or - for standard input");
        };
        let alone = more.is_empty();
        let mut captures = Vec::new();
        let (mut logs, mut unknown) = (Vec::new(), Vec::new());
        for path in std::iter::once(first).chain(more) {
            let file = File::open(path, hash)?;
            match logs::recognise(&file.head) {
                Recognised::Log(kind) => logs.push((file, kind)),
                Recognised::Refused(what) => unknown.push(format!("{}: {what}.", file.name())),
                Recognised::Unknown if alone || file.is_capture() => captures.push(file),
                Recognised::Unknown => unknown.push(format!(
                    "{}: neither a capture nor a log that is known; it was not read.",
                    file.name()
                )),
            }
        }
        let mut captures = captures.into_iter();
        match (captures.next(), captures.next()) {
            (Some(capture), None) => Ok(Self {
                capture,
                logs,
                unknown,
            }),
            (Some(_), Some(_)) => bail!("{ONE_CAPTURE}"),
            (None, _) => bail!("{}", without_capture(&logs, &unknown)),
        }
    }

    /// Readers of the capture and of the logs.
    pub(super) fn readers(&self) -> anyhow::Result<(CaptureReader, Vec<LogInput>)> {
        let capture = CaptureReader::new(self.capture.reader())
            .map_err(|error| anyhow!("{}: {error}", self.capture.path.display()))?;
        let logs = self.logs.iter().map(|(file, kind)| LogInput {
            name: file.name(),
            kind: *kind,
            input: file.reader(),
        });
        Ok((capture, logs.collect()))
    }

    /// What was read of each file: the capture first.
    pub(super) fn finish(self) -> Vec<InputFile> {
        let logs = self.logs.into_iter().map(|(file, _)| file);
        std::iter::once(self.capture)
            .chain(logs)
            .map(|file| file.opened.finish())
            .collect()
    }
}

fn without_capture(logs: &[(File, LogKind)], unknown: &[String]) -> String {
    if let Some(unknown) = unknown.first() {
        return unknown.clone();
    }
    let names: Vec<String> = logs.iter().map(|(file, _)| file.name()).collect();
    format!(
        "{}: a log; name the capture beside it, for the story is told from packets",
        names.join(", ")
    )
}

impl File {
    fn open(path: &Path, hash: Hash) -> anyhow::Result<Self> {
        let opened = Opened::open(path, hash)?;
        let mut head = Vec::new();
        let mut reader = opened.reader().take(HEAD as u64);
        // A file that cannot be read is told when it is read in earnest.
        let _ = reader.read_to_end(&mut head);
        Ok(Self {
            path: path.to_owned(),
            opened,
            head,
        })
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Its bytes from the first one.
    fn reader(&self) -> Box<dyn Read> {
        Box::new(Cursor::new(self.head.clone()).chain(self.opened.reader()))
    }

    fn is_capture(&self) -> bool {
        CaptureReader::new(Box::new(Cursor::new(self.head.clone()))).is_ok()
    }
}
