//! Rule `cap-snaplen`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The capture kept only the beginning of each frame. Tickets and tokens are cut, so that a ticket in a token can be
    /// compared with an issued one by its names and its length only.
    ///
    /// ## How it shows
    ///
    /// A frame of the attempt has fewer captured bytes than it had on the wire.
    ///
    /// ## What else it could be
    ///
    /// Frames that are larger than the network allows are no fault: the network card cuts them later.
    ///
    /// ## What to do
    ///
    /// Take the capture anew with whole frames.
    pub(in crate::rules) static CAP_SNAPLEN = {
        id: "cap-snaplen",
        summary: "messages of the attempt were cut short",
        severity: Warning,
        stage: Capture,
        owner: Client,
        sources: ["field practice"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let frame = attempt.visibility.snapped?;
    let severity = if attempt.is_accepted() {
        Severity::Note
    } else {
        CAP_SNAPLEN.meta.severity
    };
    Some(Finding {
        severity,
        title: "Messages of this attempt are cut short".to_owned(),
        explanation: "The capture was taken with a snap length: only the beginning of each frame is there. What stood behind it, names and tokens among it, is not known.".to_owned(),
        evidence: vec![Evidence::new(frame, "the first message of the attempt that is cut")],
        fix: vec![Fix::new(
            "Take the capture with whole frames",
            Some("pktmon start --capture --pkt-size 0".to_owned()),
        )],
        ..CAP_SNAPLEN.finding(Confidence::Proven)
    })
}
