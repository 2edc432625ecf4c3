//! Rule `normal-68-upn`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::NameType;

declare_rule! {
    /// ## What it means
    ///
    /// A name of the form user@domain may belong to another realm; the KDC says to which.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 68 to a request with an enterprise name.
    ///
    /// ## What else it could be
    ///
    /// For a computer's own name it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_68_UPN = {
        id: "normal-68-upn",
        summary: "the KDC names the realm of a user's name",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 6806 section 7"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .first_tickets()
        .filter(|request| {
            let enterprise = request
                .request
                .cname
                .as_ref()
                .is_some_and(|name| name.kind == NameType::ENTERPRISE);
            enterprise && request.is_refused_with(ErrorCode::WRONG_REALM)
        })
        .filter_map(|request| Some(Evidence::new(request.answered_in()?, "names another realm")));
    NORMAL_68_UPN.expected(
        "The KDC names the realm that a name belongs to",
        "Names of this form are looked up so.",
        evidence.collect(),
    )
}
