//! What datagrams and streams give, in order: messages that nobody has read yet, and what was seen on the way to them.
//!
//! Never reads a message: a decoder does, which may work in another thread.

use crate::dissect::message::{MessageBody, Observation, TcpEvent};
use crate::dissect::outlet::Envelope;
use crate::frame::FrameNumber;
use crate::wire::reader::DecodeError;

/// One of the things that a dissector hands over.
#[derive(Debug)]
pub enum Found {
    /// A message as its bytes came.
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
    /// The message, or the head of one whose body is not kept.
    pub(super) bytes: Box<[u8]>,
    pub(super) form: Form,
}

/// How a message is to be read.
#[derive(Debug)]
pub(super) enum Form {
    /// All of it is in its bytes.
    Whole(Decode),
    /// Its bytes are an HTTP request's head.
    Request(Body),
    /// Its bytes are an HTTP response's head.
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
    /// How many bytes it holds beside itself, as far as that matters to who keeps many of them.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Message(raw) => raw.bytes.len() + raw.form.kept(),
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
        assert!(size_of::<Found>() <= 192, "{}", size_of::<Found>());
    }
}
