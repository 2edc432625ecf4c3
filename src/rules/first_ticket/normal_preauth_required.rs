//! Rule `normal-preauth-required`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// A KDC answers the first request with the kinds of proof that it takes. The client comes back with one of them.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 25, then the same request with proof of the key.
    ///
    /// ## What else it could be
    ///
    /// Where the client does not come back, it has nothing that the KDC takes.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_PREAUTH_REQUIRED = {
        id: "normal-preauth-required",
        summary: "the KDC asks for proof first",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 5.2.7"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence: Vec<Evidence> = attempt
        .first_tickets()
        .filter(|request| request.is_refused_with(ErrorCode::PREAUTH_REQUIRED))
        .filter(|request| {
            attempt.first_tickets().any(|later| {
                later.asked.first() > request.asked.first()
                    && later.asks_the_same(request)
                    && later.request.padata.len() > request.request.padata.len()
            }) || attempt.is_answered_later(request)
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "asks for proof of the key, and gets it",
            ))
        })
        .collect();
    (!evidence.is_empty()).then(|| Finding {
        title: "The KDC asks for proof of the key before it issues a ticket".to_owned(),
        explanation:
            "Every first ticket begins so: the error names the kinds of proof that are taken."
                .to_owned(),
        evidence,
        ..NORMAL_PREAUTH_REQUIRED.finding(Confidence::Proven)
    })
}
