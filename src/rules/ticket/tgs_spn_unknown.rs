//! Rule `tgs-spn-unknown`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// No account of the directory carries the service name that the client asked a ticket for, or more than one does.
    ///
    /// ## How it shows
    ///
    /// A TGS-REQ for `HTTP/host` is answered by KRB-ERROR 7, no referral was given before, and the same name is not granted later.
    ///
    /// ## What else it could be
    ///
    /// The name is on two accounts: Windows answers the same way. Or the host belongs to a realm to which this realm has no
    /// Kerberos route, because only an external trust joins them.
    ///
    /// ## What to do
    ///
    /// Ask the directory who holds the name, and register it on the account that runs the web service.
    pub(in crate::rules) static TGS_SPN_UNKNOWN = {
        id: "tgs-spn-unknown",
        summary: "the KDC knows no account with this service name",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: ["ntlm-after-tgs-error", "ntlm-rejected", "ntlm-accepted", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.referrals().next().is_some() {
        return None;
    }
    let refused = attempt.unhealed(ErrorCode::S_PRINCIPAL_UNKNOWN)?;
    let answer = refused.answer.as_ref()?;
    let service = refused.service().filter(|service| service.is_http())?;
    let realm = refused.realm().unwrap_or("its realm");
    Some(Finding {
        title: format!("The directory of {realm} knows no account for {service}"),
        explanation: format!(
            "The KDC of {realm} was asked for a ticket for {service} and answered that it finds no such service, and it gave no referral to another realm."
        ),
        evidence: vec![
            Evidence::new(answer.span.last(), "KDC_ERR_S_PRINCIPAL_UNKNOWN (7)"),
            Evidence::new(
                refused.asked.first(),
                format!("the client asks for {service}"),
            ),
        ],
        rivals: vec![Rival {
            rule: "trust-external",
            why: "a missing route between the realms leaves the same answer".to_owned(),
        }],
        fix: vec![Fix {
            text: "See which account holds the name".to_owned(),
            command: Some(format!("setspn -Q {service}")),
        }],
        ..TGS_SPN_UNKNOWN.finding(Confidence::Likely)
    })
}
