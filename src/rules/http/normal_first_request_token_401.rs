//! Rule `normal-first-request-token-401`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A client that sends its token without being asked may be answered by a 401 once, while the application is idle.
    ///
    /// ## How it shows
    ///
    /// The first request of the attempt shows a ticket and is answered by a 401 that has no Kerberos error, and a later one
    /// is accepted.
    ///
    /// ## What else it could be
    ///
    /// Where none is accepted later, or where the 401 has an error, the ticket is refused.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_FIRST_REQUEST_TOKEN_401 = {
        id: "normal-first-request-token-401",
        summary: "a first token is refused, and the handshake goes on",
        severity: Expected,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/401-error-preauthentication-header"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .http
        .iter()
        .take(1)
        .filter(|first| {
            first.ap_req().is_some()
                && first.status() == Some(401)
                && first.gives_no_reason()
                && attempt.is_accepted_by_kerberos()
        })
        .filter_map(|first| {
            Some(Evidence::new(
                first.answer.as_ref()?.span.first(),
                "asked again; a later request is accepted",
            ))
        });
    NORMAL_FIRST_REQUEST_TOKEN_401.expected(
        "The first request that is seen shows its ticket, and is asked for it again",
        "Servers that were idle may ask once more.",
        evidence.collect(),
    )
}
