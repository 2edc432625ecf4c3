//! Rule `as-pkinit`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
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
    let code = refusal.error.code;
    let meaning = code.meaning().map_or_else(String::new, |meaning| {
        format!(" By the standard, that means: {meaning}.")
    });
    Some(Finding {
        title: format!("Signing on to {realm} with a certificate failed: {code}"),
        explanation: format!(
            "{account} showed a certificate to the KDC of {realm}, which answered {}.{meaning}",
            refusal.said()
        ),
        fix: fixes(code, &account),
        ..refusal.finding(&AS_PKINIT, Confidence::Proven)
    })
}

/// Codes by which the KDC judges the certificate that the client shows: whether it trusts it, and whose it is.
const OF_TRUST: [i32; 6] = [62, 64, 70, 71, 77, 78];
const OF_REVOCATION: std::ops::RangeInclusive<i32> = 72..=74;
const OF_NAME: [i32; 2] = [66, 75];

/// What the code is about says where to look first.
fn fixes(code: ErrorCode, account: &str) -> Vec<Fix> {
    let own = Fix::new(
        "See the computer's own certificate: its issuer, its dates and the name in it, on the client",
        Some("certutil -store My".to_owned()),
    );
    let trusted = Fix::new(
        "See which authorities are trusted for sign-on, on a domain controller",
        Some("certutil -viewstore -enterprise NTAuth".to_owned()),
    );
    let mapped = Fix::new(
        "See what certificates the account is mapped to",
        command::with(account.trim_end_matches('$'), |name| {
            format!("Get-ADComputer {name} -Properties altSecurityIdentities")
        }),
    );
    let listed = Fix::new(
        "Check the certificate against the lists of revoked ones, on a domain controller (CERTIFICATE.cer)",
        Some("certutil -verify -urlfetch CERTIFICATE.cer".to_owned()),
    );
    let of_kdc = Fix::new(
        "Check the domain controllers' certificates, on one of them",
        Some("certutil -dcinfo verify".to_owned()),
    );
    match code.0 {
        number if OF_NAME.contains(&number) => vec![own, mapped],
        number if OF_REVOCATION.contains(&number) => vec![own, listed],
        number if OF_TRUST.contains(&number) => vec![own, trusted],
        _ => vec![of_kdc, trusted],
    }
}
