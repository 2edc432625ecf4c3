//! Rule `normal-etype-retry`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC has no key of the types that the client offered first, and takes the next list.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14, then the same request with success.
    ///
    /// ## What else it could be
    ///
    /// As the last word it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_ETYPE_RETRY = {
        id: "normal-etype-retry",
        summary: "a list of encryption types is refused and another one taken",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["RFC 4120 section 3.1.3"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .tickets
        .iter()
        .filter(|request| {
            request.is_refused_with(ErrorCode::ETYPE_NOSUPP) && attempt.is_healed(request)
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "no type in common yet; the next request is granted",
            ))
        });
    NORMAL_ETYPE_RETRY.expected(
        "The client offers other encryption types, and the KDC takes them",
        "Client and KDC agree on a type this way.",
        evidence.collect(),
    )
}
