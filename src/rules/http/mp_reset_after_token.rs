//! Rule `mp-reset-after-token`.

use crate::finding::Finding;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::http::unanswered::Unanswered;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The bare request passes and the one with the token does not: something on the way cuts the connection, or
    /// swallows large packets, or the server gives up on that request.
    ///
    /// ## How it shows
    ///
    /// A request without proof is answered. The request with the token is answered by a RST; or it is sent again and again
    /// without an acknowledgement; or it is acknowledged whole, and then the server's side closes the connection without a byte
    /// of an answer.
    ///
    /// ## What else it could be
    ///
    /// A server whose process ends at that moment resets connections too. A connection that ends before the request was
    /// acknowledged was closed for having been idle, and a FIN behind bytes that the capture lacks is the end of an answer.
    ///
    /// ## What to do
    ///
    /// Look for a device that inspects HTTP, and for a smaller packet size on the way. Where the request was acknowledged whole,
    /// begin with the logs of the server.
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
    let sent = attempt.last_token().filter(|_| !attempt.is_accepted())?;
    if !bare_passed(attempt, sent) {
        return None;
    }
    let unanswered = Unanswered::of(attempt, sent)?;
    Some(unanswered.finding(
        &MP_RESET_AFTER_TOKEN,
        "the request with the token",
        "The server answered an earlier request without proof. The one with the token got no answer:",
    ))
}

/// Whether the server answered a request without a token before `sent`.
pub(super) fn bare_passed(attempt: &Attempt, sent: &HttpExchange) -> bool {
    attempt.http.iter().any(|earlier| {
        let is_bare = earlier.shows_no_token() && earlier.answer.is_some();
        is_bare && earlier.asked.first() < sent.asked.first()
    })
}
