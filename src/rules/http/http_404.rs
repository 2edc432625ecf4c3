//! Rule `http-404`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web server knows no such directory: it is no management point, or its role is broken.
    ///
    /// ## How it shows
    ///
    /// 404 to the path of the request.
    ///
    /// ## What else it could be
    ///
    /// A filter may answer 404 for a method or an extension that it does not let through.
    ///
    /// ## What to do
    ///
    /// See whether the name leads to the right server; install the role anew.
    pub(in crate::rules) static HTTP_404 = {
        id: "http-404",
        summary: "the directory does not exist on that server",
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
    let failure = Failure::of(attempt, |status| status == 404)?;
    Some(Finding {
        title: format!(
            "{} knows no {}: it answers 404",
            failure.who(),
            failure.exchange.path()
        ),
        explanation: format!(
            "{} answered {} with {}. A management point has that directory; this server is none, or its role is broken, or a filter hides the directory.",
            failure.who(),
            failure.asked(),
            failure.said()
        ),
        fix: vec![
            Fix::new("See where the name leads, on the client", None),
            Fix::new(
                "See the directories, on the server",
                Some("appcmd list vdir".to_owned()),
            ),
        ],
        ..failure.finding(&HTTP_404)
    })
}
