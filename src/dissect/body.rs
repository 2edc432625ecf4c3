//! Where an HTTP body ends (RFC 9112 section 6): by length, by chunks, with the connection, or at once.
//!
//! Never keeps a byte of it but for a keeper that wants it.

use std::cell::Cell;
use std::rc::Rc;

use crate::limits::Budget;
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
    pub(super) fn take(
        &mut self,
        ready: &mut Ready<'_>,
        frames: &mut FrameList,
        keeper: &mut Keeper,
    ) -> u64 {
        let mut content = 0;
        while !ready.bytes().is_empty() {
            let before = (*self, ready.bytes().len());
            content += self.step(ready, frames, keeper);
            if *self == Self::Done || before == (*self, ready.bytes().len()) {
                break;
            }
        }
        content
    }

    fn step(&mut self, ready: &mut Ready<'_>, frames: &mut FrameList, keeper: &mut Keeper) -> u64 {
        match *self {
            Self::Done => 0,
            Self::Length(left) => {
                keeper.keep(ready.bytes(), left);
                let here = take_up_to(left, ready, frames);
                *self = if here == left {
                    Self::Done
                } else {
                    Self::Length(left - here)
                };
                here
            }
            Self::UntilClose | Self::Loose => {
                keeper.keep(ready.bytes(), u64::MAX);
                take_up_to(u64::MAX, ready, frames)
            }
            Self::ChunkLine => {
                self.chunk_line(ready, frames);
                0
            }
            Self::Chunk(left) => {
                keeper.keep(ready.bytes(), left.saturating_sub(LINE_END));
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

/// The bytes that all keepers together hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Room(Rc<Cell<usize>>);

impl Room {
    /// So many of `wanted` bytes may be held.
    fn take(&self, wanted: usize) -> usize {
        let held = self.0.get();
        let granted = wanted.min(Budget::CCM_BODIES.saturating_sub(held));
        self.0.set(held + granted);
        granted
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_sub(bytes));
    }
}

/// Keeps the content of a body that is wanted, up to the budget, and nothing of any other.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    bytes: Vec<u8>,
    room: Room,
    is_open: bool,
}

impl Keeper {
    /// A keeper that wants the body.
    pub(super) fn wanting(room: Room) -> Self {
        Self {
            bytes: Vec::new(),
            room,
            is_open: true,
        }
    }

    /// Keeps what of `bytes` is content: the first `content` of them.
    pub(super) fn keep(&mut self, bytes: &[u8], content: u64) {
        if !self.is_open {
            return;
        }
        let content = usize::try_from(content)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let allowed = Budget::CCM_BODY.saturating_sub(self.bytes.len());
        let granted = self.room.take(content.min(allowed));
        self.is_open = granted == content;
        self.bytes
            .extend(bytes.get(..granted).into_iter().flatten());
    }

    /// What follows would not fit behind what is kept.
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was kept, which needs no room here any more.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.room.give_back(self.bytes.len());
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.room.give_back(self.bytes.len());
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
