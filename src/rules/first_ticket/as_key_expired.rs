//! Rule `as-key-expired`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The account has to change its password before it gets a ticket. For a computer that is unusual: somebody has set
    /// a flag.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 23 to an AS-REQ.
    ///
    /// ## What else it could be
    ///
    /// Accounts of people get this answer every day; here it is the account that the sign-on needs.
    ///
    /// ## What to do
    ///
    /// Take the flag off, and reset the computer's password.
    pub(in crate::rules) static AS_KEY_EXPIRED = {
        id: "as-key-expired",
        summary: "the password of the account has expired",
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
    let refusal = Refusal::of_first_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::KEY_EXPIRED])
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    Some(Finding {
        title: format!("{account} has to change its password first"),
        explanation: format!(
            "The KDC of {realm} answered {} to {account}. Until the password is changed it issues no ticket.",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![
            Fix::new(
                "See the account",
                command::with(account.trim_end_matches('$'), |name| {
                    format!(
                        "Get-ADComputer {name} -Properties PasswordExpired,PasswordLastSet,pwdLastSet"
                    )
                }),
            ),
            Fix::new(
                "Repair the computer's password, on the client",
                Some("Test-ComputerSecureChannel -Repair".to_owned()),
            ),
        ],
        ..refusal.finding(&AS_KEY_EXPIRED, Confidence::Proven)
    })
}
