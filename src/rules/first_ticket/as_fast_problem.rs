//! Rule `as-fast-problem`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::padata::PaDataType;

declare_rule! {
    /// ## What it means
    ///
    /// Client and KDC talk inside an armor (FAST), and the exchange failed. The real reason is inside the armor.
    ///
    /// ## How it shows
    ///
    /// A request with PA-FX-FAST is answered by KRB-ERROR 90, 91, 93 or 16, or by a general error, as the last word.
    ///
    /// ## What else it could be
    ///
    /// Any reason that the KDC has may stand inside the armor.
    ///
    /// ## What to do
    ///
    /// Compare the policies for armoring on client and domain controllers; read the KDC's log.
    pub(in crate::rules) static AS_FAST_PROBLEM = {
        id: "as-fast-problem",
        summary: "an armored exchange failed",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["RFC 6113", "MS-KILE section 3.2.5.4"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |request, error| {
        has_code(
            error,
            &[
                ErrorCode::PREAUTH_EXPIRED,
                ErrorCode::MORE_PREAUTH_DATA_REQUIRED,
                ErrorCode::UNKNOWN_CRITICAL_FAST_OPTIONS,
                ErrorCode::PADATA_TYPE_NOSUPP,
                ErrorCode::GENERIC,
            ],
        ) && request.request.padata.contains(&PaDataType::FX_FAST)
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    Some(Finding {
        title: format!("The armored exchange of {account} with {realm} failed"),
        explanation: format!("The client asked inside an armor, and the KDC of {realm} answered {}. What went wrong is hidden by the armor; the KDC's log has it.", refusal.said()),
        rivals: vec![Rival::new("as-preauth-failed", "a wrong password inside the armor looks the same: the KDC's log tells"), ],
        fix: vec![Fix::new("Read what the KDC has logged, on the domain controller", Some("wevtutil qe System /q:\"*[System[Provider[@Name='Microsoft-Windows-Kerberos-Key-Distribution-Center']]]\" /c:20 /rd:true /f:text".to_owned())), ],
        ..refusal.finding(&AS_FAST_PROBLEM, Confidence::Possible)
    })
}
