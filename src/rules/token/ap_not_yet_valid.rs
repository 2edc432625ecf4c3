//! Rule `ap-not-yet-valid`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::clock::{ClockReading, TOLERANCE_NANOS};
use crate::rules::rule::declare_rule;
use crate::rules::token::{Refused, clock_fixes};
use crate::rules::words;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// For the server the ticket begins in the future: its clock is behind that of the KDC that issued it, or the
    /// KDC's is ahead.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 33 in the 401 to a request that shows a ticket.
    ///
    /// ## What else it could be
    ///
    /// Tickets that are meant to begin later do not occur in Active Directory.
    ///
    /// ## What to do
    ///
    /// Compare the two clocks, and set the one that is wrong.
    pub(in crate::rules) static AP_NOT_YET_VALID = {
        id: "ap-not-yet-valid",
        summary: "for the server the ticket begins in the future",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = Refused::with(attempt, ErrorCode::TKT_NYV)?;
    let server = refused.server();
    let when = refused.issued.map_or_else(String::new, |frame| {
        format!(" It was issued in frame {frame}.")
    });
    let [compare, _] = clock_fixes(server);
    let measured = apart(attempt, &refused).unwrap_or_default();
    Some(Finding {
        title: "For the server the ticket begins in the future".to_owned(),
        explanation: format!(
            "The client showed its ticket, and the server at {server} answered that it is not valid yet.{when} The times in a ticket are the KDC's: the server's clock is behind it.{measured}"
        ),
        fix: vec![
            compare,
            Fix::new(
                "Set the clock that is wrong anew, on its machine",
                Some("w32tm /resync /rediscover".to_owned()),
            ),
        ],
        ..refused.finding(attempt, &AP_NOT_YET_VALID)
    })
}

/// How far the two clocks are apart, and which of them agrees with that of the capture.
fn apart(attempt: &Attempt, refused: &Refused<'_>) -> Option<String> {
    let ticket = refused.exchange.ap_req()?.ticket.as_ref()?;
    let issuer = attempt.source_of(ticket)?.kdc.addr;
    let own = attempt.clock(refused.server())?;
    let issuers = attempt.clock(issuer).map(|kdc| (kdc, "the KDC's"));
    // Where the KDC that issued it tells no time, another one of the way may.
    let (kdc, whose) = issuers.or_else(|| {
        let (_, other) = attempt.clock_beside_kdc(refused.server())?;
        Some((other, "that of another KDC on the way"))
    })?;
    if !own.is_apart_from(&kdc) {
        return None;
    }
    let apart = words::apart(own.ahead_of(&kdc), whose);
    let odd = match (is_far(own), is_far(kdc)) {
        (true, false) => " The KDC's agrees with that of the capture.",
        (false, true) => {
            " The server's agrees with that of the capture: it may be the KDC's that is wrong."
        }
        _ => "",
    };
    Some(format!(" The server's clock is {apart}.{odd}"))
}

/// Whether a clock differs from that of the capture by more than is allowed between two.
const fn is_far(clock: ClockReading) -> bool {
    clock.offset_nanos.saturating_abs() > TOLERANCE_NANOS
}
