//! HTTP/1.x over a connection: heads are decoded, bodies are counted and passed over.
//!
//! Never joins a request with its answer, but for what framing needs: the method, and whether the request is still on its way.

use std::collections::VecDeque;

use crate::dissect::Probe;
use crate::dissect::body::Body;
use crate::dissect::conversation::Line;
use crate::dissect::message::{HttpRequest, HttpResponse, Loss, Message, MessageBody, Observation};
use crate::dissect::outlet::Out;
use crate::endpoint::Direction;
use crate::limits::Budget;
use crate::net::provenance::FrameList;
use crate::net::tcp::connection::Gap;
use crate::net::tcp::stream::Ready;
use crate::wire::http::{self, Head, RequestHead, ResponseHead};

/// A connection that speaks HTTP.
#[derive(Debug, Default)]
pub(super) struct HttpConversation {
    requests: Half,
    responses: Half,
    /// Requests whose answers have not begun, in order.
    asked: VecDeque<Asked>,
    /// Requests that have begun, and those of them that are whole.
    begun: u64,
    told: u64,
    /// Answers that have begun.
    answered: u64,
    /// Answers that were whole before their requests were.
    held: VecDeque<(u64, Box<Message>)>,
    /// It became something else: bytes are passed over.
    is_through: bool,
}

/// What an answer's framing needs to know of its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    Head,
    Connect,
    Other,
}

/// One direction.
#[derive(Debug, Default)]
struct Half {
    /// Boxed: it is large, and moved more than once before it is whole.
    open: Option<Box<Open>>,
    /// Bytes of an unfinished head that were searched for its end.
    searched: usize,
}

/// A message whose head was read.
#[derive(Debug)]
struct Open {
    body: MessageBody,
    rest: Body,
    frames: FrameList,
    content: u64,
    loss: Option<Loss>,
    /// For an answer: the number of its request; 0 where none was seen.
    request: u64,
}

/// What the front of a direction's bytes is.
enum Front {
    /// A whole head was taken.
    Taken,
    /// A head that is not whole yet.
    Unfinished,
    /// No head.
    Strange,
}

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match http::looks_like_http(bytes) {
        Some(true) => Probe::Certain,
        Some(false) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

impl HttpConversation {
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        self.end_loose(line, direction, ready, out);
        while !ready.bytes().is_empty() {
            if self.is_through {
                ready.take(usize::MAX, &mut FrameList::default());
            } else if self.half(direction).open.is_some() {
                if !self.take_body(line, direction, ready, out) {
                    return;
                }
            } else {
                match self.front(line, direction, ready, out) {
                    Front::Taken => {}
                    Front::Unfinished => return,
                    Front::Strange => ready.take(usize::MAX, &mut FrameList::default()),
                }
            }
        }
    }

    /// A message of unknown length ends where the other side begins to speak, or where this side begins another message.
    fn end_loose(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let is_head = http::looks_like_http(ready.bytes()) == Some(true);
        let loose = |half: &Half| {
            half.open
                .as_ref()
                .is_some_and(|open| open.rest == Body::Loose)
        };
        if is_head && loose(self.half(direction)) {
            self.close(line, direction, out);
        }
        let is_answer = direction == Direction::ToClient && is_head;
        if is_answer && loose(&self.requests) {
            self.close(line, Direction::ToServer, out);
        }
        let is_next = direction == Direction::ToServer && is_head;
        if is_next && loose(&self.responses) {
            self.close(line, Direction::ToClient, out);
        }
    }

    /// Takes body bytes; says whether the message ended.
    fn take_body(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        let Some(open) = &mut self.half(direction).open else {
            return true;
        };
        open.content += open.rest.take(ready, &mut open.frames);
        let is_done = open.rest == Body::Done;
        if is_done {
            self.close(line, direction, out);
        }
        is_done
    }

    /// Reads the head at the front, once it is whole.
    fn front(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> Front {
        skip_blank_lines(ready);
        let half = self.half(direction);
        let bytes = ready.bytes();
        if http::looks_like_http(bytes) == Some(false) {
            return Front::Strange;
        }
        let Some(len) = http::head_len(bytes, half.searched) else {
            half.searched = bytes.len();
            return if bytes.len() > Budget::HTTP_HEAD {
                Front::Strange
            } else {
                Front::Unfinished
            };
        };
        half.searched = 0;
        let head = bytes.get(..len).unwrap_or_default();
        let Some(mut open) = self.read_head(direction, head) else {
            return Front::Strange;
        };
        ready.take(len, &mut open.frames);
        let is_done = open.rest == Body::Done;
        self.half(direction).open = Some(open);
        if is_done {
            self.close(line, direction, out);
        }
        Front::Taken
    }

    fn read_head(&mut self, direction: Direction, head: &[u8]) -> Option<Box<Open>> {
        match direction {
            Direction::ToServer => {
                let head = http::request_head(head).or_else(|| http::cut_request_head(head))?;
                let rest = Body::of_request(head.framing);
                Some(self.request(head, rest))
            }
            Direction::ToClient => {
                let head = http::response_head(head).or_else(|| http::cut_response_head(head))?;
                Some(self.response(head))
            }
        }
    }

    fn request(&mut self, head: Head<RequestHead>, rest: Body) -> Box<Open> {
        self.begun += 1;
        self.asked.push_back(match head.head.method.as_str() {
            "HEAD" => Asked::Head,
            "CONNECT" => Asked::Connect,
            _ => Asked::Other,
        });
        if self.asked.len() > Budget::REQUESTS_IN_FLIGHT {
            self.asked.pop_front();
            self.answered += 1;
        }
        Box::new(Open {
            body: MessageBody::HttpRequest(HttpRequest {
                head: head.head,
                body_bytes: 0,
            }),
            rest,
            frames: FrameList::default(),
            content: 0,
            loss: None,
            request: self.begun,
        })
    }

    fn response(&mut self, head: Head<ResponseHead>) -> Box<Open> {
        let status = head.head.status;
        let is_interim = (100..200).contains(&status) && status != 101;
        let asked = if is_interim {
            self.asked.front().copied()
        } else {
            self.asked.pop_front()
        };
        if !is_interim && asked.is_some() {
            self.answered += 1;
        }
        let request = match asked {
            None => 0,
            Some(_) if is_interim => self.answered + 1,
            Some(_) => self.answered,
        };
        let is_tunnel = asked == Some(Asked::Connect) && (200..300).contains(&status);
        self.is_through |= is_tunnel || head.framing.is_upgrade;
        let is_bare = matches!(status, 100..=199 | 204 | 304) || asked == Some(Asked::Head);
        let rest = if is_bare || is_tunnel {
            Body::Done
        } else {
            Body::of_response(head.framing)
        };
        Box::new(Open {
            body: MessageBody::HttpResponse(HttpResponse {
                head: head.head,
                body_bytes: 0,
            }),
            rest,
            frames: FrameList::default(),
            content: 0,
            loss: None,
            request,
        })
    }

    /// Bytes are missing. Inside a body they are counted; a head is read as far as it goes, and what follows it belongs to
    /// the same message until something shows that it does not.
    pub(super) fn gap(
        &mut self,
        line: Line,
        direction: Direction,
        gap: Gap,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let loss = if gap.cut_in.is_some() {
            Loss::Snapped
        } else {
            Loss::Missed
        };
        if self.half(direction).open.is_none() {
            self.open_cut_head(direction, ready);
        }
        let half = self.half(direction);
        half.searched = 0;
        let Some(open) = &mut half.open else {
            return;
        };
        open.loss.get_or_insert(loss);
        if let Some(run) = gap.cut_in {
            open.frames.add(run.frame, run.time);
        }
        let goes_on = open.rest.pass(gap.missing);
        if goes_on {
            open.content += gap.missing;
        }
        if !goes_on || open.rest == Body::Done {
            self.close(line, direction, out);
        }
    }

    /// No more bytes will come in this direction.
    pub(super) fn end(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        if self.half(direction).open.is_none() {
            self.open_cut_head(direction, ready);
        }
        if let Some(open) = &mut self.half(direction).open {
            let is_whole = matches!(open.rest, Body::Done | Body::UntilClose);
            if !is_whole {
                open.loss.get_or_insert(Loss::Ended);
            }
            self.close(line, direction, out);
        }
        if direction == Direction::ToServer {
            self.told = u64::MAX;
            self.tell_held(out);
        }
    }

    fn open_cut_head(&mut self, direction: Direction, ready: &mut Ready<'_>) {
        let bytes = ready.bytes();
        let open = match direction {
            Direction::ToServer => {
                http::cut_request_head(bytes).map(|head| self.request(head, Body::Loose))
            }
            Direction::ToClient => http::cut_response_head(bytes).map(|head| self.response(head)),
        };
        if let Some(mut open) = open {
            open.rest = Body::Loose;
            ready.take(usize::MAX, &mut open.frames);
            self.half(direction).open = Some(open);
        }
    }

    /// Gives the message of `direction` that is open.
    fn close(&mut self, line: Line, direction: Direction, out: &mut Out<'_>) {
        let Some(open) = self.half(direction).open.take() else {
            return;
        };
        let number = open.request;
        let message = open.seal(line, direction).map(Box::new);
        match direction {
            Direction::ToServer => {
                self.told = self.told.max(number);
                if let Some(message) = message {
                    out.tell(Observation::Message(message));
                }
                self.tell_held(out);
            }
            Direction::ToClient => match message {
                Some(message) if number <= self.told && self.held.is_empty() => {
                    out.tell(Observation::Message(message));
                }
                message => self.held.extend(message.map(|message| (number, message))),
            },
        }
    }

    /// Gives the answers whose requests are whole: a server may answer before it has the whole body.
    fn tell_held(&mut self, out: &mut Out<'_>) {
        while self
            .held
            .front()
            .is_some_and(|(number, _)| *number <= self.told)
            && let Some((_, message)) = self.held.pop_front()
        {
            out.tell(Observation::Message(message));
        }
    }

    const fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::ToServer => &mut self.requests,
            Direction::ToClient => &mut self.responses,
        }
    }
}

impl Open {
    fn seal(mut self, line: Line, direction: Direction) -> Option<Message> {
        match &mut self.body {
            MessageBody::HttpRequest(request) => request.body_bytes = self.content,
            MessageBody::HttpResponse(response) => response.body_bytes = self.content,
            _ => {}
        }
        line.envelope(direction, self.frames, self.loss)
            .seal(self.body)
    }
}

/// Empty lines before a request are to be ignored (RFC 9112 section 2.2).
fn skip_blank_lines(ready: &mut Ready<'_>) {
    let blank = ready
        .bytes()
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    if blank > 0 && blank < ready.bytes().len() {
        ready.take(blank, &mut FrameList::default());
    }
}
