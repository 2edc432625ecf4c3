//! Rule `normal-second-401-per-connection`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Servers ask each connection, or each request, for proof anew.
    ///
    /// ## How it shows
    ///
    /// A bare request after one that was accepted is answered by a challenge, and another one with proof is accepted.
    ///
    /// ## What else it could be
    ///
    /// A 401 to a request that shows proof is a refusal.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_SECOND_401_PER_CONNECTION = {
        id: "normal-second-401-per-connection",
        summary: "a new connection is asked for proof again",
        severity: Expected,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .http
        .iter()
        .enumerate()
        .filter(|(at, exchange)| {
            let before = attempt.http.iter().take(*at).any(HttpExchange::is_accepted);
            let after = attempt
                .http
                .iter()
                .skip(at + 1)
                .any(HttpExchange::is_accepted);
            exchange.is_challenged() && exchange.shows_no_token() && before && after
        })
        .filter_map(|(_, exchange)| {
            Some(Evidence::new(
                exchange.answer.as_ref()?.span.first(),
                "asked anew",
            ))
        });
    NORMAL_SECOND_401_PER_CONNECTION.expected(
        "The server asks anew",
        "Proof counts for a connection or for a request.",
        evidence.collect(),
    )
}
