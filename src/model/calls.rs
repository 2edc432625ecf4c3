//! Calls in the capture that store registrations, and the attempts that wait for them: a site stores seconds to minutes after the
//! sign-on, most often from another machine.
//!
//! Never holds more of either than the budget, and never gives a call to an attempt that begins after it.

use std::collections::VecDeque;

use crate::dissect::message::{Message, TdsMessage};
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::{Budget, Limitation};
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::join::call::tie;
use crate::model::witness::{CallRecord, CallSource, SeenIn, Tie};
use crate::text::WireText;
use crate::wire::registration_call::{PROCEDURE, RegistrationCall};
use crate::wire::tds::Encryption;

/// Calls, and attempts that may be theirs.
#[derive(Debug, Default)]
pub(in crate::model) struct Calls {
    seen: Vec<Seen>,
    waiting: VecDeque<Attempt>,
    /// The first answer that hides a session.
    sealed: Option<FrameNumber>,
    /// The first call that has no place, and how many there are.
    unkept: Option<(FrameNumber, u64)>,
}

/// A call.
#[derive(Debug)]
struct Seen {
    place: SeenIn,
    call: RegistrationCall,
    is_joined: bool,
}

impl Calls {
    /// Takes in what is read of a session with SQL Server.
    pub(in crate::model) fn take(&mut self, mut message: Message, said: TdsMessage) {
        match said {
            TdsMessage::PreloginAnswer(Some(said)) if Encryption::hides_all(said) => {
                self.sealed.get_or_insert(message.first_frame());
            }
            TdsMessage::Call(_) if self.seen.len() >= Budget::CALLS => {
                let (first, count) = self.unkept.unwrap_or((message.first_frame(), 0));
                self.unkept = Some((first, count + 1));
            }
            TdsMessage::Call(call) => self.seen.push(Seen {
                place: SeenIn {
                    span: Span::take(&mut message),
                    caller: message.flow.src.addr,
                    server: message.flow.dst.addr,
                },
                call: *call,
                is_joined: false,
            }),
            _ => {}
        }
    }

    /// Lets `attempt` wait, and the one that waits longest go where there are too many.
    pub(in crate::model) fn wait(&mut self, attempt: Attempt, done: &mut dyn FnMut(Attempt)) {
        self.waiting.push_back(attempt);
        if self.waiting.len() > Budget::ATTEMPTS_WAITING {
            self.release(done);
        }
    }

    /// The capture is over: all attempts go.
    pub(in crate::model) fn finish(&mut self, done: &mut dyn FnMut(Attempt)) {
        while !self.waiting.is_empty() {
            self.release(done);
        }
    }

    /// Gives the first attempt its calls, and passes it on.
    fn release(&mut self, done: &mut dyn FnMut(Attempt)) {
        let Some(mut attempt) = self.waiting.pop_front() else {
            return;
        };
        attempt.around.sealed_sql = self.sealed;
        for seen in self.seen.iter_mut().filter(|seen| !seen.is_joined) {
            let Some(tie) = seen.tie(&attempt) else {
                continue;
            };
            let is_nearer = |other: &Attempt| {
                let is_later = other.first_time() > attempt.first_time();
                is_later && seen.tie(other).is_some_and(|other| other <= tie)
            };
            if !self.waiting.iter().any(is_nearer) {
                seen.is_joined = true;
                attempt.calls.extend(seen.record(&attempt, tie));
            }
        }
        done(attempt);
    }

    /// Calls that are no attempt's, and those that had no place.
    pub(in crate::model) fn limitations(&self) -> Vec<Limitation> {
        let strangers = || self.seen.iter().filter(|seen| !seen.is_joined);
        let told = strangers().take(Budget::CALLS_TOLD).map(Seen::stranger);
        let more = strangers().nth(Budget::CALLS_TOLD).map(|next| {
            let count = strangers().count() - Budget::CALLS_TOLD;
            let text = format!("{count} more such calls fit no attempt that is told.");
            Limitation::since(next.place.span.first(), text)
        });
        let unkept = self.unkept.map(|(frame, count)| {
            let text =
                format!("{count} more calls of {PROCEDURE} were not compared with the attempts.");
            Limitation::since(frame, text)
        });
        told.chain(more).chain(unkept).collect()
    }
}

impl Seen {
    /// When its last packet came.
    const fn made(&self) -> Timestamp {
        self.place.span.last_time
    }

    /// Why it is about `attempt`, which has begun before it.
    fn tie(&self, attempt: &Attempt) -> Option<Tie> {
        let has_begun = attempt.first_time() <= self.made();
        has_begun.then(|| tie(attempt, &self.call)).flatten()
    }

    fn record(&self, attempt: &Attempt, tie: Tie) -> Option<CallRecord> {
        (attempt.calls.len() < Budget::TOLD_LINES).then(|| CallRecord {
            source: CallSource::Seen(Box::new(self.place.clone())),
            time: Some(self.made()),
            host: None,
            call: self.call.clone(),
            tie,
        })
    }

    fn stranger(&self) -> Limitation {
        let call = &self.call;
        let name = call.netbios_name.as_ref().or(call.fqdn.as_ref());
        let text = format!(
            "The call of {PROCEDURE} in {} is about {} ({}), with @ApprovalMethod {} and @IsIntegratedAuth {}, and fits no attempt before it that is told.",
            self.place.span,
            name.map_or("a client", WireText::as_str),
            call.smsid
                .as_ref()
                .map_or("without identity", WireText::as_str),
            given(call.approval_method),
            given(call.is_integrated_auth),
        );
        Limitation::since(self.place.span.first(), text)
    }
}

fn given(number: Option<i64>) -> String {
    number.map_or_else(|| "not given".to_owned(), |number| number.to_string())
}
