//! The input where its bytes are wanted out of order: any place of it, a window at a time.
//!
//! Never knows a format, and never holds more than its window, which grows only for a record that is there.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::capture::source::{LARGEST, Source};

/// An input that can be read at any place: a file, or what was kept of a pipe.
pub trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

/// One read, where the next place is behind the last one.
const READ: usize = 256 << 10;
/// One read of a place somewhere else.
const FIRST_READ: usize = 4 << 10;

/// The bytes of the input by their places.
pub(super) struct Store {
    input: Box<dyn Seekable>,
    size: u64,
    /// Where the window begins in the input.
    begin: u64,
    window: Vec<u8>,
    /// How much to read next: more and more as long as places follow each other.
    read: usize,
    failure: Option<io::Error>,
    /// What ended a pipe early.
    cut: Option<io::Error>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("size", &self.size)
            .field("begin", &self.begin)
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(super) fn new(mut input: Box<dyn Seekable>) -> io::Result<Self> {
        let size = input.seek(SeekFrom::End(0))?;
        Ok(Self {
            input,
            size,
            begin: 0,
            window: Vec::new(),
            read: FIRST_READ,
            failure: None,
            cut: None,
        })
    }

    /// Keeps what is left of `source`, which has not been consumed, in memory; `None` where that is more than `most` bytes. Where
    /// the source fails, what came before is kept.
    pub(super) fn keep(source: Source, most: u64) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let kept = source.into_read().take(most + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > most {
            return Ok(None);
        }
        let mut store = Self::new(Box::new(Cursor::new(bytes)))?;
        store.cut = kept.err();
        Ok(Some(store))
    }

    /// How many bytes there are.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// `len` bytes from `at` on, or fewer where the input ends or fails, or where `len` is beyond what is believed.
    #[inline]
    pub(super) fn get(&mut self, at: u64, len: usize) -> &[u8] {
        if self.begin > at || self.end() < at.saturating_add(len as u64) {
            self.load(at, len);
        }
        let from = usize::try_from(at.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        let there = self.window.get(from..).unwrap_or_default();
        there.get(..len).unwrap_or(there)
    }

    const fn end(&self) -> u64 {
        self.begin + self.window.len() as u64
    }

    #[cold]
    fn load(&mut self, at: u64, len: usize) {
        let is_next = (self.begin..=self.end()).contains(&at);
        self.read = if is_next {
            READ.min(2 * self.read)
        } else {
            FIRST_READ
        };
        let left = self.size.saturating_sub(at);
        let wanted = len.min(LARGEST).max(self.read) as u64;
        self.window.clear();
        self.begin = at.min(self.size);
        if self.failure.is_some() {
            return;
        }
        let read = self.input.seek(SeekFrom::Start(self.begin)).and_then(|_| {
            let mut part = (&mut self.input).take(wanted.min(left));
            part.read_to_end(&mut self.window)
        });
        self.failure = read.err();
    }

    /// The failure that ended the input, if one did.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take().or_else(|| self.cut.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_had_at_any_place_and_none_behind_the_end() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(READ + 1_000).collect();
        let size = bytes.len() as u64;
        let mut store = Store::new(Box::new(Cursor::new(bytes.clone()))).unwrap();
        for at in [0, 7, READ - 2, READ + 999, 3, READ] {
            let end = bytes.len().min(at + 4);
            assert_eq!(store.get(at as u64, 4), &bytes[at..end], "{at}");
        }
        assert!(store.get(size, 1).is_empty());
        assert!(store.get(u64::MAX, usize::MAX).is_empty());
        assert_eq!(store.get(0, usize::MAX), bytes);
        assert_eq!(store.size(), size);
    }

    #[test]
    fn a_pipe_is_kept_up_to_a_limit() {
        let kept = |most| {
            let mut source = Source::new(Box::new(&b"0123456789"[..]));
            source.fill(4);
            Store::keep(source, most).unwrap()
        };
        assert!(kept(9).is_none());
        assert_eq!(kept(10).unwrap().get(0, 20), b"0123456789");
    }
}
