//! Rule `http-4xx`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::http::http_400_header_too_long::SUSPECT;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web server refuses the request for its form: its host name, its length, its version, its method. That is no matter of
    /// proof, and the management point itself may never have seen the request.
    ///
    /// ## How it shows
    ///
    /// A status of the class 4xx that has no rule of its own: 400, 408, 411, 413, 414, 417 and others.
    ///
    /// ## What else it could be
    ///
    /// A 400 to a request with a very long token is about that token (http-400-header-too-long). A filter that does not know the
    /// method of the client's messages may answer 400 too.
    ///
    /// ## What to do
    ///
    /// Read the reason in the log of HTTP.sys, which refuses such requests before the web site sees them, or in the IIS log.
    pub(in crate::rules) static HTTP_4XX = {
        id: "http-4xx",
        summary: "the server refuses the form of the request",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["RFC 9110 section 15.5", "https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-accepted", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, is_of_form)?;
    let is_long = failure.exchange.request.head.auth_header_bytes > SUSPECT;
    let status = failure.answer.response.head.status;
    let method = failure.exchange.request.head.method.as_str();
    let is_of_method = status == 405 && method.eq_ignore_ascii_case("CCM_POST");
    if is_of_method || (is_long && matches!(status, 400 | 431)) {
        return None;
    }
    let finding = failure.finding(&HTTP_4XX);
    let other = Rival::new(
        "http-verb-blocked",
        format!(
            "a filter that does not know the method {method} may answer so: its log tells, or GET to the same server"
        ),
    );
    Some(Finding {
        title: format!("{} answers {status}: it refuses the request", failure.who()),
        explanation: format!(
            "{} answered {} with {}. That is about the form of the request, and not about the proof.",
            failure.who(),
            failure.asked(),
            failure.said()
        ),
        rivals: finding.rivals.into_iter().chain([other]).collect(),
        confidence: finding.confidence.min(Confidence::Likely),
        fix: vec![
            Fix::new(
                "Read the reason that HTTP.sys logged, on the server",
                Some(
                    r"Get-Content C:\Windows\System32\LogFiles\HTTPERR\httperr*.log -Tail 50"
                        .to_owned(),
                ),
            ),
            Fix::new(
                "See to which host names the web site answers, on the server",
                Some("appcmd list site".to_owned()),
            ),
        ],
        ..finding
    })
}

/// The statuses of that class without those about proof, rights, places and proxies.
fn is_of_form(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 407)
}
