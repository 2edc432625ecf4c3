//! Rule `normal-first-401`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// HTTP asks for proof by refusing the first request. The client comes back with it. IIS 6 logs `401 2 2148074254`,
    /// later versions `401 2 5`.
    ///
    /// ## How it shows
    ///
    /// A request without a token is answered by 401, and one with a token follows.
    ///
    /// ## What else it could be
    ///
    /// Where none follows, the client had nothing to show.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_FIRST_401 = {
        id: "normal-first-401",
        summary: "the first 401 asks for proof",
        severity: Expected,
        stage: Http,
        owner: Client,
        sources: ["RFC 9110 section 11.6.1", "https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let asked = attempt
        .http
        .iter()
        .filter(|exchange| exchange.is_challenged() && exchange.shows_no_token());
    let evidence: Vec<Evidence> = asked
        .filter(|exchange| {
            attempt.http.iter().any(|later| {
                later.asked.first() > exchange.asked.first() && later.windows_token().is_some()
            }) || attempt
                .tickets
                .iter()
                .any(|request| request.asked.first() > exchange.asked.first())
                || attempt
                    .kdc_lookups
                    .iter()
                    .any(|lookup| lookup.asked.first() > exchange.asked.first())
        })
        .filter_map(|exchange| {
            Some(Evidence::new(
                exchange.answer.as_ref()?.span.first(),
                "asks for proof, and the client sets out to bring it",
            ))
        })
        .collect();
    (!evidence.is_empty()).then(|| Finding {
        title: "The server asks for proof by a 401".to_owned(),
        explanation: "This is how HTTP asks: the first request is refused, and the client comes back with proof.".to_owned(),
        evidence,
        ..NORMAL_FIRST_401.finding(Confidence::Proven)
    })
}
