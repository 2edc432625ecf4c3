//! Rule `as-skew`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner};
use crate::model::attempt::Attempt;
use crate::model::clock::{self, ClientAhead, ClockReading, TOLERANCE_NANOS};
use crate::rules::rule::declare_rule;
use crate::rules::{first_ticket, outputs, words};
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
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = first_ticket::refusal(attempt, ErrorCode::SKEW)?;
    let kdc = refused.kdc.addr;
    let ahead = clock::client_ahead(attempt, refused)
        .filter(|ahead| ahead.nanos().saturating_abs() > TOLERANCE_NANOS);
    let answered = refused.answered_in()?;
    let mut evidence = vec![
        Evidence::new(answered, "KRB_AP_ERR_SKEW (37), with the KDC's time"),
        Evidence::new(refused.asked.first(), "the request whose time is refused"),
    ];
    evidence.extend(outputs::clock_apart(attempt, kdc, answered));
    let other = ahead.and_then(|ahead| agreeing(attempt, kdc, ahead));
    if let (Some(ahead), Some((other, reading))) = (ahead, other) {
        evidence.push(Evidence::new(
            reading.frame,
            format!("the time of the KDC {other}, which agrees with the client's"),
        ));
        return Some(of_kdc(kdc, other, ahead, evidence));
    }
    Some(Finding {
        title: title(ahead, kdc),
        explanation: format!(
            "The KDC at {kdc} refused the request because of the time in it, and the client got no ticket afterwards. {}",
            measured(ahead)
        ),
        evidence,
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
            Fix::new(
                "See what the client takes its time from",
                Some("w32tm /query /source".to_owned()),
            ),
        ],
        ..AS_SKEW.finding(Confidence::Proven)
    })
}

/// Another KDC whose clock agrees with the client's, so that it is the refusing one's that is off.
fn agreeing(attempt: &Attempt, kdc: IpAddr, ahead: ClientAhead) -> Option<(IpAddr, ClockReading)> {
    let refusing = attempt.clock(kdc)?;
    let client = refusing.offset_nanos.saturating_add(ahead.nanos());
    let others = attempt.tickets.iter().map(|request| request.kdc.addr);
    others
        .filter(|other| *other != kdc)
        .filter_map(|other| Some((other, attempt.clock(other)?)))
        .find(|(_, reading)| {
            reading.is_apart_from(&refusing)
                && reading.offset_nanos.saturating_sub(client).saturating_abs() < TOLERANCE_NANOS
        })
}

/// The clock of the KDC at `kdc` is off: the one at `other` agrees with the client.
fn of_kdc(kdc: IpAddr, other: IpAddr, ahead: ClientAhead, evidence: Vec<Evidence>) -> Finding {
    let apart = words::apart(
        ahead.nanos().saturating_neg(),
        &format!("those of the client and of the KDC {other}"),
    );
    Finding {
        title: format!("The clock of the KDC {kdc} is {apart}"),
        explanation: format!(
            "The KDC at {kdc} refused the request because of the time in it, and the client got no ticket afterwards. {} The clock of the KDC at {other} agrees with the client's: so it is the one at {kdc} that is off.",
            measured(Some(ahead))
        ),
        evidence,
        owner: Owner::Directory,
        fix: vec![
            Fix::new(
                "Compare the clocks, on the domain controller that refused",
                Some(format!(
                    "w32tm /stripchart /computer:{other} /samples:5 /dataonly"
                )),
            ),
            Fix::new(
                "Set its clock anew",
                Some("w32tm /resync /rediscover".to_owned()),
            ),
        ],
        ..AS_SKEW.finding(Confidence::Proven)
    }
}

fn title(ahead: Option<ClientAhead>, kdc: IpAddr) -> String {
    match ahead {
        Some(ahead) => {
            let apart = words::apart(ahead.nanos(), &format!("the KDC {kdc}"));
            format!("The client's clock is {apart}")
        }
        None => {
            format!("The client's clock differs from that of the KDC {kdc} by more than is allowed")
        }
    }
}

/// How the difference is known, and what its size points at.
fn measured(ahead: Option<ClientAhead>) -> String {
    let Some(ahead) = ahead else {
        return "By how much cannot be read from this capture: the KDC's clock agrees with that of the capture, so the capture was not timed by the client's clock.".to_owned();
    };
    let how = match ahead {
        ClientAhead::InError(_) => "the two times in the error",
        ClientAhead::InMessages(_) => {
            "the client's own time in its message and the KDC's in the error"
        }
        ClientAhead::OfCapture(_) => "the KDC's time in the error against the clock of the capture",
    };
    let setting = words::likely_setting(ahead.nanos())
        .map(|setting| format!(" A difference of this size points at {setting}."))
        .unwrap_or_default();
    format!("Measured by {how}.{setting}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::ClockSample;
    use crate::model::ticket_request::TicketRequest;
    use crate::outcome::Outcome;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, issued, refused, tgs};

    fn skewed(offset_seconds: i64) -> Attempt {
        let mut attempt = attempt(20);
        let refused = refused(tgs(1, HOME, SERVICE), ErrorCode::SKEW);
        attempt.clocks.push(ClockSample {
            host: refused.kdc.addr,
            frame: refused.asked.last(),
            offset_nanos: offset_seconds * 1_000_000_000,
            source: "KRB-ERROR stime",
        });
        attempt.tickets.push(refused);
        attempt
    }

    #[test]
    fn a_kdc_that_is_alone_with_its_time_is_the_one_that_is_off() {
        let mut attempt = skewed(660);
        let mut first = tgs(0, NEXT, SERVICE);
        first.kdc.addr = "192.0.2.9".parse().unwrap();
        attempt.clocks.push(ClockSample {
            host: first.kdc.addr,
            frame: first.asked.last(),
            offset_nanos: 0,
            source: "KRB-ERROR stime",
        });
        attempt.tickets.insert(0, first);
        let title = title_of(&attempt).expect("a finding");
        assert!(
            title.starts_with("The clock of the KDC") && title.contains("11 min ahead"),
            "{title}"
        );
    }

    fn title_of(attempt: &Attempt) -> Option<String> {
        check(attempt).map(|finding| finding.title)
    }

    #[test]
    fn a_kdc_behind_the_capture_means_a_client_ahead() {
        let title = title_of(&skewed(-660)).expect("a finding");
        assert!(title.contains("11 min ahead of the KDC"), "{title}");
    }

    #[test]
    fn clocks_that_agree_give_no_number() {
        let title = title_of(&skewed(0)).expect("a finding");
        assert!(title.contains("more than is allowed"), "{title}");
    }

    #[test]
    fn a_client_that_corrects_itself_is_no_fault() {
        let mut attempt = skewed(-660);
        let granted: TicketRequest = issued(tgs(3, HOME, SERVICE), SERVICE);
        attempt.tickets.push(granted);
        assert_eq!(title_of(&attempt), None);
    }

    #[test]
    fn a_client_that_is_let_in_with_ntlm_is_not_healed() {
        let mut attempt = skewed(-660);
        attempt.outcome = Outcome::NtlmAccepted;
        assert!(title_of(&attempt).is_some());
    }
}
