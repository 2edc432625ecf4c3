//! An HTTP message whose head was read and whose body is on its way.
//!
//! Never keeps a byte of the body, but for the messages of Configuration Manager clients and the page of a 400.

use crate::dissect::body::{Body, Keeper};
use crate::dissect::conversation::Line;
use crate::dissect::message::{HttpRequest, HttpResponse, Loss, Message, MessageBody};
use crate::dissect::requests::{Asked, Requests};
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::ccm::{self, points};
use crate::wire::http::{self, Head, RequestHead, ResponseHead, complaint};

/// The page of this answer says what was wrong with the request.
const BAD_REQUEST: u16 = 400;

/// A message that has begun.
#[derive(Debug)]
pub(super) struct Opened {
    message: MessageBody,
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
    /// The message whose whole head is `head`; one that is too odd for a parser is read as a cut one is.
    pub(super) fn of_head(
        direction: Direction,
        head: &[u8],
        requests: &mut Requests,
    ) -> Option<Box<Self>> {
        match direction {
            Direction::ToServer => http::request_head(head)
                .or_else(|| http::cut_request_head(head))
                .map(|head| Self::request(head, requests)),
            Direction::ToClient => http::response_head(head)
                .or_else(|| http::cut_response_head(head))
                .map(|head| Self::response(head, requests)),
        }
    }

    /// The message of whose head only `bytes` are there: how long it is cannot be known.
    pub(super) fn of_cut_head(
        direction: Direction,
        bytes: &[u8],
        requests: &mut Requests,
    ) -> Option<Box<Self>> {
        let mut open = match direction {
            Direction::ToServer => Self::request(http::cut_request_head(bytes)?, requests),
            Direction::ToClient => Self::response(http::cut_response_head(bytes)?, requests),
        };
        open.rest = Body::Loose;
        Some(open)
    }

    fn request(head: Head<RequestHead>, requests: &mut Requests) -> Box<Self> {
        let is_ccm = is_ccm(&head.head);
        let is_read = is_ccm || is_question(&head.head);
        let number = requests.begin(head.head.method.as_str(), is_read);
        let message = MessageBody::HttpRequest(HttpRequest {
            head: head.head,
            body_bytes: 0,
            ccm: None,
        });
        Box::new(Self {
            keeper: keeper(is_ccm, requests),
            expects_continue: head.framing.expects_continue,
            ..Self::new(message, Body::of_request(head.framing), number)
        })
    }

    fn response(head: Head<ResponseHead>, requests: &mut Requests) -> Box<Self> {
        let status = head.head.status;
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
            Body::of_response(head.framing)
        };
        let is_message = may_answer_ccm && (200..300).contains(&status);
        let message = MessageBody::HttpResponse(HttpResponse {
            head: head.head,
            body_bytes: 0,
            ccm: None,
            points: None,
            is_of_long_header: false,
        });
        Box::new(Self {
            keeper: keeper(is_message || status == BAD_REQUEST, requests),
            opens_tunnel: is_tunnel || head.framing.is_upgrade,
            ..Self::new(message, rest, number)
        })
    }

    fn new(message: MessageBody, rest: Body, number: u64) -> Self {
        Self {
            message,
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

    /// The message as it is now; `None` where no frame brought a byte of it.
    pub(super) fn seal(mut self: Box<Self>, line: Line, direction: Direction) -> Option<Message> {
        match &mut self.message {
            MessageBody::HttpRequest(request) => {
                request.body_bytes = self.content;
                request.ccm = ccm::decode(self.keeper.bytes()).map(Box::new);
            }
            MessageBody::HttpResponse(response) => {
                response.body_bytes = self.content;
                let kept = self.keeper.bytes();
                if response.head.status == BAD_REQUEST {
                    response.is_of_long_header = complaint::is_of_long_header(kept);
                } else {
                    response.ccm = ccm::decode(kept).map(Box::new);
                    response.points = points::decode(kept).map(Box::new);
                }
            }
            _ => {}
        }
        line.envelope(direction, self.frames, self.loss)
            .seal(self.message)
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
fn is_ccm(head: &RequestHead) -> bool {
    begins(head.method.as_str(), "CCM_") || begins(path(head), "/ccm_system")
}

/// Whether it asks a management point about itself and others.
fn is_question(head: &RequestHead) -> bool {
    let path = path(head);
    begins(path, "/sms_mp") && path.to_ascii_lowercase().contains("/.sms_aut?")
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// The target of the request, without scheme and host.
fn path(head: &RequestHead) -> &str {
    let path = head.uri.as_str();
    path.split_once("://").map_or(path, |(_, rest)| {
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
    })
}
