//! Rule `http-client-stays-silent`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// The server asked for proof, and the client sent none: it asked no KDC and showed no token. It has no credentials, or
    /// is not allowed to use them for this server.
    ///
    /// ## How it shows
    ///
    /// A 401 that offers Negotiate or NTLM, and then nothing: the client closes the connection, or is silent for long.
    ///
    /// ## What else it could be
    ///
    /// A client that is still fetching a ticket, or goes on over another connection, is not silent.
    ///
    /// ## What to do
    ///
    /// See whether the host counts as one to which the computer may log on by itself: proxy settings, and whether the
    /// computer has a ticket.
    pub(in crate::rules) static HTTP_CLIENT_STAYS_SILENT = {
        id: "http-client-stays-silent",
        summary: "the client does not answer the challenge",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/windows/win32/winhttp/winhttprequestautologonpolicy"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let challenge = attempt
        .http
        .iter()
        .rev()
        .find(|exchange| exchange.is_challenged())?;
    let answer = challenge
        .answer
        .as_ref()
        .filter(|_| attempt.outcome == Outcome::NoToken)?;
    let watched = attempt.watched_since(answer.span.last_time);
    let closed = attempt
        .connects
        .iter()
        .filter(|connect| Some(connect.id) == challenge.connection)
        .filter_map(|connect| connect.closed_by_client.or(connect.reset_by_client))
        .find(|closed| closed.time >= answer.span.time)
        .map(|closed| Evidence::new(closed.frame, "the client ends the connection"));
    let asked = Evidence::new(
        answer.span.first(),
        format!(
            "asks for proof; no token and no ticket request in the {} after it",
            words::duration(watched)
        ),
    );
    Some(Finding {
        title: "The client was asked for proof and sent none".to_owned(),
        explanation: "The server answered 401 and named what it takes. The client asked no KDC for a ticket, showed no token, and gave up: it had no credentials at hand, or was not allowed to use them for this server.".to_owned(),
        evidence: std::iter::once(asked).chain(closed).collect(),
        rivals: vec![
            Rival::new("client-not-domain-joined", "a computer outside any domain has nothing to show; nltest /sc_query tells"),
            Rival::new("as-preauth-failed", "a KDC may have refused it before the capture began, which the client remembers for a while: a capture from the start of the service shows it"),
        ],
        fix: vec![
            Fix::new("See whether the computer has a first ticket", Some("klist -li 0x3e7 tgt".to_owned())),
            Fix::new("See whether a proxy stands between", Some("netsh winhttp show proxy".to_owned())),
        ],
        ..HTTP_CLIENT_STAYS_SILENT.finding(Confidence::Likely)
    })
}
