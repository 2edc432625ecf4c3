//! Writes a result: to standard output, or to a file that is there whole or not at all.
//!
//! Never leaves a half-written file behind: it is written under another name beside its place, and renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::input::reason;
use crate::cli::interrupt::Draft;
use crate::cli::progress;
use crate::cli::settings::Target;

/// What writes the result.
pub(super) type Content<'c> = &'c mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// Writes to the file or to standard output. That a reader has gone away is an error as it is, so that the run can end without a
/// complaint.
pub(super) fn write(target: &Target, content: Content<'_>) -> anyhow::Result<()> {
    progress::erase();
    match target {
        Target::Nowhere => Ok(()),
        Target::Screen => {
            let mut out = BufWriter::new(io::stdout().lock());
            match content(&mut out).and_then(|()| out.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(error.into()),
                result => result.map_err(|error| anyhow!("cannot write: {}", reason(&error))),
            }
        }
        Target::File(path) => {
            let named =
                |error: io::Error| anyhow!("{}: cannot write: {}", path.display(), reason(&error));
            replace(path, Readers::All, content).map_err(named)
        }
    }
}

/// Writes a file that is for nobody else: a new one can be read by its owner only, where the system knows that.
pub(super) fn write_private(path: &Path, content: Content<'_>) -> anyhow::Result<()> {
    let named = |error: io::Error| anyhow!("{}: cannot write: {}", path.display(), reason(&error));
    replace(path, Readers::Owner, content).map_err(named)
}

/// Who may read a new file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Readers {
    /// Whoever the user lets by default.
    All,
    Owner,
}

/// Writes a file anew. A link stays one; what is no file, such as a pipe, is written to as it is.
fn replace(path: &Path, readers: Readers, content: Content<'_>) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    if is_device(path) || old.as_ref().is_some_and(|old| !old.is_file()) {
        return fill(OpenOptions::new().write(true).open(path)?, content);
    }
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let draft = Draft::at(draft(&place));
    fill(create(draft.path(), readers)?, content)?;
    match &old {
        // One that may not be written to is not replaced either.
        Some(old) if old.permissions().readonly() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Some(old) => fs::set_permissions(draft.path(), old.permissions())?,
        None => {}
    }
    draft.keep(&place)
}

/// Whether Windows takes the name for a device, in whatever folder and with whatever extension it stands.
fn is_device(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    cfg!(windows)
        && ["NUL", "CON", "PRN", "AUX"]
            .iter()
            .any(|it| stem.eq_ignore_ascii_case(it))
}

fn create(path: &Path, readers: Readers) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(path)
}

fn fill(file: File, content: Content<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.flush()
}

/// A name beside `place` that no other run of the program takes.
fn draft(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
