//! Rule `normal-cached-ticket`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client shows a ticket that was not issued in this capture. It had it from before, or the capture was taken where
    /// the talk with the KDC does not pass.
    ///
    /// ## How it shows
    ///
    /// A ticket in a request that no TGS-REP of the capture brought.
    ///
    /// ## What else it could be
    ///
    /// Where the request is refused, an old ticket may be the reason.
    ///
    /// ## What to do
    ///
    /// To see the whole way, let the computer forget its tickets before the capture.
    pub(in crate::rules) static NORMAL_CACHED_TICKET = {
        id: "normal-cached-ticket",
        summary: "the ticket was in the client's cache",
        severity: Expected,
        stage: Ap,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.unheard().is_some() {
        return None;
    }
    let cached = attempt.shown_tickets().find(|exchange| {
        exchange
            .ap_req()
            .and_then(|request| request.ticket.as_ref())
            .is_some_and(|ticket| attempt.source_of(ticket).is_none())
    })?;
    let ticket = cached.ap_req()?.ticket.as_ref()?;
    let explanation = if attempt.visibility.sees_kdc_side {
        "The client had the ticket from before the capture began. What happened at the KDCs is not in it."
    } else {
        "The client had the ticket from before the capture began, or the capture was taken where the client's talk with its KDCs does not pass, at the server for instance. What happened at the KDCs is not in it."
    };
    Some(Finding {
        title: format!(
            "The ticket for {} was not issued in this capture",
            ticket.sname
        ),
        explanation: explanation.to_owned(),
        evidence: vec![Evidence::new(
            cached.asked.first(),
            "shows a ticket that no KDC issued in this capture",
        )],
        fix: vec![Fix::new(
            "To see the whole way, before the next capture",
            Some("klist -li 0x3e7 purge".to_owned()),
        )],
        ..NORMAL_CACHED_TICKET.finding(Confidence::Proven)
    })
}
