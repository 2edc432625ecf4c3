//! Rule `cap-not-on-client`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// The client's own time in its messages differs from the time of the frames: the capture was taken elsewhere.
    /// Offsets count between machines, and not against the times of the frames.
    ///
    /// ## How it shows
    ///
    /// The time in the client's messages differs from that of the frame by more than two seconds.
    ///
    /// ## What else it could be
    ///
    /// A client whose clock is set while it is captured: then the times of the frames jump too. Where the difference is a whole
    /// number of quarters of an hour: a capture whose times are those of a wall clock, as Network Monitor before 3.4 writes them.
    ///
    /// ## What to do
    ///
    /// Nothing; compare the clocks of the machines with each other.
    pub(in crate::rules) static CAP_NOT_ON_CLIENT = {
        id: "cap-not-on-client",
        summary: "the clock of the capture is not the client's",
        severity: Note,
        stage: Capture,
        owner: Client,
        sources: ["https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-errors-in-network-captures/ba-p/400066"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// Messages say whole seconds, and wait for a moment before they are sent.
const FELT_NANOS: i64 = 2_500_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let reading = attempt.clock(attempt.client)?;
    let offset = reading.offset_nanos;
    // A message may wait for long before it is sent; none is sent before it is made.
    let (whose, confidence) = if offset < 0 && !is_zone(offset) {
        ("The client's own time in a message", Confidence::Possible)
    } else {
        ("The client's clock", Confidence::Likely)
    };
    let why = if is_zone(offset) {
        "That is a time zone: either the times of the capture are those of a wall clock, or it was not taken with the client's clock. What counts are the differences between the machines."
    } else if offset < 0 {
        "Unless the message waited so long before it was sent, the capture was not taken with the client's clock: what counts are the differences between the machines."
    } else {
        "So the capture was not taken with the client's clock: what counts are the differences between the machines."
    };
    (offset.saturating_abs() > FELT_NANOS).then(|| Finding {
        title: format!("{whose} is {}", words::apart(offset, "that of the capture")),
        explanation: format!(
            "The client's own time in its messages is {}. {why}",
            words::apart(offset, "the time of the frames")
        ),
        evidence: vec![Evidence::new(reading.frame, "holds the client's own time")],
        ..CAP_NOT_ON_CLIENT.finding(confidence)
    })
}

/// Whether an offset is that of a time zone, as far as messages tell.
fn is_zone(offset: i64) -> bool {
    const QUARTER: i64 = 15 * 60 * 1_000_000_000;
    let rest = offset.saturating_add(FELT_NANOS).rem_euclid(QUARTER);
    offset.saturating_abs() > QUARTER / 2 && rest < 2 * FELT_NANOS
}

#[cfg(test)]
mod tests {
    use super::{check, is_zone};
    use crate::model::clock::samples;
    use crate::rules::testing::{attempt, found_address, web};
    use crate::wire::ccm::CcmMessage;

    #[test]
    fn a_message_that_waited_for_a_connection_tells_of_no_clock() {
        const NOON: u64 = 1_000_000_000;
        let sent = |asked_after: u64, posted_after: u64| {
            let mut exchange = web(NOON + posted_after, 401);
            exchange.request.ccm = Some(Box::new(CcmMessage {
                sent_time: Some("2001-09-09T01:46:40Z".into()),
                ..CcmMessage::default()
            }));
            let mut attempt = attempt(60);
            attempt.http = vec![exchange];
            attempt.lookups = vec![found_address(NOON + asked_after, "mp.root.lab")];
            attempt.clocks = samples(&attempt);
            check(&attempt).map(|finding| finding.title)
        };
        assert_eq!(sent(0, 5), None, "an address before this one was dead");
        let behind = sent(4, 5).expect("it was made before the first step");
        assert!(behind.contains("behind"), "{behind}");
    }

    #[test]
    fn zones_are_whole_quarters_of_an_hour() {
        let minute = 60_000_000_000;
        for zone in [-300, -15, 15, 345, 720] {
            assert!(
                is_zone(zone * minute) && is_zone(zone * minute - 1_000_000_000),
                "{zone}"
            );
        }
        for other in [0, 1, 11, 307] {
            assert!(!is_zone(other * minute), "{other}");
        }
    }
}
