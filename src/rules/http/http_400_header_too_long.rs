//! Rule `http-400-header-too-long`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The header with the token is longer than the web server takes. A ticket with very many groups is the usual
    /// reason.
    ///
    /// ## How it shows
    ///
    /// 431, or 400, to a request whose Authorization header has more than 12,000 bytes.
    ///
    /// ## What else it could be
    ///
    /// A 400 for another reason, such as a wrong Host, comes to short headers too.
    ///
    /// ## What to do
    ///
    /// Give the account fewer groups, or raise MaxFieldLength and MaxRequestBytes.
    pub(in crate::rules) static HTTP_400_HEADER_TOO_LONG = {
        id: "http-400-header-too-long",
        summary: "the token is too large for the server's limit of headers",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/http-bad-request-response-kerberos"],
        since: "0.1.0",
        supersedes: ["ntlm-accepted", "http-401-no-reason"],
        check: Attempt(check),
    }
}

/// The usual limit of http.sys for one header is 16,384 bytes; the name and other headers count too.
pub(super) const SUSPECT: usize = 12_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| matches!(status, 400 | 431))?;
    let bytes = failure.exchange.request.head.auth_header_bytes;
    if bytes <= SUSPECT {
        return None;
    }
    let finding = failure.finding(&HTTP_400_HEADER_TOO_LONG);
    // Only 431 says that the header was the reason.
    let (confidence, rivals) = if failure.answer.response.head.status == 431 {
        (Confidence::Proven, Vec::new())
    } else {
        let other = Rival::new(
            "http-verb-blocked",
            "a filter may refuse the request with 400 for another reason: the server's httperr log names it (RequestLength, FieldLength)",
        );
        (Confidence::Likely, vec![other])
    };
    Some(Finding {
        title: format!(
            "The header with the token has {bytes} bytes, and the server answers {}",
            failure.said()
        ),
        explanation: format!(
            "The client showed its token in a header of {bytes} bytes. Web servers of Windows take 16,384 bytes for a header unless told otherwise, and answer 400 to more."
        ),
        fix: vec![
            Fix::new(
                "See the limits, on the server",
                Some(
                    "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"
                        .to_owned(),
                ),
            ),
            Fix::new(
                "Raise MaxFieldLength and MaxRequestBytes to four thirds of the token and 200 more, or take the account out of groups",
                None,
            ),
        ],
        confidence: finding.confidence.min(confidence),
        rivals: rivals.into_iter().chain(finding.rivals).collect(),
        ..finding
    })
}
