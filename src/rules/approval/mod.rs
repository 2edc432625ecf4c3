//! After the sign-on: what the site may make of it.
//!
//! Never claims a decision that no message shows.

pub(in crate::rules) mod approval_anonymous_path;
pub(in crate::rules) mod approval_conflicting_record;
pub(in crate::rules) mod approval_manual_mode;
pub(in crate::rules) mod approval_ok;
pub(in crate::rules) mod approval_reply_error;
pub(in crate::rules) mod duplicate_guid;
pub(in crate::rules) mod tgs_client_user_context;

use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::wire::ccm::RegistrationReply;

/// The last ticket that a management point accepted, and its answer, where that decided the sign-on.
fn accepted_ticket(attempt: &Attempt) -> Option<(&HttpExchange, &HttpAnswer)> {
    if attempt.kind != AttemptKind::Ccm || !attempt.is_accepted_by_kerberos() {
        return None;
    }
    let accepted = attempt
        .shown_tickets()
        .filter(|exchange| exchange.is_accepted())
        .last()?;
    Some((accepted, accepted.answer.as_ref()?))
}

/// The answers to registrations that could be read, in order.
fn replies(
    attempt: &Attempt,
) -> impl DoubleEndedIterator<Item = (&HttpExchange, &HttpAnswer, &RegistrationReply)> {
    attempt.http.iter().filter_map(|exchange| {
        let answer = exchange.answer.as_ref()?;
        let reply = answer.response.ccm.as_ref()?.reply.as_ref()?;
        Some((exchange, answer, reply))
    })
}

/// The answer that accepted the client's ticket, where neither an answer to its registration nor the call that stores it says
/// that the approval is settled: approved, or not needed. A question for the site.
fn undecided(attempt: &Attempt) -> Option<&HttpAnswer> {
    let (_, answer) = accepted_ticket(attempt)?;
    let told = replies(attempt)
        .rev()
        .find_map(|(_, _, reply)| reply.approval_status);
    let certain = attempt.stored_of_this();
    let stored = certain.and_then(|stored| stored.call.decision());
    let is_settled = match stored {
        Some(decision) => decision == (1, 1),
        None => matches!(told, Some(1..=3)),
    };
    (!is_settled).then_some(answer)
}
