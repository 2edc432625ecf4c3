//! Rule `http-403`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web server forbids the request. It may want TLS or a certificate of the client, or restrict addresses.
    ///
    /// ## How it shows
    ///
    /// 403 to the request.
    ///
    /// ## What else it could be
    ///
    /// 403 to other paths, such as packages, says nothing about the sign-on.
    ///
    /// ## What to do
    ///
    /// See whether the site wants TLS and client certificates, and which addresses it lets in.
    pub(in crate::rules) static HTTP_403 = {
        id: "http-403",
        summary: "the server forbids it",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-accepted", "http-no-challenge"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| status == 403)?;
    Some(Finding {
        title: format!("{} answers 403: it forbids the request", failure.who()),
        explanation: format!(
            "{} answered {} with {}. It may want TLS, or a certificate of the client; the sub-status in its log says which.",
            failure.who(),
            failure.asked(),
            failure.said()
        ),
        fix: vec![Fix::new(
            "Read the sub-status of that request in the IIS log: 4 wants TLS, 7 wants a certificate",
            None,
        )],
        ..failure.finding(&HTTP_403)
    })
}
