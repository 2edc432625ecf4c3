//! Rule `mp-reset-after-token`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
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

fn check(attempt: &Attempt) -> Option<Finding> {
    let sent = attempt.last_token().filter(|sent| sent.answer.is_none())?;
    let bare_passed = attempt
        .http
        .iter()
        .any(|earlier| earlier.answer.is_some() && earlier.asked.first() < sent.asked.first());
    if !bare_passed || attempt.is_accepted() {
        return None;
    }
    let connect = attempt
        .connects
        .iter()
        .find(|connect| Some(connect.id) == sent.connection)?;
    let (frame, seen) = match (connect.reset_by_server, connect.retransmitted) {
        (Some(reset), _) => (reset.frame, "RST instead of an answer"),
        (None, Some((_, last))) => (
            last.frame,
            "the client sends the same bytes again: nobody acknowledged them",
        ),
        (None, None) => return None,
    };
    Some(Finding {
        title: "The connection is cut exactly when the request with the token is sent".to_owned(),
        explanation: "The server answered the request without proof. The larger request with the token got no answer: the connection was reset, or its bytes were never acknowledged.".to_owned(),
        evidence: vec![
            Evidence::new(frame, seen),
            Evidence::new(sent.asked.first(), "the request with the token"),
        ],
        rivals: vec![Rival::new("http-5xx", "a server whose process fails at that moment cuts connections too: its event log tells")],
        fix: vec![Fix::new("Try the largest packet, from the client", Some(format!("ping -f -l 1472 {}", sent.server.addr)))],
        ..MP_RESET_AFTER_TOKEN.finding(Confidence::Likely)
    })
}
