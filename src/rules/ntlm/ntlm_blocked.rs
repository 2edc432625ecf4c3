//! Rule `ntlm-blocked`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A policy of the client, the server or the domain may forbid NTLM, so that only Kerberos can work. A server that refuses the
    /// very first message of NTLM takes no NTLM at all, whatever the reason.
    ///
    /// ## How it shows
    ///
    /// A 401 without a challenge to the first message of NTLM (type 1). Or an NTLM proof is refused, or the client stops after the
    /// server's challenge: then it is a question.
    ///
    /// ## What else it could be
    ///
    /// A wrong password, or a domain that is not trusted, is refused the same way, but not before the proof. A server that is not
    /// Windows may know no NTLM though it offers Negotiate.
    ///
    /// ## What to do
    ///
    /// Mend Kerberos; or make an exception from the policy.
    pub(in crate::rules) static NTLM_BLOCKED = {
        id: "ntlm-blocked",
        summary: "NTLM is refused at its first message, or a question: is it forbidden by policy?",
        severity: Note,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/ntlm-overview"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// The policy, and what the machine has logged of it.
const POLICY: &str = r"reg query HKLM\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0";
const LOG: &str = "wevtutil qe Microsoft-Windows-NTLM/Operational /c:20 /rd:true /f:text";

fn check(attempt: &Attempt) -> Option<Finding> {
    let lacked_ticket = attempt
        .tickets
        .iter()
        .any(|request| request.error().is_some() && !attempt.is_healed(request));
    let last = attempt.last_token().filter(|_| !attempt.is_accepted())?;
    let answer = last.answer.as_ref()?;
    if last.ntlm_type() == Some(1) && last.is_refused_without_challenge() {
        let severity = if lacked_ticket {
            Severity::Note
        } else {
            Severity::Error
        };
        return Some(Finding {
            severity,
            ..refused_at_once(last, answer)
        });
    }
    if lacked_ticket {
        return None;
    }
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
        fix: vec![Fix::new("See the policy, on the client and on the server", Some(POLICY.to_owned()))],
        ..NTLM_BLOCKED.finding(Confidence::Possible)
    })
}

/// A server that takes NTLM answers its first message with a challenge, whoever the client is: there is nothing to judge in it.
fn refused_at_once(last: &HttpExchange, answer: &HttpAnswer) -> Finding {
    let proxy = last.is_through_proxy().then(|| {
        Rival::new(
            "http-proxy-in-path",
            "a proxy that does not keep the connection of a handshake breaks NTLM: a capture at the server shows whether its challenge is lost on the way",
        )
    });
    let other = Rival::new(
        "http-no-negotiate-offered",
        "a server that is not Windows may offer what it does not take: its configuration tells",
    );
    Finding {
        owner: Owner::Mp,
        title: "The server refuses NTLM at its first message".to_owned(),
        explanation: "The client began NTLM, and the server answered 401 without a challenge. There is no proof in that first message: the server refuses NTLM itself, and not this client. A policy on the server (incoming NTLM denied) may be why.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "401, and no NTLM challenge in it"),
            Evidence::new(last.asked.first(), "the first message of NTLM (type 1)"),
        ],
        rivals: proxy.into_iter().chain([other]).collect(),
        fix: vec![
            Fix::new("See the policy, on the server", Some(POLICY.to_owned())),
            Fix::new("Read what it has logged of refused NTLM, on the server", Some(LOG.to_owned())),
        ],
        ..NTLM_BLOCKED.finding(Confidence::Likely)
    }
}
