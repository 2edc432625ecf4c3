//! Rule `ap-modified-stale-password`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket was made with a version of the key that the server does not have: its password and the one that the
    /// directory keeps for it are out of step.
    ///
    /// ## How it shows
    ///
    /// The request shows the ticket, and the 401 carries KRB-ERROR 44: the server lacks that version of the key.
    ///
    /// ## What else it could be
    ///
    /// A server with a key table may hold an old one. A domain controller that has not heard of a new password yet issues
    /// tickets under the old key for a while.
    ///
    /// ## What to do
    ///
    /// Mend the secure channel of the server, or give it a new key table; see whether the domain controllers agree.
    pub(in crate::rules) static AP_MODIFIED_STALE_PASSWORD = {
        id: "ap-modified-stale-password",
        summary: "the server's key is not the directory's",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-client-krb-ap-err-modified-error"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| error.code == ErrorCode::BADKEYVER)?;
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let version = ticket.and_then(|ticket| ticket.kvno).map_or_else(
        || "that version".to_owned(),
        |version| format!("version {version}"),
    );
    Some(Finding {
        title: format!("The server lacks the key of the ticket for {service} ({version})"),
        explanation: format!(
            "The KDC made the ticket with {version} of the key for {service}. The server answered that it does not have that version: its password, or its key table, is not the one that the directory has now."
        ),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        rivals: vec![
            Rival::new(
                "ap-no-key",
                "a server that is not Windows may have no key for this name at all: look into its key table",
            ),
            Rival::new(
                "http-spn-on-user-account",
                "the name may be on another account, whose key has other versions; setspn -Q tells",
            ),
        ],
        fix: vec![
            Fix::new(
                "Mend the secure channel, on the server",
                Some("Test-ComputerSecureChannel -Repair".to_owned()),
            ),
            Fix::new(
                "See whether the domain controllers agree",
                Some("repadmin /replsummary".to_owned()),
            ),
        ],
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    })
}
