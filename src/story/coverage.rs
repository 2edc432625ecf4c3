//! What a capture does not show of a sign-on that failed: what was looked for in vain, and what only others can tell.
//!
//! Never counts as missing what the capture could not have shown.

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;
use crate::wire::kerberos::error_code::ErrorCode;

/// Something that is not in the capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// What, and what would tell.
    pub text: String,
    /// The frame after which it was looked for.
    pub after: Option<FrameNumber>,
}

/// What is missing of `attempt`; nothing where it was accepted, for then nothing is missed.
pub fn missing(attempt: &Attempt) -> Vec<Missing> {
    if attempt.is_accepted() {
        return Vec::new();
    }
    let looked_for = [no_ticket_request(attempt), no_token(attempt)];
    let untold = [kdc_side(attempt), first_ticket(attempt), reason(attempt)];
    looked_for.into_iter().chain(untold).flatten().collect()
}

/// No ticket for the service was asked for after the challenge, in a capture that would show it.
fn no_ticket_request(attempt: &Attempt) -> Option<Missing> {
    let challenge = attempt.first_challenge()?.answer.as_ref()?;
    let is_missed = attempt.visibility.sees_kdc_side
        && attempt.service_tickets().next().is_none()
        && attempt.shown_tickets().next().is_none();
    let name = attempt.target.name().unwrap_or("the server");
    let watched = match attempt.watched_since(challenge.span.time) / 1_000_000_000 {
        seconds @ 1.. => format!("the {seconds} s"),
        _ => "what is left of the capture".to_owned(),
    };
    is_missed.then(|| Missing {
        text: format!("no TGS-REQ for HTTP/{name} in {watched} after the challenge"),
        after: Some(challenge.span.first()),
    })
}

/// No token was shown after the challenge.
fn no_token(attempt: &Attempt) -> Option<Missing> {
    let challenge = attempt.first_challenge()?.answer.as_ref()?;
    let is_missed = attempt.http.iter().all(HttpExchange::shows_no_token);
    is_missed.then(|| Missing {
        text: "no request with a token after the challenge".to_owned(),
        after: Some(challenge.span.first()),
    })
}

fn kdc_side(attempt: &Attempt) -> Option<Missing> {
    let is_hidden = !attempt.visibility.sees_kdc_side && attempt.tickets.is_empty();
    (is_hidden && !attempt.http.is_empty()).then(|| Missing {
        text: "any talk of the client with a domain controller or a DNS server: there was none, or the capture was not taken on the client".to_owned(),
        after: None,
    })
}

/// Refusals that are about the ticket that the client had already.
const OF_OLD_TICKET: [ErrorCode; 4] = [
    ErrorCode::TKT_EXPIRED,
    ErrorCode::SKEW,
    ErrorCode::BAD_INTEGRITY,
    ErrorCode::TGT_REVOKED,
];

/// A ticket from before the capture is in question.
fn first_ticket(attempt: &Attempt) -> Option<Missing> {
    let is_in_question = attempt
        .tickets
        .iter()
        .filter_map(|request| request.error())
        .any(|error| OF_OLD_TICKET.contains(&error.code));
    let is_shown = attempt.first_tickets().next().is_some();
    (is_in_question && !is_shown).then(|| Missing {
        text: "how the client came by its first ticket: it was there before the capture, and `klist -li 0x3e7 purge` before the next one shows it".to_owned(),
        after: None,
    })
}

/// A bare refusal has its reason in the server's logs.
fn reason(attempt: &Attempt) -> Option<Missing> {
    let refused = attempt
        .last_token()
        .filter(|last| last.status() == Some(401) && last.loses_token().is_none())?;
    let is_bare = refused.gives_no_reason() && !refused.is_ntlm_leg();
    let elsewhere = if refused.recorded.is_empty() {
        "event 4625 of its security log has a status, and its IIS log a Win32 status"
    } else {
        "its IIS log says no more than stands in the story; event 4625 of its security log has the account and a status"
    };
    (is_bare && attempt.outcome == Outcome::Rejected).then(|| Missing {
        text: format!("why the server refused the proof: {elsewhere}"),
        after: refused.answer.as_ref().map(|answer| answer.span.first()),
    })
}
