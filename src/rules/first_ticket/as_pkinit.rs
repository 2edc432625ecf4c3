//! Rule `as-pkinit`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::padata::PaDataType;

declare_rule! {
    /// ## What it means
    ///
    /// The client proves itself to the KDC with a certificate, and that fails: one side does not trust, cannot verify
    /// or cannot map a certificate.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 62 to 66 or 70 to 81, or 16 to a request with PA-PK-AS-REQ, as the last word.
    ///
    /// ## What else it could be
    ///
    /// A computer that falls back to its password afterwards is not held up by it.
    ///
    /// ## What to do
    ///
    /// Look at the certificate that the code names: its purpose, its issuer, the list of revoked ones.
    pub(in crate::rules) static AS_PKINIT = {
        id: "as-pkinit",
        summary: "signing on to the KDC with a certificate fails",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["RFC 4556", "MS-PKCA"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// Codes of RFC 4556 and its successors: all of them are about certificates.
const CERTIFICATE_CODES: [std::ops::RangeInclusive<i32>; 2] = [62..=66, 70..=81];

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |request, error| {
        let by_certificate = request.request.padata.contains(&PaDataType::PK_AS_REQ);
        CERTIFICATE_CODES
            .iter()
            .any(|codes| codes.contains(&error.code.0))
            || (by_certificate && error.code == ErrorCode::PADATA_TYPE_NOSUPP)
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    Some(Finding {
        title: format!(
            "Signing on to {realm} with a certificate failed: {}",
            refusal.error.code
        ),
        explanation: format!(
            "{account} showed a certificate to the KDC of {realm}, which answered {}.",
            refusal.said()
        ),
        fix: vec![
            Fix::new(
                "Check the domain controllers' certificates, on one of them",
                Some("certutil -dcinfo verify".to_owned()),
            ),
            Fix::new(
                "See which authorities are trusted for sign-on",
                Some("certutil -viewstore -enterprise NTAuth".to_owned()),
            ),
        ],
        ..refusal.finding(&AS_PKINIT, Confidence::Proven)
    })
}
