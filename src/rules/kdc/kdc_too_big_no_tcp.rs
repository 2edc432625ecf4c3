//! Rule `kdc-too-big-no-tcp`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::KdcAnswer;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC answers over UDP that its answer needs TCP, and the client gets no answer over TCP. UDP is open, TCP is
    /// closed.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 52, then a connection to the same KDC that fails, or none at all, and no answer afterwards.
    ///
    /// ## What else it could be
    ///
    /// A connection that comes later than the capture ends cannot be seen.
    ///
    /// ## What to do
    ///
    /// Open TCP port 88 from the client to the KDC.
    pub(in crate::rules) static KDC_TOO_BIG_NO_TCP = {
        id: "kdc-too-big-no-tcp",
        summary: "told to use TCP, and TCP fails",
        severity: Error,
        stage: Net,
        owner: Network,
        sources: ["RFC 4120 section 7.2.1"],
        since: "0.1.0",
        supersedes: ["kdc-tcp-timeout", "kdc-tcp-refused", "kdc-no-reply", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A client that has not begun a connection after so long will not.
const SILENCE_NANOS: i64 = 10_000_000_000;

/// A SYN that stays unanswered for so long was lost or dropped.
const DROPPED_NANOS: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let told = attempt
        .tickets
        .iter()
        .rev()
        .find(|request| request.is_refused_with(ErrorCode::RESPONSE_TOO_BIG))?;
    let answer = told.answer.as_ref()?;
    let frame = answer.span.last();
    if !attempt.lacks_ticket() || attempt.hears_from_kdc_after(frame) {
        return None;
    }
    let address = told.kdc.addr;
    let next = failure(attempt, answer, address)?;
    Some(Finding {
        title: format!("The KDC {address} wants TCP, and TCP fails"),
        explanation: format!(
            "The KDC at {address} answered over UDP that its answer is too big for a datagram. The client got no answer over TCP."
        ),
        evidence: vec![next, Evidence::new(frame, "KRB_ERR_RESPONSE_TOO_BIG (52)")],
        fix: vec![Fix::new(
            "Try the port from the client",
            Some(format!("Test-NetConnection {address} -Port 88")),
        )],
        ..KDC_TOO_BIG_NO_TCP.finding(Confidence::Proven)
    })
}

/// What became of TCP after `answer`: a connection that failed, or none though there was time. A connection that was opened
/// is another matter.
fn failure(attempt: &Attempt, answer: &KdcAnswer, kdc: IpAddr) -> Option<Evidence> {
    let told = answer.span.last();
    let last = attempt
        .kdc_connects
        .iter()
        .rfind(|connect| connect.server.addr == kdc && connect.first().frame > told);
    let Some(connect) = last else {
        return attempt
            .is_given_up_after(answer.span.last_time, SILENCE_NANOS)
            .then(|| Evidence::new(told, "no connection to the KDC follows this frame"));
    };
    let begun = connect.first();
    let dropped = attempt.is_ignored(connect)
        && (connect.syns.len() > 1 || attempt.is_given_up_after(begun.time, DROPPED_NANOS));
    let how = if connect.is_refused() {
        "the connection over TCP is refused"
    } else if dropped {
        "the connection over TCP is not answered"
    } else {
        return None;
    };
    Some(Evidence::new(begun.frame, how))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, moment, refused, silent_connect, tgs};

    fn told(until: u64) -> Attempt {
        let mut attempt = attempt(until);
        let request = tgs(1, HOME, SERVICE);
        attempt
            .tickets
            .push(refused(request, ErrorCode::RESPONSE_TOO_BIG));
        attempt
    }

    #[test]
    fn a_connection_that_nobody_answers_is_why_there_is_no_ticket() {
        let mut attempt = told(5);
        attempt.kdc_connects.push(silent_connect(&[3, 4], HOME));
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn one_syn_at_the_end_of_the_capture_says_nothing() {
        let mut attempt = told(4);
        attempt.kdc_connects.push(silent_connect(&[3], HOME));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_connection_that_was_opened_is_another_matter() {
        let mut attempt = told(60);
        let mut connect = silent_connect(&[3], HOME);
        connect.syn_ack = Some(moment(4));
        attempt.kdc_connects.push(connect);
        assert!(check(&attempt).is_none());
    }
}
