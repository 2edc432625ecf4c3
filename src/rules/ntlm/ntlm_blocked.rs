//! Rule `ntlm-blocked`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A policy of the client, the server or the domain may forbid NTLM, so that only Kerberos can work.
    ///
    /// ## How it shows
    ///
    /// An NTLM proof is refused, or the client stops after the server's challenge.
    ///
    /// ## What else it could be
    ///
    /// A wrong password, or a domain that is not trusted, is refused the same way.
    ///
    /// ## What to do
    ///
    /// Mend Kerberos; or make an exception from the policy.
    pub(in crate::rules) static NTLM_BLOCKED = {
        id: "ntlm-blocked",
        summary: "a question: is NTLM forbidden by policy?",
        severity: Note,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/ntlm-overview"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let lacked_ticket = attempt
        .service_tickets()
        .any(|request| request.error().is_some());
    if attempt.is_accepted() || lacked_ticket {
        return None;
    }
    let last = attempt.last_token()?;
    let answer = last.answer.as_ref()?;
    let (is_refused, is_stopped) = match last.ntlm_type() {
        Some(3) => (last.status() == Some(401), false),
        Some(1) => (
            false,
            last.is_ntlm_leg() && attempt.outcome != Outcome::CutShort,
        ),
        _ => return None,
    };
    if !is_refused && !is_stopped {
        return None;
    }
    let seen = if is_refused {
        "401 to the NTLM proof"
    } else {
        "the challenge, after which the client stops"
    };
    Some(Finding {
        title: "A question: does a policy forbid NTLM here?".to_owned(),
        explanation: "The handshake fails in a way that a policy against NTLM would explain; so would other things. The logs of both sides name status 0xC0000418 if it is the policy.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), seen)],
        rivals: vec![Rival::new("ntlm-rejected", "the proof may be refused for another reason: event 4625 on the server has the status")],
        fix: vec![Fix::new("See the policy, on the client and on the server", Some("reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0".to_owned()))],
        ..NTLM_BLOCKED.finding(Confidence::Possible)
    })
}
