//! Rule `http-403`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::outcome::Outcome;
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
    let exchange = attempt.deciding_exchange()?;
    let answer = exchange.answer.as_ref()?;
    let status = answer.response.head.status;
    let failed = matches!(attempt.outcome, Outcome::ServerError | Outcome::Rejected);
    if !failed || (status != 403) {
        return None;
    }
    let severity = if attempt.kind == AttemptKind::Ccm {
        HTTP_403.meta.severity
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
        title: "The server answers 403: it forbids the request".to_string(),
        explanation: format!(
            "The server answered {proof} with {status} {reason}. It may want TLS, or a certificate of the client; the sub-status in its log says which."
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("{status} {reason}")),
            Evidence::new(exchange.asked.first(), proof),
        ],
        fix: vec![Fix::new(
            "Read the sub-status of that request in the IIS log: 4 wants TLS, 7 wants a certificate",
            None,
        )],
        ..HTTP_403.finding(Confidence::Proven)
    })
}
