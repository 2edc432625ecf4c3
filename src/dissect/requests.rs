//! What framing needs to know of the requests of a connection: how many, in which order, and whether an answer has a body.
//!
//! Never holds more than the budget's number of requests that wait for answers.

use std::collections::VecDeque;

use crate::dissect::body::Room;
use crate::limits::Budget;
use crate::wire::http;

/// The requests of a connection, numbered from 1.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Requests whose answers have not begun, in order.
    asked: VecDeque<Asked>,
    begun: u64,
    answered: u64,
    /// The bodies that are kept.
    pub(super) room: Room,
}

/// What an answer's framing needs to know of its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// `HEAD`: the answer has no body.
    Head,
    /// `CONNECT`: behind a 2xx the connection is a tunnel.
    Connect,
    /// A Configuration Manager client's message, or its question about management points: the body of the answer is read.
    Ccm,
    /// Any other method.
    Other,
}

impl Requests {
    /// None yet; their bodies are kept in `room`.
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            ..Self::default()
        }
    }

    /// A request with `method` begins, one whose answer is read (`is_ccm`) or not; gives its number.
    pub(super) fn begin(&mut self, method: &[u8], is_ccm: bool) -> u64 {
        self.begun += 1;
        self.asked.push_back(match method {
            b"HEAD" => Asked::Head,
            b"CONNECT" => Asked::Connect,
            _ if is_ccm => Asked::Ccm,
            _ => Asked::Other,
        });
        if self.asked.len() > Budget::REQUESTS_IN_FLIGHT {
            self.asked.pop_front();
            self.answered += 1;
        }
        self.begun
    }

    /// An answer with `status` begins; gives its request and that one's number, if a request was seen. An interim answer
    /// (RFC 9110 section 15.2) leaves the request waiting.
    pub(super) fn answer(&mut self, status: u16) -> Option<(Asked, u64)> {
        if http::is_interim(status) {
            return self.asked.front().map(|&asked| (asked, self.answered + 1));
        }
        let asked = self.asked.pop_front()?;
        self.answered += 1;
        Some((asked, self.answered))
    }

    /// Whether the final answer to request `number` has begun.
    pub(super) const fn is_answered(&self, number: u64) -> bool {
        number <= self.answered
    }

    /// Whether a request waits for its answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.asked.is_empty()
    }
}
