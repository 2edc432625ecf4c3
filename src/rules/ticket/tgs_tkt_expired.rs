//! Rule `tgs-tkt-expired`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client shows a ticket that has run out. Normally it asks for a new one at once, and nothing is wrong. Where it
    /// does not, it has no ticket for the service.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 32. With a new first ticket or a renewal afterwards it is expected; as the last word it is a fault.
    ///
    /// ## What else it could be
    ///
    /// Clocks that are far apart make a good ticket look expired.
    ///
    /// ## What to do
    ///
    /// Let the client forget its tickets, or restart it; compare its clock with the KDC's.
    pub(in crate::rules) static TGS_TKT_EXPIRED = {
        id: "tgs-tkt-expired",
        summary: "a ticket has expired at the KDC",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-errors-in-network-captures/ba-p/400066"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A client that renews its ticket does so at once; one that does not within this time has no key to do it with.
const GIVEN_UP_NANOS: i64 = 5_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let expired = || {
        attempt
            .tickets
            .iter()
            .filter(|request| request.is_refused_with(ErrorCode::TKT_EXPIRED))
    };
    let last = expired().next_back()?;
    let evidence = expired().filter_map(|request| {
        Some(Evidence::new(
            request.answered_in()?,
            "KRB_AP_ERR_TKT_EXPIRED (32)",
        ))
    });
    Some(if is_last_word(attempt, last) {
        last_word(last, evidence.collect())
    } else {
        Finding {
            title: "The KDC told the client that a ticket had run out".to_owned(),
            explanation: "Tickets live for some hours; a client that shows an old one is told so and asks for another.".to_owned(),
            evidence: evidence.collect(),
            ..TGS_TKT_EXPIRED.finding(Confidence::Proven)
        }
    })
}

/// Whether the client got nowhere after `refused`, and asked for no new first ticket though there was time.
fn is_last_word(attempt: &Attempt, refused: &TicketRequest) -> bool {
    let span = refused.last_span();
    let goes_on = attempt.tickets.iter().any(|later| {
        later.asked.first() > span.last()
            && (later.kind == TicketKind::As || later.issued().is_some())
    });
    attempt.lacks_ticket() && !goes_on && attempt.is_given_up_after(span.last_time, GIVEN_UP_NANOS)
}

fn last_word(refused: &TicketRequest, evidence: Vec<Evidence>) -> Finding {
    let kdc = refused.kdc.addr;
    Finding {
        severity: Severity::Error,
        title: "The client shows a ticket that has expired, and gets no new one".to_owned(),
        explanation: format!(
            "The KDC at {kdc} refuses the client's ticket-granting ticket because it has run out. The client asked for no new first ticket afterwards, so it has none for the service."
        ),
        evidence,
        rivals: vec![Rival::new(
            "as-skew",
            "a wrong clock makes a good ticket look expired: compare the clocks of the client and the KDC",
        )],
        fix: vec![
            Fix::new(
                "Let the computer forget its tickets",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
            Fix::new(
                "Compare the clocks, on the client",
                Some(format!(
                    "w32tm /stripchart /computer:{kdc} /samples:5 /dataonly"
                )),
            ),
        ],
        ..TGS_TKT_EXPIRED.finding(Confidence::Proven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{
        HOME, SERVICE, attempt, first_ticket, issued, refused, server_connect, tgs,
    };

    fn severity(attempt: &Attempt) -> Option<Severity> {
        check(attempt).map(|finding| finding.severity)
    }

    fn expired(until: u64) -> Attempt {
        let mut attempt = attempt(until);
        let request = tgs(1, HOME, SERVICE);
        attempt
            .tickets
            .push(refused(request, ErrorCode::TKT_EXPIRED));
        attempt
    }

    #[test]
    fn an_expired_ticket_as_the_last_word_is_the_cause() {
        assert_eq!(severity(&expired(20)), Some(Severity::Error));
        let mut given_up = expired(4);
        given_up.connects.push(server_connect(4));
        assert_eq!(severity(&given_up), Some(Severity::Error));
    }

    #[test]
    fn a_capture_that_ends_with_it_proves_nothing() {
        assert_eq!(severity(&expired(3)), Some(Severity::Expected));
    }

    #[test]
    fn a_client_that_asks_anew_goes_the_normal_way() {
        let mut attempt = expired(20);
        let name = format!("krbtgt/{HOME}");
        attempt
            .tickets
            .push(issued(first_ticket(3, "WK02$"), &name));
        attempt.tickets.push(issued(tgs(5, HOME, SERVICE), SERVICE));
        assert_eq!(severity(&attempt), Some(Severity::Expected));
    }
}
