//! HTTP/1.x over a connection: heads are decoded, bodies are counted and passed over.
//!
//! Never joins a request with its answer, but for what framing needs: the method, and whether the request is still on its way.

use std::collections::VecDeque;

use crate::dissect::body::{Body, Room};
use crate::dissect::conversation::Line;
use crate::dissect::half::Half;
use crate::dissect::message::Loss;
use crate::dissect::opened::Opened;
use crate::dissect::outlet::Out;
use crate::dissect::raw::RawMessage;
use crate::dissect::requests::Requests;
use crate::dissect::{Probe, step};
use crate::endpoint::Direction;
use crate::limits::Budget;
use crate::net::provenance::FrameList;
use crate::net::tcp::connection::Gap;
use crate::net::tcp::stream::Ready;
use crate::wire::http;
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// So many bytes of a head are waited for before they are taken for the end of a message whose length is not known.
const FIRST_WORDS: usize = 64;

/// A connection that speaks HTTP.
#[derive(Debug)]
pub(super) struct HttpConversation {
    to_server: Half,
    to_client: Half,
    requests: Requests,
    /// The number of the last request that was told.
    told: u64,
    /// Answers that were whole before their requests were.
    held: VecDeque<(u64, RawMessage, Box<[u8]>)>,
    /// It became something else.
    is_through: bool,
}

/// What the front of a direction's bytes is.
enum Front {
    /// A whole head was taken.
    Taken,
    /// A head that is not whole yet.
    Unfinished,
    /// No head.
    Strange,
    /// A head that is longer than any is.
    Endless,
}

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match http::looks_like_http(step::behind_blank_lines(bytes)) {
        Some(true) => Probe::Certain,
        Some(false) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

/// Where a message that begins with `bytes` goes.
pub(super) fn direction(bytes: &[u8]) -> Direction {
    if step::behind_blank_lines(bytes).starts_with(b"HTTP/") {
        Direction::ToClient
    } else {
        Direction::ToServer
    }
}

impl HttpConversation {
    /// `in_step`: the first bytes of both directions begin messages.
    pub(super) fn new(in_step: bool, room: Room) -> Self {
        Self {
            to_server: Half::new(in_step),
            to_client: Half::new(in_step),
            requests: Requests::new(room),
            told: 0,
            held: VecDeque::new(),
            is_through: false,
        }
    }

    /// Whether what comes now is another protocol: a tunnel, or an upgrade.
    pub(super) const fn is_through(&self) -> bool {
        self.is_through
    }

    /// The FIN of a direction was seen.
    pub(super) const fn closed(&mut self, direction: Direction) {
        self.half(direction).is_closed = true;
    }

    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        self.end_before_head(line, direction, ready.bytes(), out);
        while !ready.bytes().is_empty() && !self.is_through {
            if self.half(direction).open.is_some() {
                if !self.take_body(line, direction, ready, out) {
                    return;
                }
                continue;
            }
            match self.front(line, direction, ready, out) {
                Front::Taken => self.half(direction).is_lost = false,
                Front::Unfinished => return,
                Front::Strange => self.strange(line, direction, ready, out),
                Front::Endless => self.open_endless(direction, ready, out),
            }
        }
    }

    /// A head that begins in `direction` with this segment ends messages whose end is not known otherwise. One that goes the
    /// other way ends there too, since nobody asks or answers in its middle.
    fn end_before_head(
        &mut self,
        line: Line,
        direction: Direction,
        segment: &[u8],
        out: &mut Out<'_>,
    ) {
        let other = direction.reversed();
        let is_loose = |open: &Opened| open.rest == Body::Loose;
        let ends_this = self
            .under_way(direction)
            .is_some_and(|open| self.ends_before_head(open));
        let ends_other = self.under_way(other).is_some_and(is_loose);
        // What the segment begins with is looked at only where it matters: most bring a part of a body.
        if !(ends_this || ends_other) || http::looks_like_http(segment) != Some(true) {
            return;
        }
        for (is_ended, way) in [(ends_this, direction), (ends_other, other)] {
            if is_ended {
                self.close(line, way, out);
            }
        }
    }

    /// Whether a message ends where another head begins.
    fn ends_before_head(&self, open: &Opened) -> bool {
        match open.rest {
            Body::Loose => true,
            Body::UntilClose => self.requests.is_waiting(),
            _ => open.is_withheld(&self.requests),
        }
    }

    /// The message that is under way in `direction`.
    const fn under_way(&self, direction: Direction) -> Option<&Opened> {
        match direction {
            Direction::ToServer => self.to_server.open.as_ref(),
            Direction::ToClient => self.to_client.open.as_ref(),
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
        let was_framed = open.rest != Body::Loose;
        if !was_framed && may_begin_head(ready.bytes()) {
            return false;
        }
        open.take(ready);
        if was_framed && open.rest == Body::Loose {
            out.unread(&open.frames, malformed("chunk of a body"));
        }
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
        step::skip_blank_lines(ready);
        let half = self.half(direction);
        let bytes = ready.bytes();
        if bytes.is_empty() {
            return Front::Unfinished;
        }
        if http::looks_like_http(bytes) == Some(false) {
            return Front::Strange;
        }
        let Some(len) = http::head_len(bytes, half.searched) else {
            half.searched = bytes.len();
            return if bytes.len() > Budget::HTTP_HEAD {
                Front::Endless
            } else {
                Front::Unfinished
            };
        };
        half.searched = 0;
        let Some(mut open) = Opened::of_head(
            direction,
            bytes.get(..len).unwrap_or_default(),
            &mut self.requests,
        ) else {
            return Front::Strange;
        };
        ready.take(len, &mut open.frames);
        let is_done = open.rest == Body::Done;
        let half = self.half(direction);
        half.in_step = true;
        half.open = Some(open);
        if is_done {
            self.close(line, direction, out);
        }
        Front::Taken
    }

    /// Takes what is left before a gap or the end.
    fn take_last(&mut self, direction: Direction, ready: &mut Ready<'_>, out: &mut Out<'_>) {
        match &mut self.half(direction).open {
            Some(open) => open.take(ready),
            None => self.open_cut(direction, ready, out),
        }
    }

    /// The message whose head begins with the last bytes before a gap, the end or the budget: it goes on until something
    /// shows that it does not.
    fn open_cut(&mut self, direction: Direction, ready: &mut Ready<'_>, out: &mut Out<'_>) {
        step::skip_blank_lines(ready);
        let bytes = ready.bytes();
        let open = Opened::of_cut_head(direction, bytes, &mut self.requests);
        let half = self.half(direction);
        half.searched = 0;
        if let Some(mut open) = open {
            ready.take(usize::MAX, &mut open.frames);
            half.open = Some(open);
        } else if !bytes.is_empty() {
            half.lose_step(ready, out);
        }
    }

    /// Bytes that begin no message. Behind a question they are of its answer, whose head is not in the capture, also where the
    /// capture begins in the middle of the connection.
    fn strange(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let is_answer = direction == Direction::ToClient && self.requests.is_waiting();
        let half = self.half(direction);
        if is_answer && !half.in_step && !half.is_lost {
            half.is_lost = true;
            let mut frames = FrameList::default();
            ready.take(1, &mut frames);
            out.headless(line.flow(direction), line.id, &frames);
        }
        self.half(direction).lose_step(ready, out);
    }

    fn open_endless(&mut self, direction: Direction, ready: &mut Ready<'_>, out: &mut Out<'_>) {
        self.open_cut(direction, ready, out);
        if let Some(open) = &mut self.half(direction).open {
            open.loss = Some(Loss::Missed);
            out.unread(
                &open.frames,
                malformed("HTTP head longer than any server takes"),
            );
        }
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
        self.take_last(direction, ready, out);
        let half = self.half(direction);
        let Some(open) = &mut half.open else {
            half.in_step = false;
            out.missed(line.flow(direction), line.id, gap);
            return;
        };
        open.loss.get_or_insert(Loss::of(&gap));
        if let Some(run) = gap.cut_in {
            open.frames.add(run.frame, run.time);
        }
        half.in_step = !open.pass(gap.missing);
        if open.rest == Body::Done {
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
        self.take_last(direction, ready, out);
        let is_closed = self.half(direction).is_closed;
        if let Some(mut open) = self.half(direction).open.take() {
            let is_whole =
                (open.rest == Body::UntilClose && is_closed) || open.is_withheld(&self.requests);
            if !is_whole {
                open.loss.get_or_insert(Loss::Ended);
            }
            self.half(direction).open = Some(open);
            self.close(line, direction, out);
        }
        if direction == Direction::ToServer {
            self.told = u64::MAX;
            self.tell_held(out);
        }
    }

    /// Gives the message of `direction` that is open.
    fn close(&mut self, line: Line, direction: Direction, out: &mut Out<'_>) {
        let Some(open) = self.half(direction).open.take() else {
            return;
        };
        let number = open.number;
        self.is_through |= open.opens_tunnel;
        let (message, head) = open.seal(line, direction);
        match direction {
            Direction::ToServer => {
                self.told = self.told.max(number);
                out.raw(message, &head);
                self.tell_held(out);
            }
            Direction::ToClient if number <= self.told && self.held.is_empty() => {
                out.raw(message, &head);
            }
            Direction::ToClient => self.held.push_back((number, message, head)),
        }
    }

    /// Gives the answers whose requests are whole: a server may answer before it has the whole body.
    fn tell_held(&mut self, out: &mut Out<'_>) {
        while self
            .held
            .front()
            .is_some_and(|(number, ..)| *number <= self.told)
            && let Some((_, message, head)) = self.held.pop_front()
        {
            out.raw(message, &head);
        }
    }

    const fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

/// Whether so few bytes are there that they may still become the first line of a head.
fn may_begin_head(bytes: &[u8]) -> bool {
    bytes.len() < FIRST_WORDS && http::looks_like_http(bytes).is_none()
}

const fn malformed(reading: &'static str) -> DecodeError {
    DecodeError {
        reading,
        offset: 0,
        kind: DecodeErrorKind::Malformed,
    }
}
