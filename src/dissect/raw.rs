//! What datagrams and streams give, in order: messages that nobody has read yet, and what was seen on the way to them.
//!
//! Never reads a message: a decoder does, which may work in another thread.

use crate::dissect::message::{MessageBody, Observation, TcpEvent};
use crate::dissect::outlet::Envelope;
use crate::frame::FrameNumber;
use crate::wire::reader::DecodeError;

/// Takes what is found, each with its bytes: those of a message, or the head of one whose body is not kept. They are lent, so that
/// most of them are copied once or not at all.
pub type Taker<'t> = dyn FnMut(Found, &[u8]) + 't;

/// One of the things that a dissector hands over.
#[derive(Debug)]
pub enum Found {
    /// A message, which stands in the bytes that come with it.
    Message(RawMessage),
    /// What happened to a TCP connection.
    Tcp(TcpEvent),
    /// What needs no reading either, or was read already: boxed, because it is seldom and large.
    Seen(Box<Observation>),
    /// A message that begins in this frame and could not be read.
    Unread(FrameNumber, DecodeError),
}

/// A message of which is known where it ends, and not yet what it says.
#[derive(Debug)]
pub struct RawMessage {
    pub(super) envelope: Envelope,
    pub(super) form: Form,
}

/// How a message is to be read.
#[derive(Debug)]
pub(super) enum Form {
    /// All of it is in the bytes.
    Whole(Decode),
    /// The bytes are an HTTP request's head.
    Request(Body),
    /// The bytes are an HTTP response's head.
    Response(Body),
}

/// What was behind a head.
#[derive(Debug)]
pub(super) struct Body {
    /// Bytes of content.
    pub(super) len: u64,
    /// Those that are kept, if it may be a Configuration Manager message.
    pub(super) kept: Vec<u8>,
}

/// What a message says, as far as its bytes go; `None` for one that is of no interest.
pub(super) type Decode = fn(&[u8]) -> Result<Option<MessageBody>, DecodeError>;

impl Found {
    /// How many bytes of a body it holds.
    pub fn kept(&self) -> usize {
        match self {
            Self::Message(raw) => raw.form.kept(),
            Self::Tcp(_) | Self::Seen(_) | Self::Unread(..) => 0,
        }
    }
}

impl Form {
    fn kept(&self) -> usize {
        match self {
            Self::Whole(_) => 0,
            Self::Request(body) | Self::Response(body) => body.kept.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_is_small() {
        assert!(size_of::<Found>() <= 176, "{}", size_of::<Found>());
    }
}
