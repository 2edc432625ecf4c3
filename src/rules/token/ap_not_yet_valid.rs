//! Rule `ap-not-yet-valid`.

use crate::finding::Finding;
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token::{Refused, clock_fixes};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// For the server the ticket begins in the future: its clock is behind that of the KDC that issued it.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 33 in the 401 to a request that shows a ticket.
    ///
    /// ## What else it could be
    ///
    /// Tickets that are meant to begin later do not occur in Active Directory.
    ///
    /// ## What to do
    ///
    /// Set the server's clock.
    pub(in crate::rules) static AP_NOT_YET_VALID = {
        id: "ap-not-yet-valid",
        summary: "for the server the ticket begins in the future",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = Refused::with(attempt, ErrorCode::TKT_NYV)?;
    let server = refused.server();
    let when = refused.issued.map_or_else(String::new, |frame| {
        format!(" It was issued in frame {frame}.")
    });
    Some(Finding {
        title: "For the server the ticket begins in the future".to_owned(),
        explanation: format!(
            "The client showed its ticket, and the server at {server} answered that it is not valid yet.{when} The times in a ticket are the KDC's: the server's clock is behind."
        ),
        fix: clock_fixes(server).into(),
        ..refused.finding(attempt, &AP_NOT_YET_VALID)
    })
}
