//! Rule `as-preauth-failed`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The proof that the client sent with its request for a first ticket does not fit the key that the domain keeps for
    /// its account: computer and domain hold different passwords.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 24 to an AS-REQ with proof of the key, for the computer's account, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// A restored snapshot, a cloned image or an account that was reset leave the same frames. A domain controller that has
    /// not heard of a new password yet does so for a while.
    ///
    /// ## What to do
    ///
    /// Mend the secure channel of the computer, or let it join the domain again.
    pub(in crate::rules) static AS_PREAUTH_FAILED = {
        id: "as-preauth-failed",
        summary: "the computer's password does not fit",
        severity: Error,
        stage: As,
        owner: Client,
        sources: ["MS-KILE section 3.3.5.6", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/broken-trust-relationship-domain-joined-device-its-domain-secure-channel-issues"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() && attempt.shown_tickets().next().is_some() {
        return None;
    }
    let refused = attempt.unhealed(ErrorCode::PREAUTH_FAILED)?;
    let answer = refused.answer.as_ref()?;
    let error = refused.error()?;
    let name = attempt.account_of(refused)?;
    let realm = refused.realm().unwrap_or("its realm");
    let status = error
        .ntstatus
        .and_then(|status| status.meaning())
        .map_or_else(String::new, |meaning| format!(": {meaning}"));
    Some(Finding {
        title: format!("The password of {name} does not fit the one that {realm} keeps"),
        explanation: format!(
            "The client proved its key to the KDC of {realm}, and the KDC answered that the proof does not fit the account {name}. Without a first ticket there is no ticket for any service."
        ),
        evidence: vec![
            Evidence::new(answer.span.last(), format!("{}{status}", error.code)),
            Evidence::new(
                refused.asked.first(),
                format!("asks for a ticket as {name}"),
            ),
        ],
        fix: vec![
            Fix::new(
                "Mend the secure channel, on the client",
                Some("Test-ComputerSecureChannel -Repair -Credential DOMAIN\\\\admin".to_owned()),
            ),
            Fix::new(
                "See when the domain last set the password",
                command::with(name.trim_end_matches('$'), |name| {
                    format!("Get-ADComputer {name} -Properties PasswordLastSet")
                }),
            ),
        ],
        ..AS_PREAUTH_FAILED.finding(Confidence::Proven)
    })
}
