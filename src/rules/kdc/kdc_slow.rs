//! Rule `kdc-slow`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// A KDC took more than a second for an answer, or the way to the ticket took more than ten: the client's program
    /// may give up before.
    ///
    /// ## How it shows
    ///
    /// The time from a request to its answer, and from the challenge to the ticket.
    ///
    /// ## What else it could be
    ///
    /// The first question across domains may be slow once.
    ///
    /// ## What to do
    ///
    /// See why the client uses that KDC, and how that one is.
    pub(in crate::rules) static KDC_SLOW = {
        id: "kdc-slow",
        summary: "getting the ticket took long",
        severity: Warning,
        stage: Net,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-protocol-registry-kdc-configuration-keys"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// A KDC that is near and well answers in milliseconds.
const SLOW_NANOS: i64 = 1_000_000_000;
/// The client's program may lose patience.
const LONG_NANOS: i64 = 10_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let slowest = attempt
        .tickets
        .iter()
        .filter_map(|request| {
            Some((
                request,
                request
                    .answer
                    .as_ref()?
                    .span
                    .time
                    .since(request.asked.last_time),
            ))
        })
        .max_by_key(|(_, took)| *took)?;
    let (request, took) = slowest;
    let whole = since_challenge(attempt);
    if took < SLOW_NANOS && whole.is_none_or(|whole| whole < LONG_NANOS) {
        return None;
    }
    let total = whole.map_or_else(String::new, |whole| {
        format!(
            " From the challenge to the ticket it took {}.",
            words::duration(whole)
        )
    });
    Some(Finding {
        title: format!(
            "The KDC at {} took {} for an answer",
            request.kdc.addr,
            words::duration(took)
        ),
        explanation: format!(
            "The slowest answer of a KDC took {}.{total}",
            words::duration(took)
        ),
        evidence: vec![
            Evidence::new(
                request.answered_in()?,
                format!("the answer, {} after the request", words::duration(took)),
            ),
            Evidence::new(request.asked.first(), "the request"),
        ],
        fix: vec![Fix::new(
            "See in which site the client takes itself to be",
            Some("nltest /dsgetsite".to_owned()),
        )],
        severity: if attempt.is_accepted() {
            Severity::Note
        } else {
            Severity::Warning
        },
        ..KDC_SLOW.finding(Confidence::Proven)
    })
}

/// The time from the first challenge to the ticket for the service.
fn since_challenge(attempt: &Attempt) -> Option<i64> {
    let challenged = attempt.first_challenge()?.answer.as_ref()?.span.time;
    let granted = attempt.granted_service_ticket()?.answer.as_ref()?.span.time;
    Some(granted.since(challenged))
}
