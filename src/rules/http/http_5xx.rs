//! Rule `http-5xx`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web server answers that it failed. That is no matter of proof: a pool is stopped, or what stands behind the page
    /// does not work.
    ///
    /// ## How it shows
    ///
    /// 500, 502, 503 or 504 instead of an answer, or after the proof was sent.
    ///
    /// ## What else it could be
    ///
    /// A single 503 while a pool restarts is followed by success; then nothing is reported.
    ///
    /// ## What to do
    ///
    /// Look at the application pools and the log of the management point.
    pub(in crate::rules) static HTTP_5XX = {
        id: "http-5xx",
        summary: "the server fails",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-accepted", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| (500..600).contains(&status))?;
    let status = failure.answer.response.head.status;
    Some(Finding {
        title: format!("{} answers {status}: it fails", failure.who()),
        explanation: format!(
            "{} answered {} with {}. Whatever the proof was worth, that is no answer to it.",
            failure.who(),
            failure.asked(),
            failure.said()
        ),
        fix: vec![
            Fix::new(
                "See whether the pools run, on the server",
                Some("appcmd list apppool".to_owned()),
            ),
            Fix::new("Read mpcontrol.log on the management point", None),
        ],
        ..failure.finding(&HTTP_5XX)
    })
}
