//! Standard input that is read more than once: kept for the run in a file that has no name.
//!
//! Never leaves it behind: where the process ends, however it ends, the file is gone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{anyhow, bail};

use crate::cli::input::reason;

/// Bytes that are kept at most: temporary files may lie in memory.
const MOST: u64 = 4 << 30;

/// What was kept.
static KEPT: OnceLock<File> = OnceLock::new();

/// A reader of what was kept, with a place of its own.
pub(super) struct Kept {
    file: &'static File,
    at: u64,
}

/// Reads standard input to its end and keeps it, if it is among `files`.
pub(super) fn keep_if_named<'f>(files: impl IntoIterator<Item = &'f Path>) -> anyhow::Result<()> {
    let is_named = files.into_iter().any(|file| file == Path::new("-"));
    if is_named && KEPT.get().is_none() {
        let file = keep(&mut io::stdin().lock(), MOST)?;
        // Nobody else sets it: it is done once, before anything is read.
        let _ = KEPT.set(file);
    }
    Ok(())
}

/// A reader of standard input as it was kept; `None` where it was not.
pub(super) fn kept() -> Option<Kept> {
    KEPT.get().map(|file| Kept { file, at: 0 })
}

fn keep(input: &mut dyn Read, most: u64) -> anyhow::Result<File> {
    let told = |error: &io::Error| {
        let (why, folder) = (reason(error), std::env::temp_dir());
        anyhow!(
            "standard input is read more than once, and cannot be kept in {}: {why}; name a file instead",
            folder.display()
        )
    };
    let mut file = nameless().map_err(|error| told(&error))?;
    let copied = io::copy(&mut input.take(most), &mut file).and_then(|_| file.flush());
    copied.map_err(|error| told(&error))?;
    let is_more = input.read(&mut [0]).map_err(|error| told(&error))? > 0;
    if is_more {
        bail!(
            "standard input is read more than once, and more than {} GiB of it are not kept; name a file instead",
            most >> 30
        );
    }
    Ok(file)
}

/// A file that nobody else can open. The name it has for a moment is no other run's.
fn nameless() -> io::Result<File> {
    let name = format!(".why401.{}.part", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    only_here(&mut options);
    let file = options.open(&path)?;
    if cfg!(unix) {
        fs::remove_file(&path)?;
    }
    Ok(file)
}

#[cfg(unix)]
fn only_here(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

/// The system removes the file when it is closed.
#[cfg(windows)]
fn only_here(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;
    /// `FILE_FLAG_DELETE_ON_CLOSE`.
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    options.custom_flags(DELETE_ON_CLOSE).share_mode(0);
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Kept {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let at = match place {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(step) => self.at.checked_add_signed(step),
            SeekFrom::End(step) => self.file.metadata()?.len().checked_add_signed(step),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let bytes = [7; 100];
        let mut file = keep(&mut bytes.as_slice(), 100).unwrap();
        file.rewind().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
        let refused = keep(&mut bytes.as_slice(), 99).unwrap_err().to_string();
        assert!(refused.ends_with("name a file instead"), "{refused}");
    }
}
