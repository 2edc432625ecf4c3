//! Rule `normal-badoption`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// Programs try whether a ticket can be renewed, forwarded or had on behalf of somebody.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 13 to a request that renews, forwards or delegates.
    ///
    /// ## What else it could be
    ///
    /// To a plain request it may matter.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_BADOPTION = {
        id: "normal-badoption",
        summary: "an option is refused to a renewal or a delegation",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["MS-SFU"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .tickets
        .iter()
        .filter(|request| request.is_refused_with(ErrorCode::BADOPTION) && !request.is_plain())
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "an option is refused",
            ))
        });
    NORMAL_BADOPTION.expected(
        "The KDC refuses an option that the client only tried",
        "Renewals and delegation are tried, and refused where they are not allowed.",
        evidence.collect(),
    )
}
