//! Rule `ntlm-anonymous`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::ntlm::{NtlmAuthenticate, NtlmMessage};

declare_rule! {
    /// ## What it means
    ///
    /// The client's NTLM proof names no account: the process has no identity on the network, because the computer's own
    /// channel to its domain is broken or policy forbids it.
    ///
    /// ## How it shows
    ///
    /// A type 3 message without a user.
    ///
    /// ## What else it could be
    ///
    /// The short exchange of a machine with itself has empty names too.
    ///
    /// ## What to do
    ///
    /// Repair the computer's channel to its domain; allow the system account to use the computer's identity.
    pub(in crate::rules) static NTLM_ANONYMOUS = {
        id: "ntlm-anonymous",
        summary: "the client presents itself as nobody",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["MS-NLMP section 3.2.5.1.2"],
        since: "0.1.0",
        supersedes: ["ntlm-rejected", "ntlm-accepted", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

/// NTLMSSP_NEGOTIATE_LOCAL_CALL (MS-NLMP 2.2.2.5, reserved bit): a machine talks to itself and needs no names.
const LOCAL_CALL: u32 = 0x4000;
/// NTLMSSP_NEGOTIATE_ANONYMOUS (MS-NLMP 2.2.2.5).
const ANONYMOUS: u32 = 0x0800;
/// The LM response of nobody is a zero byte (MS-NLMP 3.1.5.1.2).
const LM_OF_NOBODY: usize = 1;

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() {
        return None;
    }
    let nobody = attempt.http.iter().rev().find(|exchange| {
        let message = exchange
            .windows_token()
            .and_then(|token| token.ntlm.as_ref());
        matches!(message, Some(NtlmMessage::Authenticate(proof)) if is_nobody(proof))
    })?;
    Some(Finding {
        title: "The client presents itself as nobody".to_owned(),
        explanation: "Its NTLM proof names no account. A server may let it in or not; it has not shown which computer it is.".to_owned(),
        evidence: vec![Evidence::new(nobody.asked.first(), "an NTLM proof without a user")],
        fix: vec![
            Fix::new("See whether the computer's secure channel is sound, on the client", Some("Test-ComputerSecureChannel -Verbose".to_owned())),
            Fix::new("Allow Local System to use the computer's identity for NTLM (security policy)", None),
        ],
        ..NTLM_ANONYMOUS.finding(Confidence::Proven)
    })
}

/// An empty name alone is not enough: other proofs leave it empty too, and prove somebody by other means.
fn is_nobody(proof: &NtlmAuthenticate) -> bool {
    let has_user = proof.user.as_ref().is_none_or(|user| !user.is_empty());
    let says_so = proof.flags & ANONYMOUS != 0 || proof.lm_response_bytes == Some(LM_OF_NOBODY);
    !has_user && says_so && proof.flags & LOCAL_CALL == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_without_a_user_is_nobodys_and_one_that_was_cut_is_not_known() {
        let with = |user: Option<&str>, flags| NtlmAuthenticate {
            user: user.map(Into::into),
            flags,
            ..NtlmAuthenticate::default()
        };
        assert!(is_nobody(&with(Some(""), ANONYMOUS)));
        assert!(!is_nobody(&with(Some(""), ANONYMOUS | LOCAL_CALL)));
        assert!(!is_nobody(&with(Some("WK02$"), ANONYMOUS)));
        assert!(!is_nobody(&with(None, ANONYMOUS)));
    }

    #[test]
    fn an_empty_name_is_nobodys_only_where_the_rest_of_the_proof_says_so_too() {
        let with = |lm_response_bytes| NtlmAuthenticate {
            user: Some("".into()),
            lm_response_bytes: Some(lm_response_bytes),
            ..NtlmAuthenticate::default()
        };
        assert!(is_nobody(&with(1)));
        assert!(!is_nobody(&with(24)));
    }
}
