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
        .filter(|request| attempt.is_healed(request))
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                leg(request.error()?.code)?,
            ))
        });
    NORMAL_91_90.expected(
        "The proof to the KDC takes another leg",
        "Some kinds of proof have several legs, and a dialogue that has grown old begins anew.",
        evidence.collect(),
    )
}

/// What the KDC asks for with `code`, if it is a leg of a dialogue.
fn leg(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::MORE_PREAUTH_DATA_REQUIRED => Some("the KDC asks for one more leg"),
        ErrorCode::PREAUTH_EXPIRED => Some("the KDC lets the dialogue begin anew"),
        _ => None,
    }
}
