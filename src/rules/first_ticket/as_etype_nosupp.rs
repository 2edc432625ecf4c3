//! Rule `as-etype-nosupp`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client and its account share no encryption type: one side is limited to types that the other does not have.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14 to an AS-REQ, and no success with another list afterwards.
    ///
    /// ## What else it could be
    ///
    /// A first try with new types against an old domain controller, followed by success with another, is normal.
    ///
    /// ## What to do
    ///
    /// Reset the account's password, so that keys of all types are made; compare the policies of client and domain
    /// controllers.
    pub(in crate::rules) static AS_ETYPE_NOSUPP = {
        id: "as-etype-nosupp",
        summary: "no encryption type in common for the first ticket",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/detect-remediate-rc4-kerberos"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::ETYPE_NOSUPP])
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    let offered: Vec<String> = refusal
        .request
        .request
        .etypes
        .iter()
        .map(ToString::to_string)
        .collect();
    let offered = offered.join(", ");
    Some(Finding {
        title: format!("{account} and {realm} have no encryption type in common"),
        explanation: format!(
            "The client offered {offered}. The KDC of {realm} answered {}: for {account} it has no key of any of these types, or may not use it.",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![
            Fix::new(
                "See the types of the account",
                command::with(account.trim_end_matches('$'), |name| {
                    format!(
                        "Get-ADComputer {name} -Properties msDS-SupportedEncryptionTypes,pwdLastSet"
                    )
                }),
            ),
            Fix::new(
                "Make new keys, on the client",
                Some("Test-ComputerSecureChannel -Repair".to_owned()),
            ),
        ],
        ..refusal.finding(&AS_ETYPE_NOSUPP, Confidence::Proven)
    })
}
