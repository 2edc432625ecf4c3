//! Requests that a machine passes on while it answers them, as a proxy or a balancer does: seen where the capture shows both sides.
//!
//! Never takes two requests for one that differ in method, target or length, or of which the second does not stand within the first.

use std::collections::VecDeque;
use std::net::IpAddr;

use rustc_hash::FxHashSet;

use crate::dissect::message::{HttpRequest, HttpResponse, Message};
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::exchange::Span;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};

/// The machines that were asked, and what they passed on and was not answered yet.
#[derive(Debug, Default)]
pub struct PassedOn {
    servers: FxHashSet<IpAddr>,
    open: VecDeque<Open>,
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
    /// Notes that `server` was asked, and says whether `asker` was asked before.
    pub fn ask(&mut self, server: IpAddr, asker: IpAddr) -> bool {
        if self.servers.len() < Budget::CLIENTS {
            self.servers.insert(server);
        }
        self.servers.contains(&asker)
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

/// The exchanges among `asked`, which are in the order of requests, that `message` may pass on with `request`.
pub fn fronts<'a>(
    asked: &'a mut [HttpExchange],
    message: &Message,
    request: &HttpRequest,
) -> impl Iterator<Item = &'a mut HttpExchange> {
    let (passes, first) = (message.flow.src.addr, message.first_frame());
    // Of what was cut the length is not known.
    let is_cut = message.loss.is_some();
    let is_as_long = move |front: &HttpExchange| {
        is_cut || front.asked.loss.is_some() || front.request.body_bytes == request.body_bytes
    };
    let head = &request.head;
    let latest = asked.iter_mut().rev().take(Budget::OPEN_REQUESTS);
    latest.filter(move |front| {
        front.server.addr == passes
            && front.answer.is_none()
            && front.passed_on.is_none()
            && front.asked.first() < first
            && front.request.head.method == head.method
            && front.request.head.uri == head.uri
            && is_as_long(front)
            && (head.auth.is_none() || front.request.head.auth == head.auth)
    })
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
    mut message: Message,
    response: HttpResponse,
) {
    let passed = exchanges
        .iter_mut()
        .rev()
        .filter_map(|front| front.passed_on.as_deref_mut())
        .find(|passed| passed.asked.first() == asked);
    if let Some(passed) = passed {
        let span = Span::take(&mut message);
        passed.answer = Some(HttpAnswer { span, response });
    }
}
