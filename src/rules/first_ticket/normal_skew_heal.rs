//! Rule `normal-skew-heal`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::clock;
use crate::rules::rule::declare_rule;
use crate::rules::words;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC refuses a request because of its time and sends its own; the client asks again with that time and gets its
    /// ticket.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 37, then the same request with success.
    ///
    /// ## What else it could be
    ///
    /// Where it happens with every ticket, the clock is still wrong and should be set.
    ///
    /// ## What to do
    ///
    /// Set the client's clock, if the difference matters.
    pub(in crate::rules) static NORMAL_SKEW_HEAL = {
        id: "normal-skew-heal",
        summary: "the client corrects its clock by the KDC's",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["https://mskb.pkisolutions.com/kb/956627"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let healed = || {
        attempt.tickets.iter().filter(|request| {
            request.is_refused_with(ErrorCode::SKEW) && attempt.is_healed(request)
        })
    };
    let difference = healed()
        .find_map(|request| clock::client_ahead(attempt, request))
        .map(|ahead| words::apart(ahead.nanos(), "the KDC's"))
        .map(|apart| format!(" By these frames its clock is {apart}."))
        .unwrap_or_default();
    let evidence: Vec<Evidence> = healed()
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "refused for its time, and granted when asked again",
            ))
        })
        .collect();
    (!evidence.is_empty()).then(|| Finding {
        title: "The client corrected its time by the KDC's".to_owned(),
        explanation: format!("A request was refused because of its time; the client asked again with the KDC's time and got its ticket.{difference}"),
        evidence,
        ..NORMAL_SKEW_HEAL.finding(Confidence::Proven)
    })
}
