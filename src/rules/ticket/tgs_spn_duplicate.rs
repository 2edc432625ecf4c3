//! Rule `tgs-spn-duplicate`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// More than one account carries the service name that the client asked a ticket for. The KDC cannot choose one.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 8 to a TGS-REQ for the service.
    ///
    /// ## What else it could be
    ///
    /// Windows often answers 7 instead, as for a name that nobody has. Where the second account is in another domain, a
    /// ticket under the wrong key may be issued.
    ///
    /// ## What to do
    ///
    /// Find both accounts and take the name off the wrong one.
    pub(in crate::rules) static TGS_SPN_DUPLICATE = {
        id: "tgs-spn-duplicate",
        summary: "two accounts carry this service name",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::PRINCIPAL_NOT_UNIQUE])
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("Several accounts carry {service}"),
        explanation: format!(
            "The KDC of {realm} answered that {service} is not unique: it finds more than one account with that name and issues no ticket."
        ),
        rivals: vec![],
        fix: vec![
            Fix::new(
                "Find the names that are held twice",
                Some("setspn -X -F".to_owned()),
            ),
            Fix::new(
                "See who holds this one",
                command::with(&service, |name| format!("setspn -Q {name}")),
            ),
        ],
        ..refusal.finding(&TGS_SPN_DUPLICATE, Confidence::Proven)
    })
}
