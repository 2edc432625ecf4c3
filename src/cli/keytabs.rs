//! Opens the keytabs that the user names.
//!
//! Never keeps more of a file than its keys.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::input::reason;
use crate::keys::Keytab;

/// A keytab is no longer: an entry takes some hundred bytes.
const LONGEST: u64 = 16 << 20;

/// The keys of `paths`, in their order.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Arc<[Keytab]>> {
    paths.iter().map(|path| keytab(path)).collect()
}

fn keytab(path: &Path) -> anyhow::Result<Keytab> {
    let bytes = bytes(path)
        .map_err(|error| anyhow!("{}: cannot read: {}", path.display(), reason(&error)))?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Keytab::parse(&name.to_string_lossy(), &bytes)
        .map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other("it is too long for a keytab"));
    }
    Ok(bytes)
}
