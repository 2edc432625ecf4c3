//! Requests that a machine passes on while it answers them, as a proxy or a balancer does: seen where the capture shows both sides.
//!
//! Never takes two requests for one that differ in method, target or length, or of which the second does not stand within the first.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::dissect::message::{HttpRequest, HttpResponse, Message};
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::exchange::Span;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};

/// The latest requests, and those that were passed on and are not answered yet.
#[derive(Debug, Default)]
pub struct PassedOn {
    latest: VecDeque<Asked>,
    /// How many of them each server was asked: next to no client is one.
    servers: FxHashMap<IpAddr, usize>,
    open: VecDeque<Open>,
}

/// A request that its server may pass on.
#[derive(Debug)]
struct Asked {
    client: IpAddr,
    server: IpAddr,
    frame: FrameNumber,
}

/// A request that was passed on.
#[derive(Debug)]
struct Open {
    /// The client for which it was.
    client: IpAddr,
    /// Its first frame.
    asked: FrameNumber,
}

impl PassedOn {
    /// Notes what `message` asks.
    pub fn ask(&mut self, message: &Message) {
        if self.latest.len() >= Budget::PASSED_ON
            && let Some(oldest) = self.latest.pop_front()
        {
            self.forget(oldest.server);
        }
        let server = message.flow.dst.addr;
        *self.servers.entry(server).or_default() += 1;
        self.latest.push_back(Asked {
            client: message.flow.src.addr,
            server,
            frame: message.first_frame(),
        });
    }

    /// One request to `server` less.
    fn forget(&mut self, server: IpAddr) {
        if let Entry::Occupied(mut count) = self.servers.entry(server) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// What `server` was asked lately: the client, and the first frame of the request.
    pub fn asked_of(&self, server: IpAddr) -> Vec<(IpAddr, FrameNumber)> {
        if !self.servers.contains_key(&server) {
            return Vec::new();
        }
        let of_server = self.latest.iter().filter(|asked| asked.server == server);
        of_server.map(|asked| (asked.client, asked.frame)).collect()
    }

    /// Notes that the request which begins in frame `asked` is what `client` asked, passed on.
    pub fn open(&mut self, client: IpAddr, asked: FrameNumber) {
        if self.open.len() >= Budget::PASSED_ON {
            self.open.pop_front();
        }
        self.open.push_back(Open { client, asked });
    }

    /// The client whose request, passed on, begins in frame `asked`: it is answered now.
    pub fn answered(&mut self, asked: FrameNumber) -> Option<IpAddr> {
        let at = self.open.iter().position(|open| open.asked == asked)?;
        self.open.remove(at).map(|open| open.client)
    }
}

/// The exchange among `asked` that begins in `frame`, if `message` may pass it on with `request`.
pub fn front<'a>(
    asked: &'a mut [HttpExchange],
    frame: FrameNumber,
    message: &Message,
    request: &HttpRequest,
) -> Option<&'a mut HttpExchange> {
    let mut latest = asked.iter_mut().rev().take(Budget::OPEN_REQUESTS);
    let front = latest.find(|front| front.asked.first() == frame)?;
    let head = &request.head;
    // Of what was cut the length is not known.
    let is_as_long = message.loss.is_some()
        || front.asked.loss.is_some()
        || front.request.body_bytes == request.body_bytes;
    let is_same = front.answer.is_none()
        && front.passed_on.is_none()
        && front.asked.first() < message.first_frame()
        && front.request.head.method == head.method
        && front.request.head.uri == head.uri
        && is_as_long
        && (head.auth.is_none() || front.request.head.auth == head.auth);
    is_same.then_some(front)
}

impl HttpExchange {
    /// How it was passed on without the token that it shows.
    pub fn loses_token(&self) -> Option<&Self> {
        let passed = self.passed_on.as_deref()?;
        let is_bare = passed.request.head.auth.is_none() && !passed.request.head.is_cut;
        (is_bare && self.windows_token().is_some()).then_some(passed)
    }
}

/// Adds the answer to the request that begins in frame `asked`, which one of `exchanges` was passed on with.
pub fn answer(
    exchanges: &mut [HttpExchange],
    asked: FrameNumber,
    message: &mut Message,
    response: HttpResponse,
) {
    let passed = exchanges
        .iter_mut()
        .rev()
        .filter_map(|front| front.passed_on.as_deref_mut())
        .find(|passed| passed.asked.first() == asked);
    if let Some(passed) = passed {
        let span = Span::take(message);
        passed.answer = Some(HttpAnswer { span, response });
    }
}
