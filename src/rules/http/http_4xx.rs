//! Rule `http-4xx`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::{Failure, http_400_header_too_long, http_verb_blocked};
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web server, or something before it, does not take the request, for a reason that its status names. That is no
    /// matter of proof.
    ///
    /// ## How it shows
    ///
    /// A status of 400 to 499 that is not about proof (401, 407), rights (403), the page (404) or the method of Configuration
    /// Manager clients (405): 408, 413, 429, ….
    ///
    /// ## What else it could be
    ///
    /// A header that is too long is a finding of its own.
    ///
    /// ## What to do
    ///
    /// Read the error log of whoever answers: the header Server names it.
    pub(in crate::rules) static HTTP_4XX = {
        id: "http-4xx",
        summary: "the server does not take the request, and the reason is not proof",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["RFC 9110 section 15.5", "RFC 6585"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-accepted", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| {
        (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 407)
    })?;
    let is_told = http_400_header_too_long::check(attempt).is_some()
        || http_verb_blocked::check(attempt).is_some();
    if is_told {
        return None;
    }
    let head = &failure.answer.response.head;
    let status = head.status;
    let server = head.server.as_ref().map_or_else(String::new, |server| {
        format!(" Who answers calls itself {server}.")
    });
    Some(Finding {
        title: format!("The server does not take the request: {}", failure.said()),
        explanation: format!(
            "The server answered {} with {}. {}{server}",
            failure.asked(),
            failure.said(),
            meaning(status)
        ),
        fix: vec![Fix::new(
            "Read the error log of whoever answers: on a web server of Windows, httperr.log beside the IIS log",
            None,
        )],
        ..failure.finding(&HTTP_4XX)
    })
}

/// What is wrong with the request (RFC 9110 section 15.5, RFC 6585).
const fn meaning(status: u16) -> &'static str {
    match status {
        408 => "It waited too long for the rest of the request.",
        411 => "It wants to be told how long the body is.",
        413 => "The body is larger than it takes, whatever the proof is worth.",
        414 => "The path is longer than it takes.",
        415 => "It does not take a body of this type.",
        417 => "It cannot do what the header Expect asks for.",
        429 => "It gets too many requests from this client.",
        431 => "A header, or all of them, is larger than it takes.",
        _ => "Whatever the proof is worth, it does not take the request itself.",
    }
}
