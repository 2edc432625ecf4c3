//! Rule `ref-etype-nosupp`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC would have to issue a referral, and client and trust share no encryption type: the trust is not marked
    /// for AES, say, and the client takes nothing else.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14 from a realm to which the host's name does not belong, or to a request for another realm's ticket-
    /// granting service.
    ///
    /// ## What else it could be
    ///
    /// Domains may have other DNS names than their realms: then the service's own account is what lacks the type.
    ///
    /// ## What to do
    ///
    /// Mark the trust for AES on both sides and reset its password.
    pub(in crate::rules) static REF_ETYPE_NOSUPP = {
        id: "ref-etype-nosupp",
        summary: "no encryption type in common with the trust",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/unsupported-etype-error-accessing-trusted-domain"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "tgs-etype-nosupp"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::ETYPE_NOSUPP])
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let crosses = refusal
        .request
        .service()
        .and_then(|service| service.krbtgt_realm());
    let is_for_trust = crosses.is_some_and(|next| !next.eq_ignore_ascii_case(realm));
    if !is_for_trust && !attempt.is_foreign_name(refusal.request) {
        return None;
    }
    let confidence = if is_for_trust {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    Some(Finding {
        title: format!("The trust from {realm} offers no encryption type that the client takes"),
        explanation: format!("The client asked the KDC of {realm} for {service}, which by its name belongs to another realm. The KDC answered {}: for the ticket of the trust it has no encryption type in common with the client.", refusal.said()),
        rivals: vec![Rival::new("tgs-etype-nosupp", "if the host belongs to this realm in spite of its name, its own account lacks the type"), ],
        fix: vec![Fix::new("See the types of the trusts", Some("Get-ADTrust -Filter * -Properties msDS-SupportedEncryptionTypes".to_owned())), Fix::new("Allow AES on the trust (OTHER.REALM), on a domain controller of each side", Some("ksetup /setenctypeattr OTHER.REALM AES128-CTS-HMAC-SHA1-96 AES256-CTS-HMAC-SHA1-96".to_owned())), ],
        ..refusal.finding(&REF_ETYPE_NOSUPP, confidence)
    })
}
