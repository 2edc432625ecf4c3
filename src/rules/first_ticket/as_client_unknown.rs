//! Rule `as-client-unknown`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::rules::{command, first_ticket};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::KrbError;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC finds no account with the name that the client gives for itself.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 6 to a request for a first ticket for the computer's account, and no success at another KDC afterwards.
    ///
    /// ## What else it could be
    ///
    /// The account was deleted or renamed, belongs to another domain, or has not reached this domain controller yet.
    ///
    /// ## What to do
    ///
    /// Look for the account; let the computer join the domain again.
    pub(in crate::rules) static AS_CLIENT_UNKNOWN = {
        id: "as-client-unknown",
        summary: "the domain has no account for this computer",
        severity: Error,
        stage: As,
        owner: Client,
        sources: ["MS-KILE section 3.3.5.6"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let is_meant =
        |_: &TicketRequest, error: &KrbError| has_code(error, &[ErrorCode::C_PRINCIPAL_UNKNOWN]);
    let refused = Refusal::of_first_ticket(attempt, is_meant)?.request;
    let name = attempt.account_of(refused)?;
    let realm = refused.realm().unwrap_or("its realm");
    Some(Finding {
        title: format!("{realm} has no account {name}"),
        explanation: format!(
            "The client asked the KDC of {realm} for a first ticket as {name}, and the KDC answered that it finds no such account."
        ),
        evidence: first_ticket::evidence(refused, &name)?,
        fix: vec![
            Fix::new(
                "Look for the account",
                command::with(name.trim_end_matches('$'), |name| {
                    format!("Get-ADComputer {name}")
                }),
            ),
            Fix::new(
                "See whether the computer still belongs to the domain, on the client",
                command::with(realm, |realm| format!("nltest /sc_verify:{realm}")),
            ),
            Fix::new(
                "See whether the domain controllers agree",
                Some("repadmin /replsummary".to_owned()),
            ),
        ],
        ..AS_CLIENT_UNKNOWN.finding(Confidence::Proven)
    })
}
