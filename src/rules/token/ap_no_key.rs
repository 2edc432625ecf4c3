//! Rule `ap-no-key`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The server answers that it has no key for the service of the ticket, or that the ticket is not for it: the identity
    /// of the web service has no Kerberos key, or not for this name.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 45, 35 or 36 in the 401.
    ///
    /// ## What else it could be
    ///
    /// A ticket for a name that belongs to another machine is refused the same way.
    ///
    /// ## What to do
    ///
    /// See under which account the web service runs; on a server that is not Windows, look into its key table.
    pub(in crate::rules) static AP_NO_KEY = {
        id: "ap-no-key",
        summary: "the server holds no key for the name",
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
    let error = refused.krb_error().filter(|error| {
        matches!(
            error.code,
            ErrorCode::NOKEY | ErrorCode::NOT_US | ErrorCode::BADMATCH
        )
    })?;
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    Some(Finding {
        title: format!("The server has no key for {service}"),
        explanation: format!(
            "The client showed a ticket for {service}. The server answered {}: it has no key with which it could open a ticket for that name.",
            error.code
        ),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        rivals: vec![
            Rival::new(
                "http-spn-on-user-account",
                "the name may be registered on another account than the one that runs the web service; setspn -Q tells",
            ),
            Rival::new(
                "dns-wrong-host",
                "the name may lead to another machine than the one that is meant: compare the address with the server's",
            ),
        ],
        fix: vec![
            Fix::new(
                "See which account holds the name",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
            Fix::new(
                "On a server that is not Windows, list the names and key versions in its key table",
                Some("klist -ke".to_owned()),
            ),
            Fix::new(
                "See under which account the web service runs, on the server",
                Some("appcmd list apppool /text:*".to_owned()),
            ),
        ],
        ..AP_NO_KEY.finding(Confidence::Proven)
    })
}
