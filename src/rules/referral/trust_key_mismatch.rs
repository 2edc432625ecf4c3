//! Rule `trust-key-mismatch`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The realm that the client was referred to cannot read the referral: the two sides of the trust have different
    /// keys.
    ///
    /// ## How it shows
    ///
    /// A TGS-REQ that shows a ticket-granting ticket of another realm is answered by KRB-ERROR 31, 41 or 35; some KDCs
    /// answer with their general error.
    ///
    /// ## What else it could be
    ///
    /// A single domain controller of that realm may lag behind.
    ///
    /// ## What to do
    ///
    /// Verify the trust, and reset its password on both sides.
    pub(in crate::rules) static TRUST_KEY_MISMATCH = {
        id: "trust-key-mismatch",
        summary: "the two sides of the trust have different keys",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://learn.microsoft.com/windows-server/administration/windows-commands/netdom-trust", "RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-generic"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(
            error,
            &[
                ErrorCode::BAD_INTEGRITY,
                ErrorCode::MODIFIED,
                ErrorCode::NOT_US,
                ErrorCode::BADKEYVER,
                ErrorCode::NOKEY,
                ErrorCode::GENERIC,
            ],
        )
    })?;
    let is_general = refusal.error.code == ErrorCode::GENERIC;
    let shown = if is_general {
        refusal.unread_referral()?
    } else {
        refusal.shown_referral()?
    };
    let (realm, issuer) = (refusal.realm(), shown.realm.as_str());
    let confidence = if is_general {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    let lagging = Rival::new(
        "ad-replication-lag",
        "one domain controller that lags behind says the same: another one of the realm would accept the referral",
    );
    let general = is_general.then(|| {
        Rival::new(
            "kdc-generic",
            "the general error may have another reason: the KDC's log tells",
        )
    });
    Some(Finding {
        title: format!(
            "{realm} cannot use the referral of {issuer}: the keys of the trust seem to differ"
        ),
        explanation: format!(
            "The client showed the KDC of {realm} a ticket-granting ticket that {issuer} issued. The KDC answered {}. A referral is encrypted under the key of the trust between the two; if their keys differ, no client can cross it.",
            refusal.said()
        ),
        rivals: [lagging].into_iter().chain(general).collect(),
        fix: vec![Fix::new("Verify the trust", verify(issuer, realm))],
        ..refusal.finding(&TRUST_KEY_MISMATCH, confidence)
    })
}

fn verify(issuer: &str, realm: &str) -> Option<String> {
    let (issuer, realm) = (command::argument(issuer)?, command::argument(realm)?);
    Some(format!(
        "netdom trust {issuer} /domain:{realm} /verify /kerberos"
    ))
}
