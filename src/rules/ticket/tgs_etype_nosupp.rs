//! Rule `tgs-etype-nosupp`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// Client, KDC and the service's account share no encryption type, or the account has no key of a type that the others
    /// take.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14 to a TGS-REQ for the service, and no success with another list afterwards.
    ///
    /// ## What else it could be
    ///
    /// From the client's own KDC, for a server of another realm, the trust between the realms may be what lacks the type.
    ///
    /// ## What to do
    ///
    /// Give the service's account keys of the types that the client offers: set its types, and reset its password so that
    /// new keys are made.
    pub(in crate::rules) static TGS_ETYPE_NOSUPP = {
        id: "tgs-etype-nosupp",
        summary: "no encryption type in common for the service",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/detect-remediate-rc4-kerberos", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/unsupported-etype-error-accessing-trusted-domain"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let refused = attempt
        .service_tickets()
        .filter(|request| {
            request.is_refused_with(ErrorCode::ETYPE_NOSUPP) && !attempt.is_healed(request)
        })
        .last()?;
    let service = refused.service()?.to_string();
    let realm = refused.realm().unwrap_or("the realm");
    let offered: Vec<String> = refused
        .request
        .etypes
        .iter()
        .map(ToString::to_string)
        .collect();
    let offered = if offered.is_empty() {
        "types that are not in the capture".to_owned()
    } else {
        offered.join(", ")
    };
    let host = refused.service()?.host().unwrap_or_default().to_owned();
    let trust = attempt.is_foreign_name(refused).then(|| {
        Rival::new(
            "ref-etype-nosupp",
            format!("the host's name does not end in {realm}: the trust to its realm may be what lacks the type; then every server of that realm fails alike"),
        )
    });
    Some(Finding {
        title: format!("No encryption type in common for {service}"),
        explanation: format!("The client offers {offered}. The KDC of {realm} answered that it has no encryption type in common for {service}: the service's account has no key of these types, or a policy forbids them."),
        evidence: vec![
            Evidence::new(refused.answered_in()?, "KDC_ERR_ETYPE_NOSUPP (14)"),
            Evidence::new(refused.asked.first(), format!("asks for {service}, offering {offered}")),
        ],
        rivals: trust.into_iter().collect(),
        fix: vec![
            Fix::new("See the types of the account that holds the name", command::with(&host, |host| format!("Get-ADObject -LDAPFilter \"(servicePrincipalName=HTTP/{host})\" -Properties msDS-SupportedEncryptionTypes,pwdLastSet"))),
            Fix::new("Give the server's account keys for AES, if it is a computer", command::with(host.split('.').next().unwrap_or_default(), |name| format!("Set-ADComputer {name} -KerberosEncryptionType AES128,AES256"))),
            Fix::new("See what the client is allowed to use", Some("Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters".to_owned())),
        ],
        ..TGS_ETYPE_NOSUPP.finding(Confidence::Proven)
    })
}
