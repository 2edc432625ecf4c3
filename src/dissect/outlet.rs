//! Where messages leave the dissectors, with their frames.
//!
//! Never drops a message that could not be read without saying so.

use crate::dissect::message::{Loss, Message, MessageBody, Observation};
use crate::endpoint::{ConnectionId, Flow};
use crate::frame::FrameNumber;
use crate::limits::Limitation;
use crate::net::provenance::FrameList;
use crate::wire::reader::DecodeError;

/// Unread messages that are told one by one.
const TOLD: u64 = 20;

/// Counts what could not be read.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    unread: u64,
    first_untold: Option<FrameNumber>,
}

/// An outlet with somebody behind it.
pub(super) struct Out<'o> {
    outlet: &'o mut Outlet,
    sink: &'o mut dyn FnMut(Observation),
}

impl Outlet {
    pub(super) fn with<'o>(&'o mut self, sink: &'o mut dyn FnMut(Observation)) -> Out<'o> {
        Out { outlet: self, sink }
    }

    /// What is left to say about unread messages.
    pub(super) fn unread_limitation(&self) -> Option<Limitation> {
        self.first_untold.map(|first| {
            Limitation::since(
                first,
                format!("{} more messages could not be read.", self.unread - TOLD),
            )
        })
    }
}

/// What stands around a message's body.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) flow: Flow,
    pub(super) connection: Option<ConnectionId>,
    pub(super) frames: FrameList,
    pub(super) loss: Option<Loss>,
}

impl Envelope {
    /// The message with `body`; `None` where no frame brought a byte of it.
    pub(super) fn seal(self, body: MessageBody) -> Option<Message> {
        let (frames, time, last_time) = self.frames.into_parts()?;
        Some(Message {
            frames,
            time,
            last_time,
            flow: self.flow,
            connection: self.connection,
            loss: self.loss,
            body,
        })
    }
}

impl Out<'_> {
    pub(super) fn tell(&mut self, observation: Observation) {
        (self.sink)(observation);
    }

    pub(super) fn message(&mut self, envelope: Envelope, body: MessageBody) {
        if let Some(message) = envelope.seal(body) {
            self.tell(Observation::Message(Box::new(message)));
        }
    }

    /// A message that is there and could not be read.
    pub(super) fn unread(&mut self, frames: &FrameList, error: DecodeError) {
        let frame = frames.frames().first().copied().unwrap_or_default();
        self.outlet.unread += 1;
        if self.outlet.unread > TOLD {
            self.outlet.first_untold.get_or_insert(frame);
            return;
        }
        self.tell(Observation::Limitation(Limitation::since(
            frame,
            format!("A message that begins in frame {frame} could not be read: {error}."),
        )));
    }
}
