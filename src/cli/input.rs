//! The input as it is opened: counted, and hashed where that is asked for.
//!
//! Never looks at the bytes.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::bail;
use sha2::{Digest, Sha256};

use crate::capture::{CaptureError, CaptureReader};
use crate::cli::settings::{Redaction, Target};
use crate::cli::spool::{self, Kept};
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
    input: Bytes,
    bytes: u64,
    is_out_of_order: bool,
    hash: Option<Sha256>,
}

enum Bytes {
    Stream(Box<dyn Read>),
    /// Is read in order, unless its format has to be read otherwise.
    File(File),
    /// Standard input that was kept.
    Kept(Kept),
}

/// What is given to the reader of captures.
struct Tap(Rc<RefCell<Counted>>);

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Seek for Tap {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.0.borrow_mut().seek(place)
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.input {
            Bytes::Stream(stream) => stream.read(buffer)?,
            Bytes::File(file) => file.read(buffer)?,
            Bytes::Kept(kept) => kept.read(buffer)?,
        };
        self.bytes += read as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..read]);
        }
        Ok(read)
    }
}

impl Counted {
    /// A file that was read out of order is hashed at the end.
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        match &mut self.input {
            Bytes::Stream(_) => Err(io::ErrorKind::NotSeekable.into()),
            Bytes::File(file) => {
                self.is_out_of_order = true;
                file.seek(place)
            }
            Bytes::Kept(kept) => {
                self.is_out_of_order = true;
                kept.seek(place)
            }
        }
    }

    /// Reads what is left, or all of a file that was read out of order.
    fn read_all(&mut self) -> io::Result<u64> {
        if self.is_out_of_order {
            self.seek(SeekFrom::Start(0))?;
            self.bytes = 0;
            self.hash = self.hash.take().map(|_| Sha256::new());
        }
        io::copy(self, &mut io::sink())
    }
}

impl Opened {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path, hash: Hash) -> anyhow::Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            source: Rc::new(RefCell::new(Counted {
                input: input(path)?,
                bytes: 0,
                is_out_of_order: false,
                hash: (hash == Hash::Wanted).then(Sha256::new),
            })),
        })
    }

    /// Its name, without folders.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A reader of its bytes.
    pub(super) fn reader(&self) -> Box<dyn Read> {
        Box::new(Tap(Rc::clone(&self.source)))
    }

    /// A reader of the capture in it.
    pub(super) fn capture(&self) -> Result<CaptureReader, CaptureError> {
        let tap = Box::new(Tap(Rc::clone(&self.source)));
        let is_stream = matches!(self.source.borrow().input, Bytes::Stream(_));
        if is_stream {
            CaptureReader::new(tap)
        } else {
            CaptureReader::of_file(tap)
        }
    }

    /// Reads what is left, where a hash is wanted, and says what was read in all.
    pub(super) fn finish(self) -> InputFile {
        let mut source = self.source.borrow_mut();
        if source.hash.is_some() {
            // What cannot be read is told by the report already.
            let _ = source.read_all();
        }
        let digest = source.hash.take().map(Sha256::finalize);
        InputFile {
            name: self.name,
            bytes: source.bytes,
            sha256: digest.map(|digest| format!("{digest:x}")),
        }
    }
}

fn input(path: &Path) -> anyhow::Result<Bytes> {
    if path == Path::new("-") {
        let stdin = || Bytes::Stream(Box::new(io::stdin()));
        return Ok(spool::kept().map_or_else(stdin, Bytes::Kept));
    }
    if path.is_dir() {
        bail!(
            "{}: is a directory; name a capture in it, or read all of them: why401 scan {0}",
            path.display()
        );
    }
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|data| data.is_file()) => Ok(Bytes::File(file)),
        Ok(pipe) => Ok(Bytes::Stream(Box::new(pipe))),
        Err(error) => bail!("{}: {}", path.display(), reason(&error)),
    }
}

/// Refuses to write a result, or the private map, over the evidence, or the one over the other.
pub(super) fn refuse_over(
    files: &[PathBuf],
    target: &Target,
    redaction: &Redaction,
) -> anyhow::Result<()> {
    let output = match target {
        Target::File(output) => Some(output),
        Target::Screen | Target::Nowhere => None,
    };
    let map = redaction.map();
    if let (Some(output), Some(map)) = (output, map)
        && output == map
    {
        bail!(
            "{}: is the result; the private map goes to another file",
            map.display()
        );
    }
    for file in files {
        for written in output.into_iter().chain(map) {
            refuse_same(file, written)?;
        }
    }
    Ok(())
}

/// Refuses to write over the evidence.
fn refuse_same(input: &Path, output: &Path) -> anyhow::Result<()> {
    // A path that cannot be followed names no file yet.
    if let (Ok(input), Ok(output)) = (input.canonicalize(), output.canonicalize())
        && input == output
    {
        bail!(
            "{}: is the capture itself; it is not written over",
            output.display()
        );
    }
    Ok(())
}

/// Why a file cannot be used, in plain words where there are some.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        _ => error.to_string(),
    }
}
