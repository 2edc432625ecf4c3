//! The input as it is opened: counted, and hashed where that is asked for. A file is hashed in a thread of its own, since that takes
//! as long as all else; a pipe as it is read.
//!
//! Never looks at the bytes.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::bail;
use sha2::{Digest, Sha256};

use crate::capture::{CaptureError, CaptureReader};
use crate::cli::progress::{self, Meter};
use crate::cli::settings::{Redaction, Target};
use crate::cli::spool::{self, Kept};
use crate::render::InputFile;
use crate::text::hexadecimal;

/// Whether the input's hash is wanted: it costs more than reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hash {
    Wanted,
    Unwanted,
}

/// An opened input.
pub(super) struct Opened {
    name: String,
    source: Arc<Mutex<Counted>>,
    hashed_aside: Option<JoinHandle<Option<Hashed>>>,
}

struct Counted {
    input: Bytes,
    /// How long it was when it was opened, where it is a file.
    opened_with: Option<u64>,
    bytes: u64,
    hash: Option<Sha256>,
    meter: Option<FileMeter>,
}

/// Says how far the input is read.
struct FileMeter {
    name: String,
    /// How long it is, where that is known.
    all: Option<u64>,
    meter: Meter,
}

impl FileMeter {
    fn begin(name: &str, input: &Bytes) -> Option<Self> {
        Meter::begin().map(|meter| Self {
            name: name.to_owned(),
            all: input.len(),
            meter,
        })
    }

    fn tell(&mut self, read: u64) {
        let (name, all) = (&self.name, self.all);
        self.meter
            .tell(|| format!("{}: {name}", progress::bytes(read, all)));
    }
}

/// How long an input is, and its SHA-256.
struct Hashed {
    bytes: u64,
    sha256: String,
}

enum Bytes {
    Stream(Box<dyn Read + Send>),
    /// Is read in order, unless its format has to be read otherwise.
    File(File),
    /// Standard input that was kept.
    Kept(Kept),
}

impl Bytes {
    /// How long it is now, where it is a file.
    fn len(&self) -> Option<u64> {
        match self {
            Self::Stream(_) | Self::Kept(_) => None,
            Self::File(file) => file.metadata().ok().map(|data| data.len()),
        }
    }
}

/// What is given to the reader of captures.
struct Tap(Arc<Mutex<Counted>>);

/// The bytes are unpacked by a thread of its own, where they are packed. A thread that broke down leaves them usable.
fn locked(source: &Mutex<Counted>) -> MutexGuard<'_, Counted> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        locked(&self.0).read(buffer)
    }
}

impl Seek for Tap {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        locked(&self.0).seek(place)
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
        if let Some(meter) = &mut self.meter {
            meter.tell(self.bytes);
        }
        Ok(read)
    }
}

impl Counted {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        match &mut self.input {
            Bytes::Stream(_) => Err(io::ErrorKind::NotSeekable.into()),
            Bytes::File(file) => file.seek(place),
            Bytes::Kept(kept) => kept.seek(place),
        }
    }

    fn new(input: Bytes, hash: Option<Sha256>) -> Self {
        Self {
            opened_with: input.len(),
            input,
            bytes: 0,
            hash,
            meter: None,
        }
    }

    /// Reads what is left, and says what all of it was.
    fn hashed(&mut self) -> Option<Hashed> {
        self.hash.as_ref()?;
        // Half a file has no hash; that it cannot be read is told by the report.
        io::copy(self, &mut io::sink()).ok()?;
        self.hash.take().map(|hash| Hashed {
            bytes: self.bytes,
            sha256: hexadecimal(&hash.finalize()),
        })
    }
}

impl Opened {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path, hash: Hash) -> anyhow::Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let input = input(path)?;
        let is_wanted = hash == Hash::Wanted;
        let is_stream = matches!(input, Bytes::Stream(_));
        let name = name.to_string_lossy().into_owned();
        Ok(Self {
            source: Arc::new(Mutex::new(Counted {
                meter: FileMeter::begin(&name, &input),
                ..Counted::new(input, (is_wanted && is_stream).then(Sha256::new))
            })),
            hashed_aside: (is_wanted && !is_stream)
                .then(|| hash_aside(path))
                .flatten(),
            name,
        })
    }

    /// Its name, without folders.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A reader of its bytes.
    pub(super) fn reader(&self) -> Box<dyn Read + Send> {
        Box::new(Tap(Arc::clone(&self.source)))
    }

    /// A reader of the capture in it.
    pub(super) fn capture(&self) -> Result<CaptureReader, CaptureError> {
        let tap = Box::new(Tap(Arc::clone(&self.source)));
        let is_stream = matches!(locked(&self.source).input, Bytes::Stream(_));
        if is_stream {
            CaptureReader::new(tap)
        } else {
            CaptureReader::of_file(tap)
        }
    }

    /// Reads what is left, where a hash is wanted, and says what was read in all. A file that became longer or shorter meanwhile has
    /// no hash: it might be that of other bytes than those that were analysed.
    pub(super) fn finish(self) -> InputFile {
        let aside = self.hashed_aside.and_then(|thread| thread.join().ok()?);
        let mut source = locked(&self.source);
        let is_steady = source.input.len() == source.opened_with;
        let hashed = aside.or_else(|| source.hashed()).filter(|_| is_steady);
        InputFile {
            name: self.name,
            bytes: hashed.as_ref().map_or(source.bytes, |hashed| hashed.bytes),
            sha256: hashed.map(|hashed| hashed.sha256),
        }
    }
}

/// Begins to hash a file, or what was kept. Without a thread there is no hash.
fn hash_aside(path: &Path) -> Option<JoinHandle<Option<Hashed>>> {
    let path = path.to_owned();
    let hash = move || {
        let file = input(&path).ok()?;
        Counted::new(file, Some(Sha256::new())).hashed()
    };
    thread::Builder::new()
        .name("hash".to_owned())
        .spawn(hash)
        .ok()
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

/// Refuses what gives its bytes once, where they are read more than once: what is missed then would not be hidden.
pub(super) fn refuse_pipes<'f>(files: impl IntoIterator<Item = &'f Path>) -> anyhow::Result<()> {
    for file in files {
        if is_read_once(file) && file != Path::new("-") {
            bail!(
                "{}: gives its bytes once, and they are read more than once; name a file, or - for standard input",
                file.display()
            );
        }
    }
    Ok(())
}

/// Whether what is read of `path` is gone: standard input, and pipes with a name.
pub(super) fn is_read_once(path: &Path) -> bool {
    let is_pipe = |data: Metadata| !data.is_file() && !data.is_dir();
    path == Path::new("-") || path.metadata().is_ok_and(is_pipe)
}

/// Refuses to write over the evidence.
fn refuse_same(input: &Path, output: &Path) -> anyhow::Result<()> {
    // A path that cannot be followed names no file yet.
    if let (Ok(one), Ok(other)) = (input.canonicalize(), output.canonicalize())
        && one == other
    {
        bail!("{}: is read; it is not written over", output.display());
    }
    Ok(())
}

/// Why a file cannot be used, in plain words where there are some.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::StorageFull => "no space is left".to_owned(),
        _ => error.to_string(),
    }
}
