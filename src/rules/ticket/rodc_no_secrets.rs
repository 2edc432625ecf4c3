//! Rule `rodc-no-secrets`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};

declare_rule! {
    /// ## What it means
    ///
    /// A read-only domain controller does not hold the secret that it would need and sends the client on to a full one.
    /// The client got nothing from there.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 7 with status 0xC0000371, and no success with another domain controller.
    ///
    /// ## What else it could be
    ///
    /// Where another one answers, this is the way it is meant to be.
    ///
    /// ## What to do
    ///
    /// Look at the way from the branch to a full domain controller; allow the secret to be kept at the branch.
    pub(in crate::rules) static RODC_NO_SECRETS = {
        id: "rodc-no-secrets",
        summary: "the branch's domain controller holds no secret, and no other one helps",
        severity: Error,
        stage: Tgs,
        owner: Network,
        sources: ["MS-KILE section 3.2.5.7"],
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
                ErrorCode::S_PRINCIPAL_UNKNOWN,
                ErrorCode::C_PRINCIPAL_UNKNOWN,
            ],
        ) && error.ntstatus == Some(NtStatus::NO_SECRETS)
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!(
            "The branch's domain controller of {realm} sends the client on, and no full one serves it"
        ),
        explanation: format!(
            "The KDC at {} answered {}. The client is to ask a writable domain controller; none gave it a ticket for {service} in this capture.",
            refusal.request.kdc.addr,
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![Fix::new(
            "Find a writable domain controller, on the client",
            command::with(realm, |name| {
                format!("nltest /dsgetdc:{name} /writable /force")
            }),
        )],
        ..refusal.finding(&RODC_NO_SECRETS, Confidence::Proven)
    })
}
