//! Where an HTTP body ends (RFC 9112 section 6): by length, by chunks, with the connection, or at once.
//!
//! Never keeps a byte of it.

use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::http::{self, Framing};

/// The line of a chunk, or a trailer field, is no longer than this, or it is none.
const LINE: usize = 4096;

/// Behind each chunk's content.
const LINE_END: u64 = 2;

/// What is still to come of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Body {
    /// Nothing.
    Done,
    /// So many bytes.
    Length(u64),
    /// Everything until the connection ends.
    UntilClose,
    /// The line of a chunk.
    ChunkLine,
    /// So many bytes of a chunk, the line end behind it included.
    Chunk(u64),
    /// Lines behind the last chunk, to a blank one.
    Trailers,
    /// It is not known how much: up to the next message in this direction, or the first bytes in the other.
    Loose,
}

impl Body {
    /// The body of a request.
    pub(super) fn of_request(framing: Framing) -> Self {
        match framing {
            Framing {
                is_chunked: true, ..
            } => Self::ChunkLine,
            Framing {
                length: Some(length @ 1..),
                ..
            } => Self::Length(length),
            _ => Self::Done,
        }
    }

    /// The body of a response that may have one.
    pub(super) fn of_response(framing: Framing) -> Self {
        match framing {
            Framing {
                is_chunked: true, ..
            } => Self::ChunkLine,
            Framing {
                length: Some(0), ..
            } => Self::Done,
            Framing {
                length: Some(length),
                ..
            } => Self::Length(length),
            _ => Self::UntilClose,
        }
    }

    /// Takes what is there of the body; gives how many bytes of content that was.
    pub(super) fn take(&mut self, ready: &mut Ready<'_>, frames: &mut FrameList) -> u64 {
        let mut content = 0;
        while !ready.bytes().is_empty() {
            let before = (*self, ready.bytes().len());
            content += self.step(ready, frames);
            if *self == Self::Done || before == (*self, ready.bytes().len()) {
                break;
            }
        }
        content
    }

    fn step(&mut self, ready: &mut Ready<'_>, frames: &mut FrameList) -> u64 {
        match *self {
            Self::Done => 0,
            Self::Length(left) => {
                let here = take_up_to(left, ready, frames);
                *self = if here == left {
                    Self::Done
                } else {
                    Self::Length(left - here)
                };
                here
            }
            Self::UntilClose | Self::Loose => take_up_to(u64::MAX, ready, frames),
            Self::ChunkLine => {
                self.chunk_line(ready, frames);
                0
            }
            Self::Chunk(left) => {
                let here = take_up_to(left, ready, frames);
                *self = if here == left {
                    Self::ChunkLine
                } else {
                    Self::Chunk(left - here)
                };
                here.min(left.saturating_sub(LINE_END))
            }
            Self::Trailers => {
                self.trailer(ready, frames);
                0
            }
        }
    }

    fn chunk_line(&mut self, ready: &mut Ready<'_>, frames: &mut FrameList) {
        match http::chunk_size(ready.bytes()) {
            Ok(Some((len, size))) => {
                ready.take(len, frames);
                *self = if size == 0 {
                    Self::Trailers
                } else {
                    Self::Chunk(size.saturating_add(LINE_END))
                };
            }
            Ok(None) if ready.bytes().len() < LINE => {}
            Ok(None) | Err(_) => *self = Self::Loose,
        }
    }

    fn trailer(&mut self, ready: &mut Ready<'_>, frames: &mut FrameList) {
        let Some(end) = memchr::memchr(b'\n', ready.bytes()) else {
            if ready.bytes().len() >= LINE {
                *self = Self::Loose;
            }
            return;
        };
        let is_last = matches!(ready.bytes().get(..end), Some(b"" | b"\r"));
        ready.take(end + 1, frames);
        if is_last {
            *self = Self::Done;
        }
    }

    /// Passes over `missing` bytes. Where they may hold chunk lines, the end is not known any more.
    pub(super) fn pass(&mut self, missing: u64) -> Passed {
        let (rest, content, is_beyond) = match *self {
            Self::Done => (Self::Done, 0, missing > 0),
            Self::Length(left) if missing < left => (Self::Length(left - missing), missing, false),
            Self::Length(left) => (Self::Done, left, missing > left),
            Self::Chunk(left) if missing <= left => {
                let content = missing.min(left.saturating_sub(LINE_END));
                let rest = match left - missing {
                    0 => Self::ChunkLine,
                    left => Self::Chunk(left),
                };
                (rest, content, false)
            }
            Self::UntilClose => (Self::UntilClose, missing, false),
            Self::Loose | Self::ChunkLine | Self::Chunk(_) | Self::Trailers => {
                (Self::Loose, missing, false)
            }
        };
        *self = rest;
        Passed { content, is_beyond }
    }
}

/// What bytes that are not there were of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Passed {
    /// So many were content.
    pub(super) content: u64,
    /// Some of them came behind the body.
    pub(super) is_beyond: bool,
}

fn take_up_to(left: u64, ready: &mut Ready<'_>, frames: &mut FrameList) -> u64 {
    let here = usize::try_from(left)
        .unwrap_or(usize::MAX)
        .min(ready.bytes().len());
    ready.take(here, frames);
    here as u64
}
