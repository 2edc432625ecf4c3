//! A buffer over the input: bytes in place, each looked at where it was read to.
//!
//! Never knows a format, and never grows beyond what the largest record that is believed needs.

use std::io::{self, Read};

/// One read: large enough that the calls do not count beside the copying.
const READ: usize = 256 << 10;

/// The largest record that is believed, with its header.
pub(super) const LARGEST: usize = (16 << 20) + 64;

/// The input and what was read of it.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    state: State,
}

/// Whether more can come.
#[derive(Debug)]
enum State {
    Flowing,
    Ended,
    Failed(io::Error),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("offset", &self.offset)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Source {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            buffer: vec![0; READ],
            start: 0,
            end: 0,
            offset: 0,
            state: State::Flowing,
        }
    }

    /// Reads until `len` bytes are available; says whether they are. They are not where the input ends or fails before,
    /// or where `len` is beyond [`LARGEST`].
    #[inline]
    pub(super) fn fill(&mut self, len: usize) -> bool {
        self.end - self.start >= len || self.read_more(len)
    }

    #[cold]
    fn read_more(&mut self, len: usize) -> bool {
        if len > LARGEST {
            return false;
        }
        if self.start + len > self.buffer.len() {
            self.make_room(len);
        }
        while self.end - self.start < len && matches!(self.state, State::Flowing) {
            self.read();
        }
        self.end - self.start >= len
    }

    /// Moves what is available to the front. Once it fills half of the buffer, the buffer grows: so even a file that asks for
    /// a long record every few bytes has each byte moved only once or twice.
    fn make_room(&mut self, len: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if 2 * self.end >= self.buffer.len() && self.buffer.len() < 2 * len {
            self.grow();
        }
    }

    /// One read. The buffer grows only once it is full of what was read: a length that asks for much gets nothing.
    fn read(&mut self) {
        if self.end == self.buffer.len() {
            self.grow();
        }
        match self.input.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.state = State::Ended,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.state = State::Failed(error),
        }
    }

    fn grow(&mut self) {
        self.buffer.resize(2 * self.buffer.len(), 0);
    }

    /// What was not consumed, and all that follows it.
    pub(super) fn into_read(self) -> Box<dyn Read + Send> {
        let (start, end) = (self.start, self.end);
        let mut ahead = io::Cursor::new(self.buffer);
        ahead.set_position(start as u64);
        Box::new(ahead.take((end - start) as u64).chain(self.input))
    }

    /// The failure that ended the input, if one did.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Failed(error) => Some(error),
            state => {
                self.state = state;
                None
            }
        }
    }

    /// Gives up what is left: nothing is available from now on.
    pub(super) fn close(&mut self) {
        self.state = State::Ended;
        self.consume(self.end - self.start);
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

    /// How many bytes of the input were consumed.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes of the input were read.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.offset + (self.end - self.start) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one by one, then fails.
    struct Dripping(u8);

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0 {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                left if left % 3 == 0 => {
                    self.0 -= 1;
                    Err(io::ErrorKind::Interrupted.into())
                }
                left => {
                    buffer[0] = left;
                    self.0 -= 1;
                    Ok(1)
                }
            }
        }
    }

    #[test]
    fn bytes_that_come_one_by_one_are_gathered_and_the_failure_behind_them_is_kept() {
        let mut source = Source::new(Box::new(Dripping(9)));
        assert!(source.fill(4));
        assert_eq!(source.available(), [8, 7, 5, 4]);
        source.consume(3);
        assert_eq!(source.consumed(2), [7, 5]);
        assert!(!source.fill(4));
        assert_eq!(source.available(), [4, 2, 1]);
        assert_eq!((source.offset(), source.bytes_read()), (3, 6));
        let failure = source.take_failure().map(|error| error.kind());
        assert_eq!(failure, Some(io::ErrorKind::ConnectionReset));
        assert!(source.take_failure().is_none());
    }

    #[test]
    fn a_length_that_asks_for_much_gets_no_memory() {
        let mut source = Source::new(Box::new(&[1, 2, 3][..]));
        assert!(!source.fill(LARGEST));
        assert!(!source.fill(usize::MAX));
        assert_eq!(source.buffer.len(), READ);
        assert_eq!(source.available(), [1, 2, 3]);
    }

    #[test]
    fn long_looks_ahead_at_every_step_do_not_move_the_buffer_at_every_step() {
        let mut source = Source::new(Box::new(io::repeat(7).take(1 << 22)));
        let mut moves = 0;
        while source.fill(READ) {
            let before = source.start;
            source.consume(4);
            source.fill(READ);
            moves += u32::from(source.start < before);
        }
        assert!(moves < 20, "{moves}");
        assert_eq!(source.bytes_read(), 1 << 22);
        assert_eq!(source.buffer.len(), 2 * READ);
    }
}
