//! Rule `cap-one-sided`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Bytes of the sign-on's messages are not in the capture although later ones are. What seems to be silence may be
    /// a loss of the capture.
    ///
    /// ## How it shows
    ///
    /// A message of the attempt with bytes that no frame brought.
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
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let missed = attempt
        .visibility
        .missed
        .filter(|_| !attempt.is_accepted())?;
    Some(Finding {
        title: "Packets are missing from the capture".to_owned(),
        explanation: "Bytes of a message are not here although later ones are. Where this report says that something did not come, it may only be missing from the capture.".to_owned(),
        evidence: vec![Evidence::new(missed, "a message that begins here has bytes that no frame brought")],
        fix: vec![Fix::new("Capture on the client itself, whole frames", Some("pktmon start --capture --pkt-size 0".to_owned()))],
        ..CAP_ONE_SIDED.finding(Confidence::Likely)
    })
}
