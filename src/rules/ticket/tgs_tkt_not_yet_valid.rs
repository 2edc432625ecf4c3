//! Rule `tgs-tkt-not-yet-valid`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::clock::ClockReading;
use crate::model::ticket_request::TicketRequest;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::rules::words;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// For the KDC the ticket-granting ticket that it is shown begins in the future. The time in it is that of the KDC which
    /// issued it: the clocks of the two are apart.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 33 from a KDC as the last word.
    ///
    /// ## What else it could be
    ///
    /// Which of the two clocks is wrong, the error does not say; the clock of the capture is a hint. Tickets that are meant to
    /// begin later do not occur in Active Directory.
    ///
    /// ## What to do
    ///
    /// Compare the clocks of the domain controllers, and set the wrong one.
    pub(in crate::rules) static TGS_TKT_NOT_YET_VALID = {
        id: "tgs-tkt-not-yet-valid",
        summary: "for the KDC the client's ticket begins in the future",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "RFC 4120 section 3.3.3"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| has_code(error, &[ErrorCode::TKT_NYV]))?;
    let shown = refusal.request.request.tgt.as_ref();
    let issuer = shown.and_then(|shown| attempt.source_of(shown));
    let refuser = refusal.request.kdc.addr;
    let (service, realm) = (refusal.service(), refusal.realm());
    let clocks = issuer.and_then(|issuer| clocks(attempt, issuer, refusal.request));
    let measured = clocks.map_or_else(String::new, |(own, other)| {
        let apart = words::apart(other.ahead_of(&own), &format!("that of {refuser}"));
        format!(" The clock of the KDC that issued it is {apart}.")
    });
    let finding = refusal.finding(&TGS_TKT_NOT_YET_VALID, Confidence::Proven);
    let granted = issuer
        .and_then(TicketRequest::answered_in)
        .map(|frame| Evidence::new(frame, "the ticket is issued"));
    let times = clocks.into_iter().flat_map(|(own, other)| {
        [
            Evidence::new(own.frame, "the time of the KDC that refuses"),
            Evidence::new(other.frame, "the time of the KDC that issued it"),
        ]
    });
    Some(Finding {
        title: format!(
            "For the KDC of {realm} the ticket that the client shows begins in the future"
        ),
        explanation: format!(
            "The client asked for {service}, and the KDC at {refuser} answered that the ticket-granting ticket is not valid yet. The time in it is that of the KDC which issued it: the clocks of the two are apart.{measured}"
        ),
        evidence: finding
            .evidence
            .iter()
            .cloned()
            .chain(granted)
            .chain(times)
            .collect(),
        fix: vec![
            Fix::new(
                "Compare the clocks, on a domain controller",
                Some(format!(
                    "w32tm /stripchart /computer:{refuser} /samples:5 /dataonly"
                )),
            ),
            Fix::new(
                "See what the domain controllers take their time from, on each",
                Some("w32tm /query /source".to_owned()),
            ),
        ],
        ..finding
    })
}

/// The clocks of the KDC that refuses and of the one that issued, where they differ by more than is allowed.
fn clocks(
    attempt: &Attempt,
    issuer: &TicketRequest,
    refused: &TicketRequest,
) -> Option<(ClockReading, ClockReading)> {
    let own = attempt.clock(refused.kdc.addr)?;
    let other = attempt.clock(issuer.kdc.addr)?;
    own.is_apart_from(&other).then_some((own, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::ClockSample;
    use crate::rules::testing::{HOME, SERVICE, attempt, issued, refused, tgs};

    fn early() -> Attempt {
        let mut attempt = attempt(20);
        attempt
            .tickets
            .push(refused(tgs(1, HOME, SERVICE), ErrorCode::TKT_NYV));
        attempt
    }

    #[test]
    fn a_ticket_from_the_future_is_a_fault_of_clocks() {
        let finding = check(&early()).expect("a finding");
        assert!(finding.title.contains(HOME), "{}", finding.title);
    }

    #[test]
    fn one_clock_alone_gives_no_difference() {
        let mut attempt = early();
        let kdc = attempt.tickets.first().expect("a request").kdc.addr;
        attempt.clocks.push(ClockSample {
            host: kdc,
            frame: crate::frame::FrameNumber(2),
            offset_nanos: 0,
            source: "KRB-ERROR stime",
        });
        let finding = check(&attempt).expect("a finding");
        assert!(
            !finding.explanation.contains("is 0"),
            "{}",
            finding.explanation
        );
    }

    #[test]
    fn a_client_that_gets_its_ticket_later_has_no_fault() {
        let mut attempt = early();
        attempt.tickets.push(issued(tgs(3, HOME, SERVICE), SERVICE));
        assert!(check(&attempt).is_none());
    }
}
