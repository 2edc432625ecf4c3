//! Rule `kdc-generic`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC could not do its work. The status, where it sends one, is the reason; otherwise only its own log knows
    /// it.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 60 as the last word.
    ///
    /// ## What else it could be
    ///
    /// After a referral, the keys of the trust may not agree.
    ///
    /// ## What to do
    ///
    /// Look the status up, and read the KDC's log.
    pub(in crate::rules) static KDC_GENERIC = {
        id: "kdc-generic",
        summary: "the KDC reports an error of its own",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "MS-KILE section 2.2.1"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| has_code(error, &[ErrorCode::GENERIC]))?;
    let (service, realm) = (refusal.service(), refusal.realm());
    if refusal.shown_referral().is_some() {
        return None;
    }
    Some(Finding {
        title: format!("The KDC of {realm} fails: {}", refusal.said()),
        explanation: format!("The client asked for {service}. The KDC answered with its general error{}", text(&refusal)),
        rivals: vec![],
        fix: vec![Fix::new("Let the KDC write more into its log, on the domain controller", Some("reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Kdc /v KdcExtraLogLevel /t REG_DWORD /d 0x1f /f".to_owned())), ],
        ..refusal.finding(&KDC_GENERIC, Confidence::Proven)
    })
}

/// The KDC's own words, or a full stop.
fn text(refusal: &Refusal<'_>) -> String {
    match &refusal.error.e_text {
        Some(text) => format!(" and the words \"{text}\"."),
        None => " and no words of its own.".to_owned(),
    }
}
