//! An interrupted run takes its half-written files with it.
//!
//! Never stays in the way of an interruption: where nothing is being written, the process ends as it would have anyway.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use crate::cli::progress;

/// The status of what a shell interrupts: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// So long the line about progress may take to go.
const PATIENCE: Duration = Duration::from_millis(200);

/// Files that are being written. Whoever holds them keeps an interruption waiting.
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file under a name of its own, which goes with it unless it is put in its place.
pub(super) struct Draft {
    path: PathBuf,
}

impl Draft {
    /// A draft at `path`, which nobody else takes.
    pub(super) fn at(path: PathBuf) -> Self {
        static LISTENS: Once = Once::new();
        // Where the system knows no interruptions, there is nothing to heed.
        LISTENS.call_once(|| ctrlc::set_handler(end).unwrap_or_default());
        drafts().push(path.clone());
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place.
    pub(super) fn keep(self, place: &Path) -> io::Result<()> {
        // An interruption comes before this or after it.
        let mut drafts = drafts();
        fs::rename(&self.path, place)?;
        drafts.retain(|draft| *draft != self.path);
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let mut drafts = drafts();
        if drafts.contains(&self.path) {
            // The failure is told; a draft that cannot be removed either says nothing more.
            let _ = fs::remove_file(&self.path);
            drafts.retain(|draft| *draft != self.path);
        }
    }
}

fn drafts() -> MutexGuard<'static, Vec<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::exit,
    reason = "nobody returns from an interruption to the end of main"
)]
fn end() {
    let drafts = drafts();
    for draft in drafts.iter() {
        // It ends all the same.
        let _ = fs::remove_file(draft);
    }
    progress::erase_within(PATIENCE);
    process::exit(INTERRUPTED)
}
