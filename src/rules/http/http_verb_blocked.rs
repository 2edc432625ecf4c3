//! Rule `http-verb-blocked`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Something on the way, or a filter of the web server, does not let the method of Configuration Manager's messages
    /// through.
    ///
    /// ## How it shows
    ///
    /// 405 or 501 to a request with the method CCM_POST.
    ///
    /// ## What else it could be
    ///
    /// The same answers to methods of other programs do not matter.
    ///
    /// ## What to do
    ///
    /// Allow the method CCM_POST in request filtering and on firewalls that look into HTTP.
    pub(in crate::rules) static HTTP_VERB_BLOCKED = {
        id: "http-verb-blocked",
        summary: "something forbids the method of the request",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code"],
        since: "0.1.0",
        supersedes: ["ntlm-accepted", "http-401-no-reason", "http-5xx"],
        check: Attempt(check),
    }
}

pub(super) fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| matches!(status, 405 | 501))?;
    let method = failure.exchange.request.head.method.as_str();
    if !method.eq_ignore_ascii_case("CCM_POST") {
        return None;
    }
    let status = failure.answer.response.head.status;
    Some(Finding {
        title: format!("The method {method} is not let through: {status}"),
        explanation: format!(
            "{} was answered with {}: the server, or something before it, does not take this method. A good proof cannot change that.",
            capital(failure.asked()),
            failure.said()
        ),
        fix: vec![Fix::new(
            "See which methods are allowed, on the server",
            Some("appcmd list config -section:requestFiltering".to_owned()),
        )],
        ..failure.finding(&HTTP_VERB_BLOCKED)
    })
}

/// The first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
