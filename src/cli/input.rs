//! The input as it is opened: counted, and hashed where that is asked for.
//!
//! Never looks at the bytes.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::render::InputFile;

/// Whether the input's hash is wanted: it costs more than reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hash {
    Wanted,
    Unwanted,
}

/// An opened input.
pub(super) struct Opened {
    name: String,
    source: Rc<RefCell<Counted>>,
}

struct Counted {
    input: Box<dyn Read>,
    bytes: u64,
    hash: Option<Sha256>,
}

/// What is given to the reader of captures.
struct Tap(Rc<RefCell<Counted>>);

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes += read as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..read]);
        }
        Ok(read)
    }
}

impl Opened {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path, hash: Hash) -> anyhow::Result<Self> {
        let input: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let is_folder = path.is_dir();
            if is_folder {
                bail!("{}: is a directory; name a capture in it", path.display());
            }
            Box::new(File::open(path).with_context(|| path.display().to_string())?)
        };
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            source: Rc::new(RefCell::new(Counted {
                input,
                bytes: 0,
                hash: (hash == Hash::Wanted).then(Sha256::new),
            })),
        })
    }

    /// A reader of its bytes.
    pub(super) fn reader(&self) -> Box<dyn Read> {
        Box::new(Tap(Rc::clone(&self.source)))
    }

    /// Reads what is left, where a hash is wanted, and says what was read in all.
    pub(super) fn finish(self) -> InputFile {
        let mut source = self.source.borrow_mut();
        if source.hash.is_some() {
            // What cannot be read is told by the report already.
            let _ = io::copy(&mut *source, &mut io::sink());
        }
        let digest = source.hash.take().map(Sha256::finalize);
        InputFile {
            name: self.name,
            bytes: source.bytes,
            sha256: digest.map(|digest| format!("{digest:x}")),
        }
    }
}
