//! Inputs that behave as pipes and failing disks do.

use std::io::{self, Read};

/// Gives its bytes in pieces of at most `piece`, with interruptions between them, and then ends or fails.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    at: usize,
    piece: usize,
    failure: Option<io::ErrorKind>,
    is_interrupted: bool,
}

impl Input {
    /// An input that gives all `bytes` as they are asked for.
    pub(crate) const fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            at: 0,
            piece: usize::MAX,
            failure: None,
            is_interrupted: false,
        }
    }

    /// The same, in pieces of at most `piece` bytes, each after an interruption.
    pub(crate) const fn in_pieces_of(mut self, piece: usize) -> Self {
        self.piece = piece;
        self
    }

    /// The same, with a failure where the end was.
    pub(crate) const fn failing(mut self, failure: io::ErrorKind) -> Self {
        self.failure = Some(failure);
        self
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted && self.piece != usize::MAX;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let rest = &self.bytes[self.at..];
        if let (Some(failure), true) = (self.failure, rest.is_empty()) {
            return Err(failure.into());
        }
        let len = rest.len().min(self.piece).min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.at += len;
        Ok(len)
    }
}
