//! Rule `as-skew`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::words;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC refuses the request because the time in it differs from its own clock by more than it allows, five minutes
    /// by default.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 37 from a KDC, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// Windows corrects itself after one such error. A capture that was not taken on the client does not show the client's
    /// clock: then the difference is known to the KDC alone.
    ///
    /// ## What to do
    ///
    /// Let the client take its time from the domain, and look for what sets its clock wrong.
    pub(in crate::rules) static AS_SKEW = {
        id: "as-skew",
        summary: "the client's clock is outside the KDC's tolerance",
        severity: Error,
        stage: As,
        owner: Client,
        sources: ["https://mskb.pkisolutions.com/kb/956627", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

/// What Windows and MIT allow by default.
const TOLERANCE_NANOS: i64 = 300_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .unhealed(ErrorCode::SKEW)
        .filter(|_| !attempt.is_accepted())?;
    let answer = refused.answer.as_ref()?;
    let kdc = refused.kdc.addr;
    let (title, measured) = match difference(attempt, refused) {
        Some((nanos, how)) => {
            let (duration, direction) = (words::duration(nanos), words::direction(nanos));
            (
                format!("The client's clock is {duration} {direction} of the KDC {kdc}"),
                format!("Measured: {duration}, from {how}."),
            )
        }
        None => (
            format!("The client's clock differs from that of the KDC {kdc} by more than is allowed"),
            "By how much cannot be read from this capture: the KDC's clock agrees with that of the capture, so the capture was not timed by the client's clock, or the client built its request with another time.".to_owned(),
        ),
    };
    Some(Finding {
        title,
        explanation: format!(
            "The KDC at {kdc} refused the request because of the time in it, and the client got no ticket afterwards. {measured}"
        ),
        evidence: vec![
            Evidence::new(answer.span.last(), "KRB_AP_ERR_SKEW (37)"),
            Evidence::new(refused.asked.first(), "the request whose time is refused"),
        ],
        fix: vec![
            Fix::new(
                "Compare the clocks, on the client",
                Some(format!(
                    "w32tm /stripchart /computer:{kdc} /samples:5 /dataonly"
                )),
            ),
            Fix::new(
                "Set the client's clock anew",
                Some("w32tm /resync /rediscover".to_owned()),
            ),
        ],
        ..AS_SKEW.finding(Confidence::Proven)
    })
}

/// The client's clock minus the KDC's, and where it is read: from the two times in the error, else from the clock of the
/// capture, if that is outside the tolerance and so can be the client's.
fn difference(attempt: &Attempt, refused: &TicketRequest) -> Option<(i64, &'static str)> {
    let error = refused.error()?;
    if let (Some(client), Some(kdc)) = (error.ctime, error.stime) {
        return Some((client.nanos - kdc.nanos, "the two times in the error"));
    }
    let reading = attempt.clock(refused.kdc.addr)?;
    (reading.offset_nanos.abs() > TOLERANCE_NANOS).then_some((
        -reading.offset_nanos,
        "the KDC's time in the error against the clock of the capture",
    ))
}
