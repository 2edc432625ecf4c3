//! After the sign-on: what the site may make of it.
//!
//! Never claims a decision that no message shows.

pub(in crate::rules) mod approval_anonymous_path;
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
