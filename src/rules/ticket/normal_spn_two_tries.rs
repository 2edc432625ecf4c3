//! Rule `normal-spn-two-tries`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client asks for the short and for the full name of the server, and one of them is registered.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 7 for one HTTP name, and a ticket for another one of the same server.
    ///
    /// ## What else it could be
    ///
    /// Where only the form that fails is ever used, it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_SPN_TWO_TRIES = {
        id: "normal-spn-two-tries",
        summary: "one form of the name is unknown and the other is granted",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let granted = attempt.granted_service_ticket();
    let evidence = attempt
        .service_tickets()
        .filter(|request| {
            let other = granted.is_some_and(|granted| !granted.asks_the_same(request));
            other && request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN)
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "this form is unknown; another one is granted",
            ))
        });
    NORMAL_SPN_TWO_TRIES.expected(
        "One form of the service name is unknown, the other one is granted",
        "Clients try the short and the full name.",
        evidence.collect(),
    )
}
