//! A buffer over the input: bytes in place, each looked at where it was read to.
//!
//! Never knows a format, and never grows beyond the largest record that is believed.

use std::io::{self, Read};

/// One read: large enough that the calls do not count beside the copying.
const READ: usize = 256 << 10;

/// The largest record that is believed, with its header.
pub(super) const LARGEST: usize = (16 << 20) + 64;

/// The input and what was read of it.
pub(super) struct Source {
    input: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    is_ended: bool,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Source {
    pub(super) fn new(input: Box<dyn Read>) -> Self {
        Self {
            input,
            buffer: vec![0; READ],
            start: 0,
            end: 0,
            offset: 0,
            is_ended: false,
        }
    }

    /// Reads until `len` bytes are available, or the input ends; says whether they are.
    #[inline]
    pub(super) fn fill(&mut self, len: usize) -> io::Result<bool> {
        if self.end - self.start >= len {
            return Ok(true);
        }
        self.read_more(len.min(LARGEST))
    }

    #[cold]
    fn read_more(&mut self, len: usize) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < len {
            self.buffer.resize(len.next_multiple_of(READ), 0);
        }
        while self.end < len && !self.is_ended {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.is_ended = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end >= len)
    }

    /// The bytes that were read and not consumed.
    #[inline]
    pub(super) fn available(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Moves on by `len` bytes that are available.
    #[inline]
    pub(super) fn consume(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// The last `len` bytes that were consumed; they stay until the next `fill`.
    #[inline]
    pub(super) fn consumed(&self, len: usize) -> &[u8] {
        &self.buffer[self.start.saturating_sub(len)..self.start]
    }

    /// Moves on by `len` bytes, reading over what is not available; says whether there were so many.
    pub(super) fn skip(&mut self, mut len: u64) -> io::Result<bool> {
        while len > 0 {
            if !self.fill(1)? {
                return Ok(false);
            }
            let here = usize::try_from(len)
                .unwrap_or(usize::MAX)
                .min(self.end - self.start);
            self.consume(here);
            len -= here as u64;
        }
        Ok(true)
    }

    /// How many bytes of the input were consumed.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }
}
