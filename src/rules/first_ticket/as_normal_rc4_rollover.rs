//! Rule `as-normal-rc4-rollover`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client proves its key with one encryption type after the other until one fits.
    ///
    /// ## How it shows
    ///
    /// Several AS-REQs for one account with different lists of types, the last of which is granted.
    ///
    /// ## What else it could be
    ///
    /// Where the last one fails, it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static AS_NORMAL_RC4_ROLLOVER = {
        id: "as-normal-rc4-rollover",
        summary: "encryption types are tried in turn for the first ticket",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 3.1.3"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let granted = attempt
        .first_tickets()
        .filter(|request| request.issued().is_some())
        .last();
    let evidence = attempt
        .first_tickets()
        .filter(|request| {
            let failed = request.is_refused_with(ErrorCode::PREAUTH_FAILED)
                || request.is_refused_with(ErrorCode::ETYPE_NOSUPP);
            let other = granted.is_some_and(|granted| {
                granted.asks_the_same(request) && granted.request.etypes != request.request.etypes
            });
            failed && other
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "not with this list; the next one is granted",
            ))
        });
    AS_NORMAL_RC4_ROLLOVER.expected(
        "The client tries encryption types in turn",
        "Client and KDC find the type that both have.",
        evidence.collect(),
    )
}
