//! The recorded captures of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// All of them, in the order of their names.
pub(crate) fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|it| it == "pcap" || it == "pcapng")
        })
        .collect();
    found.sort();
    assert!(found.len() > 40, "there are captures");
    found
}
