//! How an attempt ended, read from its exchanges.
//!
//! Never says why.

use crate::frame::Timestamp;
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;

/// A client that says nothing for so long after an answer has given up: a ticket from a slow KDC takes less.
const SILENCE_NANOS: i64 = 30_000_000_000;

/// What one exchange decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Decision {
    /// It ended the attempt, unless more follows.
    Final(Outcome),
    /// The server asked for proof, or for more of it.
    Challenged,
    /// No answer came.
    Unanswered,
}

/// The outcome of `attempt`, whose own field is not read.
pub fn outcome(attempt: &Attempt) -> Outcome {
    match last_decision(attempt) {
        Some(Decision::Final(outcome)) => outcome,
        Some(Decision::Challenged) => after_challenge(attempt),
        Some(Decision::Unanswered) => unanswered(attempt),
        None => without_web(attempt),
    }
}

/// The decision of the last exchange that is about proof. Messages that need none count only where there is nothing else.
fn last_decision(attempt: &Attempt) -> Option<Decision> {
    let decide = |exchange: &HttpExchange| {
        let proven = attempt.http.iter().any(|earlier| {
            earlier.connection.is_some()
                && earlier.connection == exchange.connection
                && earlier.asked.first() < exchange.asked.first()
                && earlier.windows_token().is_some()
                && earlier.is_accepted()
        });
        let proven = proven || attempt.visibility.unread.is_some();
        let later = attempt
            .http
            .iter()
            .any(|earlier| earlier.asked.first() < exchange.asked.first());
        let decided = decision(exchange, proven, later);
        if is_last_leg(attempt, exchange) {
            return Some(Decision::Final(Outcome::KerberosAccepted));
        }
        decided
    };
    let about_proof = attempt
        .http
        .iter()
        .filter(|exchange| {
            exchange.windows_token().is_some()
                || exchange.other_proof().is_some()
                || exchange.is_windowsauth()
                || exchange.is_challenged()
        })
        .filter_map(decide)
        .next_back();
    about_proof.or_else(|| {
        attempt
            .http
            .iter()
            .filter(|exchange| exchange.is_ccm())
            .filter_map(decide)
            .next_back()
    })
}

/// Whether the exchange ends a negotiation whose ticket the server opened in the exchange before, on the same connection, and is
/// accepted.
fn is_last_leg(attempt: &Attempt, exchange: &HttpExchange) -> bool {
    let is_before = |earlier: &&HttpExchange| {
        earlier.connection.is_some()
            && earlier.connection == exchange.connection
            && earlier.asked.first() < exchange.asked.first()
    };
    let opened = attempt.http.iter().rev().find(is_before);
    let is_bare = exchange.ap_req().is_none() && exchange.ntlm_type().is_none();
    exchange.is_accepted()
        && exchange.windows_token().is_some()
        && is_bare
        && opened.is_some_and(HttpExchange::opens_ticket)
}

/// A token that cannot be read, as one that was cut, may be any proof: where it is accepted, with what is not in the capture.
/// An NTLM offer that is refused outright was no proof that could be judged: it counts as a challenge.
/// `proven`: the connection was let in by an earlier token, or may have been by one that cannot be read, so the answer says nothing about this request's proof. `later`: it
/// is not the first of the attempt, so that it may show proof; where it is cut before that, the outcome is not in the capture.
fn decision(exchange: &HttpExchange, proven: bool, later: bool) -> Option<Decision> {
    let Some(status) = exchange.status() else {
        return Some(Decision::Unanswered);
    };
    let token = exchange.windows_token().is_some();
    let hidden = !token && !exchange.shows_no_token();
    Some(match status {
        200..=299 if hidden => Decision::Final(Outcome::CutShort),
        401 | 403 if hidden && later => Decision::Final(Outcome::CutShort),
        200..=299 if exchange.ap_req().is_some() => Decision::Final(Outcome::KerberosAccepted),
        200..=299 if exchange.ntlm_type().is_some() => Decision::Final(Outcome::NtlmAccepted),
        200..=299 if proven => return None,
        200..=299 if token => Decision::Final(Outcome::CutShort),
        200..=299 if exchange.other_proof().is_some() => Decision::Final(Outcome::OtherAccepted),
        200..=299 => Decision::Final(Outcome::AnonymousAccepted),
        401 if exchange.is_ntlm_leg() || exchange.ntlm_type() == Some(1) => Decision::Challenged,
        401 | 403 if token || exchange.other_proof().is_some() => {
            Decision::Final(Outcome::Rejected)
        }
        401 => Decision::Challenged,
        _ => Decision::Final(Outcome::ServerError),
    })
}

fn after_challenge(attempt: &Attempt) -> Outcome {
    if attempt.granted_service_ticket().is_some() {
        return abandoned_or_cut(attempt);
    }
    let legs = attempt
        .http
        .iter()
        .any(|exchange| exchange.windows_token().is_some());
    if asked_for_ticket(attempt) {
        if is_refused(attempt) || is_given_up(attempt) {
            Outcome::NoTicket
        } else {
            Outcome::CutShort
        }
    } else if legs {
        let last = attempt.last_token();
        if last.is_some_and(|exchange| exchange.answer.is_some() && !exchange.is_ntlm_leg()) {
            Outcome::Rejected
        } else {
            abandoned_or_cut(attempt)
        }
    } else if is_given_up(attempt) {
        Outcome::NoToken
    } else {
        Outcome::CutShort
    }
}

/// Whether a refusal is the last thing that the KDCs said, and no question is open.
fn is_refused(attempt: &Attempt) -> bool {
    attempt
        .tickets
        .last()
        .is_some_and(|request| request.error().is_some())
}

/// Whether the client asked for a ticket, or for a KDC, or for a KDC's name.
fn asked_for_ticket(attempt: &Attempt) -> bool {
    !attempt.tickets.is_empty()
        || !attempt.kdc_connects.is_empty()
        || !attempt.kdc_lookups.is_empty()
}

/// Where the answers are not in the capture, nor is the outcome.
fn unanswered(attempt: &Attempt) -> Outcome {
    if attempt.unheard().is_some() {
        Outcome::CutShort
    } else {
        abandoned_or_cut(attempt)
    }
}

fn without_web(attempt: &Attempt) -> Outcome {
    if !attempt.tls.is_empty() {
        return Outcome::Encrypted;
    }
    if attempt.unheard().is_some() {
        return Outcome::CutShort;
    }
    let connected = attempt.connects.iter().any(|connect| !connect.is_failed());
    let failed = attempt.connects.iter().any(Connect::is_failed);
    let leads_on = attempt.granted_service_ticket().is_some() || is_led_on(attempt);
    if leads_on && !failed {
        return Outcome::CutShort;
    }
    if !attempt.tickets.is_empty() && !failed {
        return Outcome::NoTicket;
    }
    if connected {
        return abandoned_or_cut(attempt);
    }
    let is_open = |connect: &Connect| attempt.is_still_connecting(connect);
    if attempt.connects.iter().any(is_open) {
        return Outcome::CutShort;
    }
    Outcome::Unreachable
}

/// Whether the last answer leads to the KDC of another realm, and no packet to one is seen: as where the capture was taken at a
/// KDC, it does not tell whether the client went there.
fn is_led_on(attempt: &Attempt) -> bool {
    let last = attempt.tickets.last();
    let last = last.filter(|last| last.next_realm().is_some());
    let Some(answer) = last.and_then(|last| last.answer.as_ref()) else {
        return false;
    };
    let mut tries = attempt.kdc_connects.iter();
    attempt.http.is_empty()
        && !tries.any(|connect| connect.is_failed() && connect.first().time > answer.span.time)
        && attempt.kdc_lookups.is_empty()
}

fn abandoned_or_cut(attempt: &Attempt) -> Outcome {
    if is_given_up(attempt) {
        Outcome::Interrupted
    } else {
        Outcome::CutShort
    }
}

/// Whether the capture shows that the client was done: it (and not a proxy for it), or the server by a RST, ended the connection of the last exchange
/// after that, or nothing came for a long time. Not where something came that cannot be read.
fn is_given_up(attempt: &Attempt) -> bool {
    let last = attempt.http.last();
    let spoke = last.map_or_else(
        || attempt.last_time(),
        |exchange| exchange.last_span().last_time,
    );
    let unread = attempt.visibility.unread;
    if unread.is_some_and(|unread| unread.time > spoke) {
        return false;
    }
    let ended = last.is_some_and(|exchange| connection_ended(attempt, exchange, spoke));
    ended || attempt.watched_since(attempt.last_time().max(spoke)) >= SILENCE_NANOS
}

fn connection_ended(attempt: &Attempt, exchange: &HttpExchange, spoke: Timestamp) -> bool {
    attempt
        .connects
        .iter()
        .filter(|connect| Some(connect.id) == exchange.connection)
        .flat_map(|connect| {
            // A client that closes what the server has closed after an answer goes on over another connection.
            // A proxy opens a connection of its own for the next request.
            // Several moments may have one time: some formats keep no more than milliseconds.
            let is_own_end = |own: &Moment| {
                let place = |it: &Moment| (it.time, it.frame);
                let server = connect.closed_by_server;
                exchange.answer.is_none() || server.is_none_or(|server| place(own) < place(&server))
            };
            let is_of_client = |_: &Moment| !attempt.is_of_proxy(connect.id);
            [
                connect
                    .closed_by_client
                    .filter(is_own_end)
                    .filter(is_of_client),
                connect.reset_by_client.filter(is_of_client),
                connect.reset_by_server,
            ]
        })
        .flatten()
        .any(|end| end.time >= spoke)
}
