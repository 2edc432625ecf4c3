//! Rule `ntlm-after-tgs-error`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client fell back to NTLM because it got no ticket. It is a consequence: the cause is the error before it.
    ///
    /// ## How it shows
    ///
    /// A refused or unanswered ticket request, then an NTLM token.
    ///
    /// ## What else it could be
    ///
    /// Two processes may have sent the two.
    ///
    /// ## What to do
    ///
    /// Mend what the error is about.
    pub(in crate::rules) static NTLM_AFTER_TGS_ERROR = {
        id: "ntlm-after-tgs-error",
        summary: "NTLM after a Kerberos error",
        severity: Note,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.granted_service_ticket().is_some() {
        return None;
    }
    let chosen = attempt
        .http
        .iter()
        .find(|exchange| exchange.ntlm_type().is_some())?;
    let failed = attempt.tickets.iter().rev().find(|request| {
        request.asked.first() < chosen.asked.first()
            && request.issued().is_none()
            && !attempt.is_answered_later(request)
    })?;
    if failed.error().is_none() && attempt.unheard().is_some() {
        return None;
    }
    let confidence = match failed.error() {
        Some(_) => Confidence::Proven,
        None => Confidence::Likely,
    };
    let how = failed
        .error()
        .map_or_else(|| "no answer".to_owned(), |error| error.code.to_string());
    Some(Finding {
        title: "The client fell back to NTLM, because it got no ticket".to_owned(),
        explanation: "The ticket request before it failed; NTLM is what was left.".to_owned(),
        evidence: vec![
            Evidence::new(chosen.asked.first(), "NTLM"),
            Evidence::new(failed.answered_in().unwrap_or(failed.asked.first()), how),
        ],
        ..NTLM_AFTER_TGS_ERROR.finding(confidence)
    })
}
