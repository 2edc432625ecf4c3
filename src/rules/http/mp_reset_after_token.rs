//! Rule `mp-reset-after-token`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The bare request passes and the one with the token does not: something on the way cuts the connection, or
    /// swallows large packets.
    ///
    /// ## How it shows
    ///
    /// A request without proof is answered; the request with the token is answered by a RST, or is sent again and again
    /// without an acknowledgement.
    ///
    /// ## What else it could be
    ///
    /// A server whose process ends at that moment resets connections too.
    ///
    /// ## What to do
    ///
    /// Look for a device that inspects HTTP, and for a smaller packet size on the way.
    pub(in crate::rules) static MP_RESET_AFTER_TOKEN = {
        id: "mp-reset-after-token",
        summary: "the connection is cut when the request with the token is sent",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["RFC 9293 section 3.10.7"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

/// So long after bytes were sent again an acknowledgement is not on the way any more (in nanoseconds).
const LONG: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let sent = attempt.last_token().filter(|sent| sent.answer.is_none())?;
    let bare_passed = attempt.http.iter().any(|earlier| {
        let is_bare = earlier.shows_no_token() && earlier.answer.is_some();
        is_bare && earlier.asked.first() < sent.asked.first()
    });
    if !bare_passed || attempt.is_accepted() {
        return None;
    }
    let connect = attempt
        .connects
        .iter()
        .find(|connect| Some(connect.id) == sent.connection)?;
    let asked = sent.asked.first();
    let reset = connect.reset_by_server.filter(|reset| reset.frame > asked);
    let again = unacknowledged(connect)
        .filter(|(first, last)| last.frame > asked && attempt.watched_since(first.time) >= LONG)
        .map(|(_, last)| last);
    let (frame, seen, end) = match (reset, again) {
        (Some(reset), _) => (
            reset.frame,
            "RST instead of an answer",
            "the connection was reset",
        ),
        (None, Some(last)) => (
            last.frame,
            "the client sends the same bytes once more: nobody acknowledged them",
            "its bytes were sent again, and nothing acknowledged them",
        ),
        (None, None) => return None,
    };
    Some(Finding {
        title: "The connection fails when the request with the token is sent".to_owned(),
        explanation: format!(
            "The server answered an earlier request without proof. The one with the token got no answer: {end}."
        ),
        evidence: vec![
            Evidence::new(frame, seen),
            Evidence::new(asked, "the request with the token"),
        ],
        rivals: vec![Rival::new(
            "http-5xx",
            "a server whose process fails at that moment cuts connections too: its event log tells",
        )],
        fix: vec![Fix::new(
            "Try the largest packet, from the client",
            Some(format!("ping -f -l 1472 {}", sent.server.addr)),
        )],
        ..MP_RESET_AFTER_TOKEN.finding(Confidence::Likely)
    })
}

/// The first and the last time that the client sent the same bytes again, if nothing acknowledged them afterwards.
fn unacknowledged(connect: &Connect) -> Option<(Moment, Moment)> {
    let (first, last) = connect.retransmitted?;
    let is_healed = connect
        .acknowledged
        .is_some_and(|acknowledged| acknowledged.frame > last.frame);
    (!is_healed).then_some((first, last))
}
