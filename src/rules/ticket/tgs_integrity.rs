//! Rule `tgs-integrity`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// A KDC cannot read a ticket-granting ticket that another KDC of the same realm issued: they disagree about the
    /// key of `krbtgt`.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 31 or 41 from a KDC to a TGS-REQ that shows a ticket of the KDC's own realm.
    ///
    /// ## What else it could be
    ///
    /// One domain controller that lags behind while the next one is fine: then it is healed by asking that one.
    ///
    /// ## What to do
    ///
    /// Compare the version of the krbtgt key on the domain controllers; repair replication.
    pub(in crate::rules) static TGS_INTEGRITY = {
        id: "tgs-integrity",
        summary: "the KDC cannot decrypt the ticket-granting ticket of its own realm",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "https://support.microsoft.com/help/5021131"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::BAD_INTEGRITY, ErrorCode::MODIFIED])
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    if refusal.shown_referral().is_some() {
        return None;
    }
    let shown = refusal.request.request.tgt.as_ref();
    let is_cut = shown.is_none_or(|tgt| tgt.sname.parts.is_empty());
    let (sure, what, showed) = if is_cut {
        let showed = "a ticket-granting ticket whose name is not in the capture".to_owned();
        (Confidence::Possible, "the ticket that it is shown", showed)
    } else {
        let showed = format!("a ticket-granting ticket of {realm}");
        (Confidence::Proven, "a ticket of its own realm", showed)
    };
    let of_trust = is_cut.then(|| {
        Rival::new(
            "trust-key-mismatch",
            "if the ticket was a referral of another realm, it is the keys of the trust that differ",
        )
    });
    let lagging = Rival::new(
        "ad-replication-lag",
        "a single domain controller that lags behind says the same: another one would accept the ticket",
    );
    Some(Finding {
        title: format!("A KDC of {realm} cannot read {what}"),
        explanation: format!(
            "The client asked {} for {service} and showed {showed}. The KDC answered {}: the key that the ticket was issued under is not the one that this KDC has.",
            refusal.request.kdc.addr,
            refusal.said()
        ),
        rivals: of_trust.into_iter().chain([lagging]).collect(),
        fix: vec![
            Fix::new(
                "Compare the domain controllers",
                Some("repadmin /replsummary".to_owned()),
            ),
            Fix::new(
                "Let the computer forget its tickets",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..refusal.finding(&TGS_INTEGRITY, sure)
    })
}
