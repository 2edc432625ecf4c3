//! Rule `tgs-badoption`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC refused the request because of one of its options, although the request is a plain one.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 13 to a request for the service that renews, forwards and delegates nothing.
    ///
    /// ## What else it could be
    ///
    /// Most answers of this kind are to renewals and delegation of other processes and mean nothing.
    ///
    /// ## What to do
    ///
    /// Let the computer forget its tickets and try again; then read the domain controller's log.
    pub(in crate::rules) static TGS_BADOPTION = {
        id: "tgs-badoption",
        summary: "the KDC refuses an option of the request",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::BADOPTION]) && request.is_plain()
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("The KDC of {realm} refuses an option of the request for {service}"),
        explanation: format!(
            "The KDC answered {} to a request that neither renews, forwards nor delegates. Which option it means it does not say.",
            refusal.said()
        ),
        rivals: vec![Rival::new(
            "tgs-policy-other",
            "the account of the client or the service may be barred from such tickets: the domain controller's log tells",
        )],
        fix: vec![Fix::new(
            "Let the computer forget its tickets",
            Some("klist -li 0x3e7 purge".to_owned()),
        )],
        ..refusal.finding(&TGS_BADOPTION, Confidence::Possible)
    })
}
