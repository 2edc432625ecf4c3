//! Rule `normal-91-90`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// Some ways to prove a key have several legs; the KDC asks for the next one by an error.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 91 or 90, and success afterwards.
    ///
    /// ## What else it could be
    ///
    /// As the last word it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_91_90 = {
        id: "normal-91-90",
        summary: "the pre-authentication has one more leg",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 6113"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .first_tickets()
        .filter(|request| {
            let leg = request.error().is_some_and(|error| {
                matches!(
                    error.code,
                    ErrorCode::MORE_PREAUTH_DATA_REQUIRED | ErrorCode::PREAUTH_EXPIRED
                )
            });
            leg && attempt.is_healed(request)
        })
        .filter_map(|request| Some(Evidence::new(request.answered_in()?, "one more leg")));
    NORMAL_91_90.expected(
        "The KDC asks for one more leg of the proof",
        "Some kinds of proof have several legs.",
        evidence.collect(),
    )
}
