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

/// The answer that accepted the client's ticket, where no answer says that the client is approved: a question for the site.
fn undecided(attempt: &Attempt) -> Option<&HttpAnswer> {
    let (_, answer) = accepted_ticket(attempt)?;
    let replies = attempt
        .http
        .iter()
        .filter_map(|exchange| exchange.answer.as_ref());
    let approved = replies
        .filter_map(|answer| {
            answer
                .response
                .ccm
                .as_ref()?
                .reply
                .as_ref()?
                .approval_status
        })
        .any(|status| status == 1);
    (!approved).then_some(answer)
}
