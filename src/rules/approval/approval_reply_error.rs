//! Rule `approval-reply-error`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The sign-on was good, and the management point could not, or would not, take the registration itself.
    ///
    /// ## How it shows
    ///
    /// The answer to a registration has Status 2, 3 or 4.
    ///
    /// ## What else it could be
    ///
    /// Status 1 means that the site has not decided yet, and is no fault by itself.
    ///
    /// ## What to do
    ///
    /// Read the management point's log of registrations; with status 4 give the client a new certificate.
    pub(in crate::rules) static APPROVAL_REPLY_ERROR = {
        id: "approval-reply-error",
        summary: "the management point accepts the sign-on and not the registration",
        severity: Error,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/en-us/previous-versions/system-center/developer/cc143414(v=msdn.10)"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let (exchange, answer, status) = attempt.http.iter().rev().find_map(|exchange| {
        let answer = exchange.answer.as_ref()?;
        let status = answer.response.ccm.as_ref()?.reply.as_ref()?.status?;
        Some((exchange, answer, status))
    })?;
    let meaning = match status {
        2 => "it could not process it, and the client is to send it again",
        3 => "it rejects it: the client is blocked, or the message is not valid",
        4 => "the certificate is another client's, and the client is to make a new one",
        _ => return None,
    };
    Some(Finding {
        title: format!("The management point does not take the registration: status {status}"),
        explanation: format!(
            "The web server accepted the request, and the management point answered that {meaning}."
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("Status {status}")),
            Evidence::new(exchange.asked.first(), "the registration"),
        ],
        fix: vec![Fix::new(
            "Read the log of registrations, on the management point (MP_RegistrationManager.log)",
            None,
        )],
        ..APPROVAL_REPLY_ERROR.finding(Confidence::Proven)
    })
}
