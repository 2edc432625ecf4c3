//! Rule `as-policy`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};

declare_rule! {
    /// ## What it means
    ///
    /// A policy forbids this account to sign on, or to sign on from this machine or in this way.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 12 to an AS-REQ; the status says which policy.
    ///
    /// ## What else it could be
    ///
    /// Without a status the kinds of policy look the same.
    ///
    /// ## What to do
    ///
    /// Look at authentication policies and at where the account may log on.
    pub(in crate::rules) static AS_POLICY = {
        id: "as-policy",
        summary: "a policy of the KDC refuses the first ticket",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal =
        Refusal::of_first_ticket(attempt, |_, error| has_code(error, &[ErrorCode::POLICY]))?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    let words = refusal.words().map_or_else(String::new, |words| {
        format!(" It adds the words \"{words}\".")
    });
    let is_of_place = refusal.error.ntstatus == Some(NtStatus::INVALID_WORKSTATION);
    let places = is_of_place.then(|| {
        Fix::new(
            "See from which computers the account may sign on",
            command::with(account.trim_end_matches('$'), |name| {
                format!("Get-ADComputer {name} -Properties userWorkstations")
            }),
        )
    });
    Some(Finding {
        title: format!("A policy of {realm} refuses {account} a first ticket"),
        explanation: format!(
            "The KDC of {realm} answered {} to {account}.{words}",
            refusal.said()
        ),
        rivals: vec![],
        fix: places.into_iter().chain([
            Fix::new(
                "List the policies",
                Some("Get-ADAuthenticationPolicy -Filter *".to_owned()),
            ),
            Fix::new(
                "See the account",
                command::with(account.trim_end_matches('$'), |name| {
                    format!(
                        "Get-ADComputer {name} -Properties AuthenticationPolicy,AuthenticationPolicySilo"
                    )
                }),
            ),
        ])
        .collect(),
        ..refusal.finding(&AS_POLICY, Confidence::Proven)
    })
}
