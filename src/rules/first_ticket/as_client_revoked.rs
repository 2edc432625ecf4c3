//! Rule `as-client-revoked`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The domain knows the account and does not let it in: it is disabled, locked, expired, or out of its hours. The
    /// status, where the KDC sends one, says which.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 18 to a request for a ticket for the computer's account, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// Without a status the four states look the same in the capture.
    ///
    /// ## What to do
    ///
    /// Look at the account's state and mend it.
    pub(in crate::rules) static AS_CLIENT_REVOKED = {
        id: "as-client-revoked",
        summary: "the computer's account is disabled, locked or expired",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5.6"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() && attempt.shown_tickets().next().is_some() {
        return None;
    }
    let refused = attempt.unhealed(ErrorCode::CLIENT_REVOKED)?;
    let answer = refused.answer.as_ref()?;
    let error = refused.error()?;
    let name = attempt.account_of(refused)?;
    let realm = refused.realm().unwrap_or("its realm");
    let status = error
        .ntstatus
        .and_then(|status| status.meaning())
        .map_or_else(String::new, |meaning| format!(": {meaning}"));
    Some(Finding {
        title: format!("The account {name} is not let in by {realm}"),
        explanation: format!(
            "The KDC of {realm} answered that the account {name} is disabled, locked, expired or out of its hours{status}."
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
                "See the state of the account",
                command::with(name.trim_end_matches('$'), |name| {
                    format!(
                        "Get-ADComputer {name} -Properties Enabled,LockedOut,AccountExpirationDate"
                    )
                }),
            ),
            Fix::new(
                "Enable it, if it is disabled",
                command::with(name.trim_end_matches('$'), |name| {
                    format!("Enable-ADAccount -Identity {name}$")
                }),
            ),
        ],
        ..AS_CLIENT_REVOKED.finding(Confidence::Proven)
    })
}
