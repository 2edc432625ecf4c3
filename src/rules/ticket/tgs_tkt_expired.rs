//! Rule `tgs-tkt-expired`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
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

fn check(attempt: &Attempt) -> Option<Finding> {
    let expired = || {
        attempt
            .tickets
            .iter()
            .filter(|request| request.is_refused_with(ErrorCode::TKT_EXPIRED))
    };
    let last = expired().last()?;
    let frame = last.answered_in()?;
    let went_on = attempt.is_accepted()
        || attempt.granted_service_ticket().is_some()
        || attempt
            .tickets
            .iter()
            .any(|later| later.asked.first() > frame && later.issued().is_some());
    let evidence = expired().filter_map(|request| {
        Some(Evidence::new(
            request.answered_in()?,
            "KRB_AP_ERR_TKT_EXPIRED (32)",
        ))
    });
    let kdc = last.kdc.addr;
    Some(if went_on {
        Finding {
            title: "A ticket had run out, and the client got a new one".to_owned(),
            explanation: "Tickets live for some hours; a client that shows an old one is told so and asks for another.".to_owned(),
            evidence: evidence.collect(),
            ..TGS_TKT_EXPIRED.finding(Confidence::Proven)
        }
    } else {
        Finding {
            severity: Severity::Error,
            title: "The client shows a ticket that has expired, and gets no new one".to_owned(),
            explanation: format!(
                "The KDC at {kdc} refuses the client's ticket-granting ticket because it has run out. The client asked for no new first ticket, so it has none for the service."
            ),
            evidence: evidence.collect(),
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
    })
}
