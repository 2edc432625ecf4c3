//! Rule `tgs-service-disabled`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The account that carries the service name is disabled, expired or not valid yet.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 19, 2 or 22 to a TGS-REQ for the service.
    ///
    /// ## What else it could be
    ///
    /// Some KDCs say the same with code 18, which usually is about the client, or with code 7.
    ///
    /// ## What to do
    ///
    /// Enable the account that carries the name.
    pub(in crate::rules) static TGS_SERVICE_DISABLED = {
        id: "tgs-service-disabled",
        summary: "the account of the service is disabled or expired",
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
        has_code(
            error,
            &[
                ErrorCode::SERVICE_REVOKED,
                ErrorCode::SERVICE_EXP,
                ErrorCode::SERVICE_NOTYET,
            ],
        )
    })?;
    let (service, realm, host) = (refusal.service(), refusal.realm(), refusal.host());
    Some(Finding {
        title: format!(
            "The account behind {service} is not in use: {}",
            refusal.error.code
        ),
        explanation: format!(
            "The KDC of {realm} knows {service} and answered {}. No ticket is issued for an account in that state.",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![Fix::new(
            "See the state of the account that holds the name",
            command::with(host, |name| {
                format!(
                    "Get-ADObject -LDAPFilter \"(servicePrincipalName=HTTP/{name})\" -Properties userAccountControl,accountExpires"
                )
            }),
        )],
        ..refusal.finding(&TGS_SERVICE_DISABLED, Confidence::Proven)
    })
}
