//! Rule `cap-no-attempt`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::frame::FrameNumber;
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::declare_rule;
use crate::rules::words;

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
        severity: Note,
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
    let asked = facts.web_requests.count + facts.ticket_requests.count;
    if asked == 0 && facts.unasked.count > 0 {
        // What was asked is not in the capture, and with it any attempt.
        return None;
    }
    if let Some(frame) = facts.snapped.first {
        return Some(hidden(facts, frame));
    }
    let (evidence, seen) = seen_instead(facts);
    Some(Finding {
        title: "The capture holds no sign-on attempt".to_owned(),
        explanation: format!(
            "No message of the capture asks for Windows proof or shows it, and no ticket for a web service is asked for. {seen}"
        ),
        evidence: vec![evidence],
        fix: vec![
            Fix::new(
                "Let the computer forget its tickets, so that all of the sign-on is seen",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
            Fix::new(
                "Start the agent only when the capture runs",
                Some("net start ccmexec".to_owned()),
            ),
        ],
        ..CAP_NO_ATTEMPT.finding(Confidence::Proven)
    })
}

/// Frames are cut: an attempt may be in what is not there.
fn hidden(facts: &CaptureFacts, frame: FrameNumber) -> Finding {
    let cut = words::count(facts.snapped.count, "frame");
    Finding {
        title: "The capture shows no sign-on attempt, and its frames are cut short".to_owned(),
        explanation: format!(
            "The capture was taken with a snap length: of {cut} only the beginning is there. What can be read asks for no Windows proof and shows none; an attempt may be in the rest."
        ),
        evidence: vec![Evidence::new(frame, "the first frame that is cut")],
        fix: vec![Fix::new(
            "Take the capture with whole frames",
            Some("pktmon start --capture --pkt-size 0".to_owned()),
        )],
        ..CAP_NO_ATTEMPT.finding(Confidence::Proven)
    }
}

/// What the capture holds that comes nearest to an attempt, and where.
fn seen_instead(facts: &CaptureFacts) -> (Evidence, String) {
    if let Some(frame) = facts.web_requests.first {
        let requests = words::count(facts.web_requests.count, "web request");
        let text = format!("It holds {requests}, and no server asks for proof.");
        return (Evidence::new(frame, "the first web request"), text);
    }
    if let Some(frame) = facts.tls_starts.first {
        let connections = words::count(facts.tls_starts.count, "TLS connection");
        let text = format!(
            "It holds {connections}, whose content cannot be seen, and no web traffic in clear."
        );
        return (Evidence::new(frame, first_tls(facts)), text);
    }
    if let Some(frame) = facts.ticket_requests.first {
        let text = "It holds no web traffic, and its requests to KDCs are for other services.";
        let first = Evidence::new(frame, "the first request to a KDC, for another service");
        return (first, text.to_owned());
    }
    let first = Evidence::new(FrameNumber(1), "the capture begins");
    (first, "There is no web traffic in it.".to_owned())
}

fn first_tls(facts: &CaptureFacts) -> String {
    match &facts.first_tls {
        Some((_, Some(name))) => format!("the first TLS connection, to {name}"),
        Some((address, None)) => format!("the first TLS connection, to {address}"),
        None => "the first TLS connection".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::model::capture_facts::Tally;

    fn facts() -> CaptureFacts {
        CaptureFacts {
            frames: 9,
            ..CaptureFacts::default()
        }
    }

    fn once(frame: u64) -> Tally {
        Tally {
            count: 1,
            first: Some(FrameNumber(frame)),
        }
    }

    fn seen(facts: &CaptureFacts) -> Option<(u64, String)> {
        check(facts).map(|finding| (finding.evidence[0].frame.0, finding.explanation))
    }

    #[test]
    fn web_traffic_without_proof_is_told_from_encrypted_traffic_and_from_none() {
        let tls = CaptureFacts {
            tls_starts: once(2),
            ..facts()
        };
        let web = CaptureFacts {
            web_requests: once(4),
            ..tls.clone()
        };
        assert!(
            seen(&web).is_some_and(|(frame, text)| frame == 4 && text.contains("1 web request,"))
        );
        assert!(seen(&tls).is_some_and(|(frame, text)| frame == 2 && text.contains("TLS")));
        assert!(seen(&facts()).is_some_and(|(frame, _)| frame == 1));
    }

    #[test]
    fn what_may_be_missing_from_the_capture_is_not_denied() {
        let cut = CaptureFacts {
            snapped: once(3),
            ..facts()
        };
        assert!(seen(&cut).is_some_and(|(frame, text)| frame == 3 && text.contains("snap length")));
        let answers = CaptureFacts {
            unasked: once(2),
            ..facts()
        };
        assert!(check(&answers).is_none());
    }

    #[test]
    fn a_capture_without_a_sign_on_holds_nothing_above_a_note() {
        let severity = check(&facts()).map(|finding| finding.severity);
        assert_eq!(severity, Some(Severity::Note));
    }

    #[test]
    fn a_capture_with_an_attempt_or_without_frames_is_not_spoken_of() {
        let with_attempt = CaptureFacts {
            attempts: 1,
            ..facts()
        };
        assert!(check(&with_attempt).is_none());
        assert!(check(&CaptureFacts::default()).is_none());
    }
}
