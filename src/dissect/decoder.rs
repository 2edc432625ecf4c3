//! Reads the messages that the dissectors found.
//!
//! Never drops a message that could not be read without saying so, and never changes the order.

use crate::dissect::message::{HttpRequest, HttpResponse, MessageBody, Observation, Unread};
use crate::dissect::outlet::Envelope;
use crate::dissect::raw::{Body, Form, Found, RawMessage};
use crate::dissect::tally::Tally;
use crate::frame::FrameNumber;
use crate::limits::Limitation;
use crate::wire::ccm::{self, points};
use crate::wire::http::{self, BAD_REQUEST, complaint};
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// Turns what was found into what is observed, and counts what could not be read.
#[derive(Debug, Default)]
pub struct Decoder {
    unread: Tally,
}

impl Decoder {
    /// Reads what was found, with its bytes, and gives what it comes to to `sink`.
    pub fn read(&mut self, found: Found, bytes: &[u8], sink: &mut dyn FnMut(Observation)) {
        match found {
            Found::Tcp(event) => sink(Observation::Tcp(event)),
            Found::Seen(observation) => sink(*observation),
            Found::Message(raw) => self.message(raw, bytes, sink),
            Found::Unread(frame, error) => self.unread(frame, error, sink),
        }
    }

    /// Nothing more was found: tells how many more messages there were that could not be read.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Observation)) {
        let rest = self.unread.rest("messages could not be read");
        if let Some(limitation) = rest {
            sink(Observation::Limitation(limitation));
        }
    }

    fn message(&mut self, raw: RawMessage, bytes: &[u8], sink: &mut dyn FnMut(Observation)) {
        match body(&raw.form, bytes) {
            Ok(Some(body)) => {
                if let Some(message) = raw.envelope.seal(body) {
                    sink(Observation::Message(message));
                }
            }
            Ok(None) => {}
            Err(error) => self.lost(&raw.envelope, error, sink),
        }
    }

    fn lost(&mut self, envelope: &Envelope, error: DecodeError, sink: &mut dyn FnMut(Observation)) {
        let first = envelope.frames.first();
        if let Some((frame, time)) = first {
            sink(Observation::Unread(Unread {
                flow: envelope.flow,
                connection: None,
                frame,
                time,
            }));
        }
        let frame = first.map_or_else(FrameNumber::default, |(frame, _)| frame);
        self.unread(frame, error, sink);
    }

    fn unread(
        &mut self,
        frame: FrameNumber,
        error: DecodeError,
        sink: &mut dyn FnMut(Observation),
    ) {
        if self.unread.admit(frame) {
            sink(Observation::Limitation(Limitation::since(
                frame,
                format!("A message that begins in frame {frame} could not be read: {error}."),
            )));
        }
    }
}

/// What a message says.
fn body(form: &Form, bytes: &[u8]) -> Result<Option<MessageBody>, DecodeError> {
    let body = match form {
        Form::Whole(decode) => return decode(bytes),
        Form::Request(body) => request(bytes, body),
        Form::Response(body) => response(bytes, body),
    };
    // Its framing was read, so the head is one.
    body.map(Some).ok_or(DecodeError {
        reading: "HTTP head",
        offset: 0,
        kind: DecodeErrorKind::Malformed,
    })
}

fn request(head: &[u8], body: &Body) -> Option<MessageBody> {
    Some(MessageBody::HttpRequest(HttpRequest {
        head: http::request_head(head)?,
        head_bytes: head.len() as u64,
        body_bytes: body.len,
        ccm: ccm::decode(&body.kept).map(Box::new),
    }))
}

fn response(head: &[u8], body: &Body) -> Option<MessageBody> {
    let head_bytes = head.len() as u64;
    let head = http::response_head(head)?;
    let is_error = head.status == BAD_REQUEST;
    let message = Some(&body.kept).filter(|_| !is_error);
    Some(MessageBody::HttpResponse(HttpResponse {
        head,
        head_bytes,
        body_bytes: body.len,
        ccm: message.and_then(|kept| ccm::decode(kept)).map(Box::new),
        points: message.and_then(|kept| points::decode(kept)).map(Box::new),
        is_of_long_header: is_error && complaint::is_of_long_header(&body.kept),
    }))
}
