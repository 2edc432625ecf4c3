//! Rule `http-4xx`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::http::{Failure, http_400_header_too_long, http_verb_blocked};
use crate::rules::rule::declare_rule;
use crate::wire::http::BAD_REQUEST;

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
        summary: "the server does not take the request, and the reason is not proof",
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
    let is_told = http_400_header_too_long::check(attempt).is_some()
        || http_verb_blocked::check(attempt).is_some();
    if is_told {
        return None;
    }
    let status = failure.answer.response.head.status;
    if status == BAD_REQUEST && failure.exchange.request.head.is_cut {
        // How long its header is cannot be seen.
        return None;
    }
    let method = failure.exchange.request.head.method.as_str();
    let finding = failure.finding(&HTTP_4XX);
    let meaning = meaning(status);
    let filter = meaning.is_none().then(|| {
        Rival::new(
            "http-verb-blocked",
            format!(
                "a filter that does not know the method {method} may answer so: its log tells, or GET to the same server"
            ),
        )
    });
    let confidence = filter
        .as_ref()
        .map_or(Confidence::Proven, |_| Confidence::Likely);
    let mut fix = vec![Fix::new(
        "Read what whoever answers logged: on a web server of Windows HTTP.sys logs it, on the server",
        Some(r"Get-Content C:\Windows\System32\LogFiles\HTTPERR\httperr*.log -Tail 50".to_owned()),
    )];
    fix.extend((status == BAD_REQUEST).then(|| {
        Fix::new(
            "See to which host names the web site answers, on the server",
            Some("appcmd list site".to_owned()),
        )
    }));
    Some(Finding {
        title: format!("{} answers {status}: it refuses the request", failure.who()),
        explanation: format!(
            "{} answered {} with {}. {} That is not about the proof.{}",
            failure.who(),
            failure.asked(),
            failure.said(),
            meaning.unwrap_or("It does not take the form of the request."),
            software(&failure)
        ),
        confidence: finding.confidence.min(confidence),
        rivals: finding.rivals.into_iter().chain(filter).collect(),
        fix,
        ..finding
    })
}

/// What the server calls itself: not every one is a web server of Windows.
fn software(failure: &Failure<'_>) -> String {
    let server = failure.answer.response.head.server.as_ref();
    server.map_or_else(String::new, |server| {
        format!(" Who answers calls itself {server}.")
    })
}

/// The statuses of that class without those about proof, rights, places and proxies.
fn is_of_form(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 407)
}

/// What is wrong with the request, where the status says it (RFC 9110 section 15.5, RFC 6585).
const fn meaning(status: u16) -> Option<&'static str> {
    Some(match status {
        408 => "It waited too long for the rest of the request.",
        411 => "It wants to be told how long the body is.",
        413 => "The body is larger than it takes.",
        414 => "The path is longer than it takes.",
        415 => "It does not take a body of this type.",
        417 => "It cannot do what the header Expect asks for.",
        429 => "It gets too many requests from this client.",
        431 => "A header, or all of them, is larger than it takes.",
        _ => return None,
    })
}
