//! Rule `cap-no-attempt`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The capture holds no request that asks for Windows proof or shows it, and no ticket request for a web service.
    /// Nothing can be said about a sign-on.
    ///
    /// ## How it shows
    ///
    /// No `CCM_POST`, no challenge with Negotiate, NTLM or Kerberos, no such token, no TGS-REQ for `HTTP/host`.
    ///
    /// ## What else it could be
    ///
    /// The agent never ran while the capture was taken; it never got a connection; or its traffic is encrypted, where the
    /// server's name alone is seen.
    ///
    /// ## What to do
    ///
    /// Take the capture anew: set the agent's service to manual, restart the computer, start the capture, then the service.
    pub(in crate::rules) static CAP_NO_ATTEMPT = {
        id: "cap-no-attempt",
        summary: "the capture holds no sign-on attempt",
        severity: Warning,
        stage: Capture,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Capture(check),
    }
}

fn check(facts: &CaptureFacts) -> Option<Finding> {
    if facts.attempts > 0 || facts.frames == 0 {
        return None;
    }
    let (frame, seen) = seen_instead(facts);
    Some(Finding {
        severity: Severity::Note,
        title: "The capture holds no sign-on attempt".to_owned(),
        explanation: format!(
            "No message of the capture asks for Windows proof or shows it, and no ticket for a web service is asked for. {seen}"
        ),
        evidence: vec![Evidence::new(
            frame,
            "the capture begins here, or what comes nearest to an attempt",
        )],
        fix: vec![Fix::new(
            "Take a capture that begins before the agent does",
            Some("net start ccmexec".to_owned()),
        )],
        ..CAP_NO_ATTEMPT.finding(Confidence::Proven)
    })
}

/// What the capture holds that comes nearest to an attempt, and where.
fn seen_instead(facts: &CaptureFacts) -> (crate::frame::FrameNumber, String) {
    let first = crate::frame::FrameNumber(1);
    if let Some(frame) = facts.web_requests.first {
        let text = format!(
            "There are {} web requests, none of which is asked for proof.",
            facts.web_requests.count
        );
        return (frame, text);
    }
    if let Some(frame) = facts.tls_starts.first {
        let text = format!(
            "There are {} TLS connections, whose content cannot be seen, and no web traffic in clear.",
            facts.tls_starts.count
        );
        return (frame, text);
    }
    (first, "There is no web traffic in it.".to_owned())
}
