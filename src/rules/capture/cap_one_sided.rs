//! Rule `cap-one-sided`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Bytes of the sign-on's messages are not in the capture although later ones are. What seems to be silence may be
    /// a loss of the capture.
    ///
    /// ## How it shows
    ///
    /// A message of the attempt with bytes that no frame brought; a request over a connection whose opening nobody answers in
    /// the capture, or nothing at all from servers of several kinds; answers without any request.
    ///
    /// ## What else it could be
    ///
    /// A retransmission that brings the bytes later fills the hole; then nothing is reported.
    ///
    /// ## What to do
    ///
    /// Capture on the client's own adapter, on all of them, with a larger buffer.
    pub(in crate::rules) static CAP_ONE_SIDED = {
        id: "cap-one-sided",
        summary: "packets are missing from the capture",
        severity: Warning,
        stage: Capture,
        owner: Client,
        sources: ["https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-errors-in-network-captures/ba-p/400066"],
        since: "0.1.0",
        supersedes: [],
        check: Both(of_attempt, of_capture),
    }
}

fn of_attempt(attempt: &Attempt) -> Option<Finding> {
    unheard(attempt).or_else(|| missed(attempt))
}

/// What was sent to the client is not there.
fn unheard(attempt: &Attempt) -> Option<Finding> {
    let frame = attempt.unheard()?;
    Some(Finding {
        title: "What the servers sent to the client is not in the capture".to_owned(),
        explanation: "The client goes on as if it had been answered, or hears from no server of any kind. Whether it was answered, and how, this capture cannot tell.".to_owned(),
        evidence: vec![Evidence::new(frame, "the client asks here, and nothing that came back to it was captured")],
        fix: whole(),
        ..CAP_ONE_SIDED.finding(Confidence::Likely)
    })
}

/// Answers of web servers and KDCs without any question.
fn of_capture(facts: &CaptureFacts) -> Option<Finding> {
    let asked = facts.web_requests.count + facts.ticket_requests.count;
    let frame = facts.unasked.first.filter(|_| asked == 0)?;
    Some(Finding {
        title: "What the client sent is not in the capture".to_owned(),
        explanation: "The capture holds answers of web servers or KDCs, and no request to one. What was asked, and by whom, cannot be told.".to_owned(),
        evidence: vec![Evidence::new(frame, "an answer whose request is not there")],
        fix: whole(),
        ..CAP_ONE_SIDED.finding(Confidence::Proven)
    })
}

fn missed(attempt: &Attempt) -> Option<Finding> {
    let missed = attempt
        .visibility
        .missed
        .filter(|_| !attempt.is_accepted())?;
    Some(Finding {
        title: "Packets are missing from the capture".to_owned(),
        explanation: "Bytes of a message are not here although later ones are. Where this report says that something did not come, it may only be missing from the capture.".to_owned(),
        evidence: vec![Evidence::new(missed, "a message that begins here has bytes that no frame brought")],
        fix: whole(),
        ..CAP_ONE_SIDED.finding(Confidence::Likely)
    })
}

fn whole() -> Vec<Fix> {
    vec![Fix::new(
        "Capture on the client itself, whole frames, both directions",
        Some("pktmon start --capture --pkt-size 0".to_owned()),
    )]
}
