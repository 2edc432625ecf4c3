//! Rule `as-preauth-abandoned`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC asked the client to prove its key first, and the client asked no more: it has no key for what was
    /// offered, or its program ended.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 25 as the last word to an AS-REQ, and no other one in the ten seconds after it.
    ///
    /// ## What else it could be
    ///
    /// A second request over another connection, or to another KDC, that this capture would show.
    ///
    /// ## What to do
    ///
    /// Compare what the KDC offers with what the computer has.
    pub(in crate::rules) static AS_PREAUTH_ABANDONED = {
        id: "as-preauth-abandoned",
        summary: "asked for proof of its key, the client never came back",
        severity: Error,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 3.1.3", "RFC 6113"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A client that has a key proves it at once.
const GIVEN_UP_NANOS: i64 = 10_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |_, error| {
        error.code == ErrorCode::PREAUTH_REQUIRED
    })?;
    let last = refusal.request.last_span();
    let goes_on = attempt.first_tickets().any(|later| {
        let asked = later.asked.first();
        // Frames that were written out of order may show the proof before the answer that asks for it.
        asked > last.last() || (asked > refusal.request.asked.first() && later.proves_key())
    });
    if goes_on || !attempt.is_given_up_after(last.last_time, GIVEN_UP_NANOS) {
        return None;
    }
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    let offered: Vec<String> = refusal
        .error
        .etype_info
        .iter()
        .map(ToString::to_string)
        .collect();
    let offered = if offered.is_empty() {
        String::new()
    } else {
        format!(" It offered {}.", offered.join(", "))
    };
    Some(Finding {
        title: format!("{realm} asked {account} for proof of its key, and the client never came back"),
        explanation: format!("The KDC of {realm} answered {}.{offered} The client sent no further request for a first ticket.", refusal.said()),
        rivals: vec![Rival::new("as-etype-nosupp", "the client may have no key of the types that are offered: its policy for encryption types tells")],
        fix: vec![
            Fix::new("See which types the client may use", Some("Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters".to_owned())),
            Fix::new("See whether the computer's secure channel is sound", Some("Test-ComputerSecureChannel -Verbose".to_owned())),
        ],
        ..refusal.finding(&AS_PREAUTH_ABANDONED, Confidence::Likely)
    })
}
