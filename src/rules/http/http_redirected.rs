//! Rule `http-redirected`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The server sends the client to another host or to another scheme. The service name, the certificate and the
    /// rules of proxies follow the new name.
    ///
    /// ## How it shows
    ///
    /// 301, 302, 307 or 308 with a Location on another host or scheme, as the answer that decided.
    ///
    /// ## What else it could be
    ///
    /// A redirect to another path of the same server is harmless.
    ///
    /// ## What to do
    ///
    /// Take the redirect off the management point's web site.
    pub(in crate::rules) static HTTP_REDIRECTED = {
        id: "http-redirected",
        summary: "the server sends the client to another name",
        severity: Warning,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| {
        matches!(status, 301 | 302 | 303 | 307 | 308)
    })?;
    let (scheme, host) = failure.answer.location()?;
    let is_same_host = attempt.target.is_meant_by(host);
    if is_same_host && scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let consequence = if is_same_host {
        "The name stays, and with it the service name; what follows is encrypted, if the client goes there at all."
    } else {
        "A ticket for the old name does not fit the new one, and whether the client goes there at all is its own affair."
    };
    Some(Finding {
        title: format!("The server sends the client to {scheme}://{host}"),
        explanation: format!(
            "The request was answered with {} and the Location {scheme}://{host}. {consequence}",
            failure.said()
        ),
        fix: vec![Fix::new(
            "See the redirects of the web site, on the server",
            Some("appcmd list config \"Default Web Site\" -section:httpRedirect".to_owned()),
        )],
        ..failure.finding(&HTTP_REDIRECTED)
    })
}
