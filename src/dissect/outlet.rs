//! Where messages leave the dissectors, with their frames.
//!
//! Never drops a message that could not be read without saying so.

use crate::dissect::body::Room;
use crate::dissect::message::{Loss, Message, MessageBody, Observation, Unread};
use crate::dissect::raw::{Decode, Form, Found, RawMessage, Taker};
use crate::dissect::tally::{Sessions, Tally};
use crate::endpoint::{ConnectionId, Flow};
use crate::frame::FrameNumber;
use crate::limits::Limitation;
use crate::net::provenance::{FrameList, Run};
use crate::net::tcp::connection::Gap;
use crate::wire::reader::DecodeError;

/// Counts what was not there to be read.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    missed: Tally,
    room: Room,
    /// Sessions with SQL Server that are encrypted.
    sealed: Sessions,
    /// Those of which bytes are missing.
    holed: Sessions,
}

/// An outlet with somebody behind it.
pub(super) struct Out<'o> {
    outlet: &'o mut Outlet,
    sink: &'o mut Taker<'o>,
}

impl Outlet {
    pub(super) fn with<'o>(&'o mut self, sink: &'o mut Taker<'_>) -> Out<'o> {
        Out { outlet: self, sink }
    }

    /// What is left to say about what was not told one by one.
    pub(super) fn limitations(&self) -> impl Iterator<Item = Limitation> {
        let missed = self.missed.rest("gaps may hide messages");
        let sealed = self
            .sealed
            .told("encrypted whole: a call that stores a registration cannot be seen there.");
        let holed = self.holed.told(
            "not captured whole: a call that stores a registration may be in what is missing.",
        );
        [missed, sealed, holed].into_iter().flatten()
    }
}

impl Loss {
    /// Why the bytes of a gap are not there.
    pub(super) const fn of(gap: &Gap) -> Self {
        match gap.cut_in {
            Some(_) => Self::Snapped,
            None => Self::Missed,
        }
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
    /// Where bodies that are kept take their room.
    pub(super) fn room(&self) -> Room {
        self.outlet.room.clone()
    }

    pub(super) fn tell(&mut self, observation: Observation) {
        self.found(Found::Seen(Box::new(observation)));
    }

    /// What needs no bytes.
    pub(super) fn found(&mut self, found: Found) {
        (self.sink)(found, &[]);
    }

    /// A message of which `bytes` are to be read.
    pub(super) fn raw(&mut self, message: RawMessage, bytes: &[u8]) {
        (self.sink)(Found::Message(message), bytes);
    }

    /// A message of `bytes` that is to be read with `decode`.
    pub(super) fn whole(&mut self, envelope: Envelope, bytes: &[u8], decode: Decode) {
        let form = Form::Whole(decode);
        self.raw(RawMessage { envelope, form }, bytes);
    }

    pub(super) fn message(&mut self, envelope: Envelope, body: MessageBody) {
        if let Some(message) = envelope.seal(body) {
            self.tell(Observation::Message(message));
        }
    }

    /// A message that was decoded, is of no interest, or could not be read.
    pub(super) fn decoded(
        &mut self,
        envelope: Envelope,
        body: Result<Option<MessageBody>, DecodeError>,
    ) {
        match body {
            Ok(Some(body)) => self.message(envelope, body),
            Ok(None) => {}
            Err(error) => self.unread_of(envelope.flow, &envelope.frames, error),
        }
    }

    /// A message of a flow that matters, which is there and could not be read.
    pub(super) fn unread_of(&mut self, flow: Flow, frames: &FrameList, error: DecodeError) {
        if let Some((frame, time)) = frames.first() {
            self.tell(Observation::Unread(Unread {
                flow,
                connection: None,
                frame,
                time,
            }));
        }
        self.unread(frames, error);
    }

    /// A session with SQL Server is encrypted from `frame` on.
    pub(super) fn sealed(&mut self, frame: FrameNumber) {
        self.outlet.sealed.add(frame);
    }

    /// Bytes of a session with SQL Server are missing before `frame`, or at it.
    pub(super) fn holed(&mut self, frame: FrameNumber) {
        self.outlet.holed.add(frame);
    }

    /// A message that is there and could not be read.
    pub(super) fn unread(&mut self, frames: &FrameList, error: DecodeError) {
        let frame = frames.frames().first().copied().unwrap_or_default();
        self.found(Found::Unread(frame, error));
    }

    /// A message of a connection whose beginning is not there.
    pub(super) fn headless(&mut self, flow: Flow, connection: ConnectionId, frames: &FrameList) {
        if let Some((frame, time)) = frames.first() {
            self.tell(Observation::Unread(Unread {
                flow,
                connection: Some(connection),
                frame,
                time,
            }));
        }
    }

    /// Bytes between messages that are not there.
    pub(super) fn missed(&mut self, flow: Flow, connection: ConnectionId, gap: Gap) {
        let Flow { src, dst, .. } = flow;
        let missing = gap.missing;
        let Run { frame, time, .. } = gap.cut_in.unwrap_or(gap.seen_in);
        self.tell(Observation::Unread(Unread {
            flow,
            connection: Some(connection),
            frame,
            time,
        }));
        if !self.outlet.missed.admit(frame) {
            return;
        }
        let text = if gap.cut_in.is_some() {
            format!(
                "Frame {frame} was cut before {missing} bytes from {src} to {dst}: a message may have begun there."
            )
        } else {
            format!(
                "{missing} bytes from {src} to {dst} before frame {frame} are not in the capture: a message may have been there."
            )
        };
        self.tell(Observation::Limitation(Limitation::since(frame, text)));
    }
}
