//! Rule `ref-flat-name-cross-forest`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::kinship::Kinship;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// The client asked for a service name without a domain. There is nothing in it by which its KDC could find the
    /// server's forest.
    ///
    /// ## How it shows
    ///
    /// A TGS-REQ for `HTTP/SHORT` is answered by KRB-ERROR 7 by the client's own KDC, and the server, or a domain
    /// controller of its domain, says that it is of another forest.
    ///
    /// ## What else it could be
    ///
    /// The client's own domain may have had such a computer.
    ///
    /// ## What to do
    ///
    /// Publish the management point by its full name, or set an order in which forests are searched.
    pub(in crate::rules) static REF_FLAT_NAME_CROSS_FOREST = {
        id: "ref-flat-name-cross-forest",
        summary: "a short name cannot lead to another forest",
        severity: Error,
        stage: Referral,
        owner: Site,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "tgs-spn-unknown", "trust-external"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let home = attempt.home_realm()?;
    let Kinship::Apart { server, .. } = attempt.kinship() else {
        return None;
    };
    let forest = server.forest;
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        let is_short = request
            .service()
            .and_then(PrincipalName::host)
            .is_some_and(|host| !host.contains('.'));
        is_short && error.code == ErrorCode::S_PRINCIPAL_UNKNOWN
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("The short name {service} cannot lead from {home} to the forest {forest}"),
        explanation: format!(
            "The client asked the KDC of {realm} for {service}, a name without a domain, and was refused. The server belongs to the forest {forest}, as its messages or those of its domain controllers say."
        ),
        rivals: vec![Rival::new(
            "tgs-spn-unknown",
            "the full name may not be registered either: setspn -Q in that forest tells",
        )],
        fix: vec![Fix::new(
            "Publish the management point by its full name",
            Some("Get-CMManagementPoint".to_owned()),
        )],
        ..refusal.finding(&REF_FLAT_NAME_CROSS_FOREST, Confidence::Likely)
    })
}
