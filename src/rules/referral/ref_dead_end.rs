//! Rule `ref-dead-end`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client was referred to another realm and reached it, and that realm knows no account with the service name. The
    /// way is good; the name is missing there, or is on two accounts.
    ///
    /// ## How it shows
    ///
    /// One referral or more, then KRB-ERROR 7 from the last realm's KDC.
    ///
    /// ## What else it could be
    ///
    /// That realm may itself need one more hop that it cannot give. Two accounts with the same name leave the same answer.
    ///
    /// ## What to do
    ///
    /// Ask the last realm who holds the name, and register it there.
    pub(in crate::rules) static REF_DEAD_END = {
        id: "ref-dead-end",
        summary: "the last realm does not know the service",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique", "RFC 6806 section 8"],
        since: "0.1.0",
        supersedes: ["tgs-spn-unknown", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() || attempt.granted_service_ticket().is_some() {
        return None;
    }
    let (referred, _) = attempt.referrals().next()?;
    let reference = referred.answered_in()?;
    let refused = attempt
        .service_tickets()
        .filter(|request| {
            request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) && !attempt.is_healed(request)
        })
        .filter(|request| request.asked.first() > referred.asked.first())
        .last()?;
    let service = refused.service()?.to_string();
    let realm = refused.realm().unwrap_or("the last realm");
    Some(Finding {
        title: format!("{realm} knows no account for {service}"),
        explanation: format!(
            "The client was referred to {realm} and asked there for {service}. The KDC of {realm} answered that it finds no such service: the way through the realms is good, the name is not registered at its end."
        ),
        evidence: vec![
            Evidence::new(
                refused.answered_in()?,
                format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) from {realm}"),
            ),
            Evidence::new(refused.asked.first(), format!("asks {realm} for {service}")),
            Evidence::new(reference, "the referral that led there"),
        ],
        rivals: vec![Rival::new(
            "tgs-spn-duplicate",
            "two accounts with the name leave the same answer; setspn -X finds them",
        )],
        fix: vec![
            Fix::new(
                "Ask that realm who holds the name",
                command::with(realm, |realm| format!("setspn -T {realm} -Q {service}"))
                    .filter(|_| command::argument(&service).is_some()),
            ),
            Fix::new(
                "Look for names that are held twice",
                Some("setspn -X -F".to_owned()),
            ),
        ],
        ..REF_DEAD_END.finding(Confidence::Proven)
    })
}
