//! Rule `http-no-answer`.

use crate::finding::{Finding, Rival};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::HttpExchange;
use crate::rules::http::mp_reset_after_token::bare_passed;
use crate::rules::http::unanswered::Unanswered;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The connection to the server opens, and the client's message to the management point gets no answer: its packets are
    /// lost, the connection is cut, or the server takes the message and says nothing.
    ///
    /// ## How it shows
    ///
    /// The message is sent again and again without an acknowledgement; or a RST comes instead of an answer; or the message is
    /// acknowledged whole, and then the server's side closes the connection or is silent for long.
    ///
    /// ## What else it could be
    ///
    /// Where the server has answered a message without a token, and the one with the token gets no answer, that is
    /// mp-reset-after-token. An answer that the capture lacks is no missing answer, and one that comes on another connection heals
    /// it.
    ///
    /// ## What to do
    ///
    /// Where nothing acknowledges the message, look for a smaller packet size on the way and for a device that inspects HTTP.
    /// Where it was acknowledged, begin with the logs of the server.
    pub(in crate::rules) static HTTP_NO_ANSWER = {
        id: "http-no-answer",
        summary: "the client's message gets no answer",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["RFC 9293 section 3.10.7", "https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpsettimeouts", "https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis"],
        since: "0.1.0",
        supersedes: ["ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() || attempt.kind != AttemptKind::Ccm {
        return None;
    }
    let sent = last_message(attempt)?;
    let shows_token = sent.windows_token().is_some();
    if shows_token && bare_passed(attempt, sent) {
        return None;
    }
    let unanswered = Unanswered::of(attempt, sent)?;
    let what = if shows_token {
        "the request with the token"
    } else {
        "the request"
    };
    let mut finding = unanswered.finding(
        &HTTP_NO_ANSWER,
        what,
        "The connection to the server was opened, and the client's message over it got no answer:",
    );
    if unanswered.is_reset() {
        let method = sent.request.head.method.as_str();
        finding.rivals.push(Rival::new(
            "http-verb-blocked",
            format!("a filter that does not know the method {method} cuts the connection too: see whether GET to the same server passes"),
        ));
    }
    Some(finding)
}

/// The last message about proof, or the last one at all of a client of Configuration Manager.
fn last_message(attempt: &Attempt) -> Option<&HttpExchange> {
    let last = |is_meant: fn(&HttpExchange) -> bool| {
        attempt
            .http
            .iter()
            .rev()
            .find(|exchange| is_meant(exchange))
    };
    let about_proof = last(|exchange| {
        exchange.windows_token().is_some() || exchange.is_windowsauth() || exchange.is_challenged()
    });
    about_proof.or_else(|| last(HttpExchange::is_ccm))
}
