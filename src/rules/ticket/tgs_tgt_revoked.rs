//! Rule `tgs-tgt-revoked`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The domain rejects the ticket-granting ticket that the client shows, although it can read it: the account was
    /// made anew, or the ticket comes from a controller whose tickets are not accepted here.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 20 to a TGS-REQ, and no success with a new first ticket afterwards.
    ///
    /// ## What else it could be
    ///
    /// Controllers of different patch levels disagree about the same ticket.
    ///
    /// ## What to do
    ///
    /// Let the computer forget its tickets, or restart it; bring all domain controllers to one level.
    pub(in crate::rules) static TGS_TGT_REVOKED = {
        id: "tgs-tgt-revoked",
        summary: "the KDC does not accept the ticket-granting ticket any more",
        severity: Error,
        stage: Tgs,
        owner: Client,
        sources: ["MS-KILE section 3.3.5"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::TGT_REVOKED])
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("{realm} rejects the client's ticket-granting ticket"),
        explanation: format!(
            "The KDC of {realm} answered {} to the request for {service}. The client's own ticket is not accepted any more.",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![Fix::new(
            "Let the computer forget its tickets",
            Some("klist -li 0x3e7 purge".to_owned()),
        )],
        ..refusal.finding(&TGS_TGT_REVOKED, Confidence::Proven)
    })
}
