//! Rule `kdc-too-big-no-tcp`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
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
    let failed = attempt.kdc_connects.iter().find(|connect| {
        connect.server.addr == address && connect.first().frame > frame && connect.is_failed()
    });
    let next = match failed {
        Some(connect) => Evidence::new(connect.first().frame, "the connection over TCP fails"),
        None if attempt.watched_since(answer.span.time) >= SILENCE_NANOS => {
            Evidence::new(frame, "no connection to the KDC follows")
        }
        None => return None,
    };
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
