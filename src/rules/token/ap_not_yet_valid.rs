//! Rule `ap-not-yet-valid`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;
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
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| error.code == ErrorCode::TKT_NYV)?;
    let answer = refused.answer.as_ref()?;
    let server = refused.server.addr;
    let issued = refused
        .ap_req()
        .and_then(|shown| attempt.source_of(shown.ticket.as_ref()?));
    let when = issued
        .and_then(crate::model::ticket_request::TicketRequest::answered_in)
        .map_or_else(String::new, |frame| {
            format!(" It was issued in frame {frame}.")
        });
    let explanation = format!(
        "The client showed its ticket, and the server at {server} answered that it is not valid yet.{when} The times in a ticket are the KDC's: the server's clock is behind."
    );
    Some(Finding {
        title: "For the server the ticket begins in the future".to_owned(),
        explanation,
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        fix: vec![
            Fix::new(
                "Compare the server's clock with a domain controller's, from the client",
                Some(format!(
                    "w32tm /stripchart /computer:{server} /samples:5 /dataonly"
                )),
            ),
            Fix::new(
                "Set the server's clock anew, on the server",
                Some("w32tm /resync /rediscover".to_owned()),
            ),
        ],
        ..AP_NOT_YET_VALID.finding(Confidence::Proven)
    })
}
