//! Rule `as-preauth-failed`.

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
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let is_meant =
        |_: &TicketRequest, error: &KrbError| has_code(error, &[ErrorCode::PREAUTH_FAILED]);
    let refused = Refusal::of_first_ticket(attempt, is_meant)?.request;
    let name = attempt.account_of(refused)?;
    let realm = refused.realm().unwrap_or("its realm");
    let (confidence, proof) = if refused.proves_key() {
        (Confidence::Proven, ", with proof of its key")
    } else {
        (Confidence::Likely, "")
    };
    Some(Finding {
        title: format!("The password of {name} does not fit the one that {realm} keeps"),
        explanation: format!(
            "The client asked the KDC of {realm} for a first ticket as {name}{proof}. The KDC answered that the proof does not fit the key that it keeps for this account. Without a first ticket there is no ticket for any service."
        ),
        evidence: first_ticket::evidence(refused, &name)?,
        fix: vec![
            Fix::new(
                "Mend the secure channel, on the client",
                Some("Test-ComputerSecureChannel -Repair -Credential DOMAIN\\admin".to_owned()),
            ),
            Fix::new(
                "See when the domain last set the password",
                command::with(name.trim_end_matches('$'), |name| {
                    format!("Get-ADComputer {name} -Properties PasswordLastSet")
                }),
            ),
        ],
        ..AS_PREAUTH_FAILED.finding(confidence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, first_ticket, issued, refused, tgs};

    #[test]
    fn a_refused_proof_as_the_last_word_is_the_cause() {
        let mut attempt = attempt(20);
        attempt
            .tickets
            .push(refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_FAILED));
        let finding = check(&attempt).expect("a finding");
        assert!(finding.title.contains("WK02$"), "{}", finding.title);
    }

    #[test]
    fn another_kdc_that_takes_the_proof_heals_it() {
        let mut attempt = attempt(20);
        attempt
            .tickets
            .push(refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_FAILED));
        attempt
            .tickets
            .push(issued(first_ticket(3, "WK02$"), &format!("krbtgt/{HOME}")));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_client_that_gets_its_ticket_all_the_same_is_not_held_up_by_it() {
        let mut attempt = attempt(20);
        attempt
            .tickets
            .push(refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_FAILED));
        attempt.tickets.push(issued(tgs(3, HOME, SERVICE), SERVICE));
        assert!(check(&attempt).is_none());
    }
}
