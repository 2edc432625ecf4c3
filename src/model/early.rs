//! Answers that stand in the capture before their questions: frames that were written out of order.
//!
//! Never keeps an answer for long: a question that does not follow at once is not in the capture.

use std::collections::VecDeque;

use crate::dissect::message::Message;
use crate::endpoint::{Flow, Transport};
use crate::frame::{FrameNumber, Timestamp};
use crate::model::pairing::Pairing;

/// Answers that wait at a time.
const HELD: usize = 32;
/// Frames within which the question must follow: captures of several processors are out of order by a few.
const FRAMES: u64 = 64;
/// Time within which it must follow.
const NANOS: i64 = 1_000_000_000;

/// Answers over UDP that nobody has asked for yet. Over TCP the acknowledgements tell the order.
#[derive(Debug, Default)]
pub struct Early {
    held: VecDeque<Message>,
}

impl Early {
    /// Whether `message`, which answers nothing so far, may still be asked for.
    pub fn may_hold(message: &Message) -> bool {
        message.flow.transport == Transport::Udp && Pairing::is_answer(&message.body)
    }

    /// Keeps an answer; gives the oldest one back where there is no room.
    pub fn hold(&mut self, answer: Message) -> Option<Message> {
        self.held.push_back(answer);
        (self.held.len() > HELD)
            .then(|| self.held.pop_front())
            .flatten()
    }

    /// The answers to a question that went along `asked`.
    pub fn answers_to(&mut self, asked: Flow) -> Vec<Message> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let flow = asked.reversed();
        let (answers, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|answer| answer.flow == flow);
        self.held = kept.into();
        answers
    }

    /// The next answer whose question will not come any more.
    pub fn overdue(&mut self, now: Timestamp, frame: FrameNumber) -> Option<Message> {
        let oldest = self.held.front()?;
        let is_over = frame.0.saturating_sub(oldest.first_frame().0) > FRAMES
            || now.since(oldest.time) > NANOS;
        is_over.then(|| self.held.pop_front()).flatten()
    }

    /// The next answer of all that are left: the capture is over.
    pub fn left(&mut self) -> Option<Message> {
        self.held.pop_front()
    }
}
