//! Rule `ap-expired`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token::{Refused, clock_fixes};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The server answers that the ticket has run out: its clock is ahead of the KDC's by hours, or the client kept an
    /// old ticket.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 32 in the 401 to a request that shows a ticket, and no success with another one.
    ///
    /// ## What else it could be
    ///
    /// A ticket from the cache that really is old; then the client asks for a new one next time.
    ///
    /// ## What to do
    ///
    /// Compare the clocks; let the computer forget its tickets.
    pub(in crate::rules) static AP_EXPIRED = {
        id: "ap-expired",
        summary: "for the server the ticket has run out",
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
    let refused = Refused::with(attempt, ErrorCode::TKT_EXPIRED)?;
    let server = refused.server();
    let explanation = match refused.issued {
        Some(frame) => format!(
            "The ticket was issued in frame {frame} of this capture, and the server at {server} already takes it for expired: its clock is far ahead of the KDC's."
        ),
        None => format!(
            "The server at {server} takes the ticket for expired. When it was issued, the capture does not show: it may be an old one from the client's cache, or the server's clock may be ahead."
        ),
    };
    let purge = Fix::new(
        "Let the computer forget its tickets",
        Some("klist -li 0x3e7 purge".to_owned()),
    );
    Some(Finding {
        title: "The server takes the ticket for expired".to_owned(),
        explanation,
        fix: [purge].into_iter().chain(clock_fixes(server)).collect(),
        ..refused.finding(attempt, &AP_EXPIRED)
    })
}
