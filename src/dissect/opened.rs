//! An HTTP message whose head was read and whose body is on its way.
//!
//! Never keeps a byte of the body, but for the messages of Configuration Manager clients and the page of a 400.

use memchr::memmem;

use crate::dissect::body::{Body, Keeper};
use crate::dissect::conversation::Line;
use crate::dissect::message::Loss;
use crate::dissect::raw::{self, Form, RawMessage};
use crate::dissect::requests::{Asked, Requests};
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::http::{self, BAD_REQUEST, Framing, RequestFraming};

/// A message that has begun.
#[derive(Debug)]
pub(super) struct Opened {
    head: Box<[u8]>,
    pub(super) rest: Body,
    keeper: Keeper,
    pub(super) frames: FrameList,
    content: u64,
    pub(super) loss: Option<Loss>,
    /// The request's number, or the number of the request that is answered; 0 where none was seen.
    pub(super) number: u64,
    /// The client waits for leave to send the body.
    expects_continue: bool,
    /// What comes behind it is no HTTP any more.
    pub(super) opens_tunnel: bool,
}

impl Opened {
    /// The message whose whole head is `head`.
    pub(super) fn of_head(
        direction: Direction,
        head: &[u8],
        requests: &mut Requests,
    ) -> Option<Self> {
        match direction {
            Direction::ToServer => {
                http::request_framing(head).map(|framing| Self::request(head, framing, requests))
            }
            Direction::ToClient => http::response_framing(head)
                .map(|(status, framing)| Self::response(head, status, framing, requests)),
        }
    }

    /// The message of whose head only `bytes` are there: how long it is cannot be known.
    pub(super) fn of_cut_head(
        direction: Direction,
        bytes: &[u8],
        requests: &mut Requests,
    ) -> Option<Self> {
        let mut open = Self::of_head(direction, bytes, requests)?;
        open.rest = Body::Loose;
        Some(open)
    }

    fn request(head: &[u8], request: RequestFraming<'_>, requests: &mut Requests) -> Self {
        let is_ccm = is_ccm(&request);
        let is_read = is_ccm || is_question(&request);
        let number = requests.begin(request.method, is_read);
        Self {
            keeper: keeper(is_ccm, requests),
            expects_continue: request.framing.expects_continue,
            ..Self::new(head, Body::of_request(request.framing), number)
        }
    }

    fn response(head: &[u8], status: u16, framing: Framing, requests: &mut Requests) -> Self {
        let answered = requests.answer(status);
        // Where the request was not seen, the answer may be one to a client's message.
        let may_answer_ccm = answered.is_none_or(|(asked, _)| asked == Asked::Ccm);
        let (asked, number) = answered.unwrap_or((Asked::Other, 0));
        let is_tunnel = asked == Asked::Connect && (200..300).contains(&status);
        // RFC 9112 section 6.3, rules 1 and 2.
        let is_bare = is_tunnel || asked == Asked::Head || matches!(status, 100..=199 | 204 | 304);
        let rest = if is_bare {
            Body::Done
        } else {
            Body::of_response(framing)
        };
        let is_message = may_answer_ccm && (200..300).contains(&status);
        Self {
            keeper: keeper(is_message || status == BAD_REQUEST, requests),
            opens_tunnel: is_tunnel || framing.is_upgrade,
            ..Self::new(head, rest, number)
        }
    }

    fn new(head: &[u8], rest: Body, number: u64) -> Self {
        Self {
            head: head.into(),
            rest,
            keeper: Keeper::default(),
            frames: FrameList::default(),
            content: 0,
            loss: None,
            number,
            expects_continue: false,
            opens_tunnel: false,
        }
    }

    /// Takes what is there of the body.
    pub(super) fn take(&mut self, ready: &mut Ready<'_>) {
        self.content += self.rest.take(ready, &mut self.frames, &mut self.keeper);
    }

    /// Passes over bytes that are not there; says whether more than the body's rest is missing.
    pub(super) fn pass(&mut self, missing: u64) -> bool {
        self.keeper.close();
        let passed = self.rest.pass(missing);
        self.content += passed.content;
        passed.is_beyond
    }

    /// Whether the client is free not to send the body, and has sent none of it.
    pub(super) fn is_withheld(&self, requests: &Requests) -> bool {
        self.expects_continue && self.content == 0 && requests.is_answered(self.number)
    }

    /// The message as it is now, and its head.
    pub(super) fn seal(self, line: Line, direction: Direction) -> (RawMessage, Box<[u8]>) {
        let body = raw::Body {
            len: self.content,
            kept: self.keeper.into_bytes(),
        };
        let message = RawMessage {
            envelope: line.envelope(direction, self.frames, self.loss),
            form: match direction {
                Direction::ToServer => Form::Request(body),
                Direction::ToClient => Form::Response(body),
            },
        };
        (message, self.head)
    }
}

fn keeper(is_wanted: bool, requests: &Requests) -> Keeper {
    if is_wanted {
        Keeper::wanting(requests.room.clone())
    } else {
        Keeper::default()
    }
}

/// Whether a request is a Configuration Manager client's message: by its method, or by the path.
fn is_ccm(request: &RequestFraming<'_>) -> bool {
    begins(request.method, b"CCM_") || begins(path(request), b"/ccm_system")
}

/// Whether it asks a management point about itself and others.
fn is_question(request: &RequestFraming<'_>) -> bool {
    const QUERY: &[u8] = b"/.sms_aut?";
    let path = path(request);
    let is_query = |part: &[u8]| part.eq_ignore_ascii_case(QUERY);
    begins(path, b"/sms_mp") && path.windows(QUERY.len()).any(is_query)
}

fn begins(bytes: &[u8], with: &[u8]) -> bool {
    bytes
        .get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// The target of the request, without scheme and host.
fn path<'b>(request: &RequestFraming<'b>) -> &'b [u8] {
    const SCHEME_END: &[u8] = b"://";
    let uri = request.uri;
    if uri.starts_with(b"/") {
        return uri;
    }
    let Some(end) = memmem::find(uri, SCHEME_END) else {
        return uri;
    };
    let host = uri.get(end + SCHEME_END.len()..).unwrap_or_default();
    memchr::memchr(b'/', host)
        .and_then(|at| host.get(at..))
        .unwrap_or(b"/")
}
