//! Rule `http-5xx`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::outcome::Outcome;
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
    let exchange = attempt.deciding_exchange()?;
    let answer = exchange.answer.as_ref()?;
    let status = answer.response.head.status;
    let failed = matches!(attempt.outcome, Outcome::ServerError | Outcome::Rejected);
    if !failed || !(500..600).contains(&status) {
        return None;
    }
    let severity = if attempt.kind == AttemptKind::Ccm {
        HTTP_5XX.meta.severity
    } else {
        Severity::Warning
    };
    let reason = answer.response.head.reason.as_str();
    let proof = if exchange.windows_token().is_some() {
        "the request with the proof"
    } else {
        "the request"
    };
    Some(Finding {
        severity,
        title: format!("The server answers {status}: it fails"),
        explanation: format!(
            "The server answered {proof} with {status} {reason}. Whatever the proof was worth, the server could not do its part."
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("{status} {reason}")),
            Evidence::new(exchange.asked.first(), proof),
        ],
        fix: vec![
            Fix::new(
                "See whether the pools run, on the server",
                Some("appcmd list apppool".to_owned()),
            ),
            Fix::new("Read mpcontrol.log on the management point", None),
        ],
        ..HTTP_5XX.finding(Confidence::Proven)
    })
}
