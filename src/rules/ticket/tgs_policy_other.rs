//! Rule `tgs-policy-other`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC knows client and service and refuses the ticket by a policy: an authentication policy or silo, a rule
    /// about tickets of branch controllers, or realms crossed on the way.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 12 to a plain request for the service, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// After a referral, selective authentication of the trust, where the KDC sends no status.
    ///
    /// ## What to do
    ///
    /// Read the domain controller's log of authentication policies; look at policies on the server's account.
    pub(in crate::rules) static TGS_POLICY_OTHER = {
        id: "tgs-policy-other",
        summary: "a policy of the KDC forbids the service ticket",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::POLICY]) && request.is_plain()
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("A policy of {realm} refuses the client a ticket for {service}"),
        explanation: format!("The KDC of {realm} answered {} to the request for {service}. That is its own decision, not a missing name or key.", refusal.said()),
        rivals: vec![Rival::new("tgs-policy-selective-auth", "if the trust is set to selective authentication, this may be its refusal without a status: the settings of the trust tell"), ],
        fix: vec![Fix::new("Read the log of authentication policies, on the domain controller", Some("wevtutil qe Microsoft-Windows-Authentication/AuthenticationPolicyFailures-DomainController /c:10 /rd:true /f:text".to_owned())), Fix::new("List the policies", Some("Get-ADAuthenticationPolicy -Filter *".to_owned())), ],
        ..refusal.finding(&TGS_POLICY_OTHER, Confidence::Likely)
    })
}
