//! Rule `kdc-slow`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// An answer of a KDC came more than a second after the request, or the ticket came more than ten after the
    /// challenge: the client's program may give up before.
    ///
    /// ## How it shows
    ///
    /// The time from a request to its answer, and from the challenge to the ticket.
    ///
    /// ## What else it could be
    ///
    /// The first referral to another domain may be slow once. A slow network looks the same as a slow KDC.
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
    slow_answer(attempt).or_else(|| long_way(attempt))
}

/// An answer that took more than a second. One referral that is slow once says nothing: the way there was new.
fn slow_answer(attempt: &Attempt) -> Option<Finding> {
    let slow: Vec<(&TicketRequest, i64)> = attempt
        .tickets
        .iter()
        .filter_map(|request| Some((request, wait(request)?)))
        .filter(|(_, took)| *took >= SLOW_NANOS)
        .collect();
    let (request, took) = slow.iter().copied().max_by_key(|(_, took)| *took)?;
    let once = slow.len() == 1 && request.referral().is_some();
    let is_felt = took >= LONG_NANOS || since_challenge(attempt) >= Some(LONG_NANOS);
    if once && !is_felt {
        return None;
    }
    let took = words::duration(took);
    let asked = last_asked(request);
    Some(Finding {
        title: format!("The KDC at {} answered after {took}", request.kdc.addr),
        explanation: format!(
            "A KDC that is near and well answers in milliseconds. Between the request in frame {} and its answer were {took}.{}",
            asked.first(),
            whole_way(attempt)
        ),
        evidence: vec![
            Evidence::new(
                request.answered_in()?,
                format!("the answer, {took} after the request"),
            ),
            Evidence::new(asked.first(), "the request"),
        ],
        ..finding(attempt)
    })
}

/// More than ten seconds between the challenge and the ticket, of which no single answer took much.
fn long_way(attempt: &Attempt) -> Option<Finding> {
    let took = since_challenge(attempt).filter(|took| *took >= LONG_NANOS)?;
    let took = words::duration(took);
    Some(Finding {
        title: format!("The ticket came {took} after the server's challenge"),
        explanation: format!(
            "Between the challenge and the ticket for it were {took}, and no single answer of a KDC took a second of it: the time went by between the client's requests."
        ),
        evidence: vec![
            Evidence::new(
                attempt.granted_service_ticket()?.answered_in()?,
                format!("the ticket, {took} after the challenge"),
            ),
            Evidence::new(
                attempt.first_challenge()?.answer.as_ref()?.span.first(),
                "the challenge",
            ),
        ],
        ..finding(attempt)
    })
}

fn finding(attempt: &Attempt) -> Finding {
    Finding {
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
    }
}

/// What the client waited for the answer to `request`, counted from the copy that it sent last: an earlier one may be lost.
fn wait(request: &TicketRequest) -> Option<i64> {
    let answered = request.answer.as_ref()?.span.time;
    Some(answered.since(last_asked(request).last_time))
}

/// The last copy of `request` before its answer.
fn last_asked(request: &TicketRequest) -> &Span {
    let answer = request.answer.as_ref().map(|answer| answer.span.first());
    request
        .again
        .iter()
        .rfind(|copy| answer.is_none_or(|answer| copy.last() < answer))
        .unwrap_or(&request.asked)
}

fn whole_way(attempt: &Attempt) -> String {
    since_challenge(attempt).map_or_else(String::new, |whole| {
        format!(
            " From the challenge to the ticket it took {}.",
            words::duration(whole)
        )
    })
}

/// The time from the first challenge to the ticket for the service, where the ticket came after it.
fn since_challenge(attempt: &Attempt) -> Option<i64> {
    let challenged = attempt.first_challenge()?.answer.as_ref()?.span.time;
    let granted = attempt.granted_service_ticket()?.answer.as_ref()?.span.time;
    Some(granted.since(challenged)).filter(|took| *took > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{
        HOME, SERVICE, answers, attempt, issued, moment, referral, tgs, web,
    };

    fn answered_at(mut request: TicketRequest, second: u64) -> TicketRequest {
        if let Some(answer) = &mut request.answer {
            answer.span.time = moment(second).time;
            answer.span.last_time = moment(second).time;
        }
        request
    }

    fn title_of(tickets: Vec<TicketRequest>) -> Option<String> {
        let mut attempt = attempt(60);
        attempt.http = vec![answers(web(1, 401), None, None)];
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.title)
    }

    #[test]
    fn one_referral_may_be_slow_once() {
        let quick = || answered_at(issued(tgs(8, HOME, SERVICE), SERVICE), 8);
        let once = answered_at(referral(4), 6);
        assert_eq!(title_of(vec![once.clone(), quick()]), None);
        let slow = answered_at(issued(tgs(8, HOME, SERVICE), SERVICE), 10);
        assert!(title_of(vec![once, slow]).is_some_and(|title| title.contains("after 2 s")));
    }

    #[test]
    fn a_request_that_was_lost_and_sent_again_is_no_slow_answer() {
        let mut request = answered_at(issued(tgs(3, HOME, SERVICE), SERVICE), 8);
        request.again = vec![tgs(8, HOME, SERVICE).asked];
        if let Some(answer) = &mut request.answer {
            answer.span = tgs(9, HOME, SERVICE).asked;
            answer.span.time = moment(8).time;
        }
        assert_eq!(title_of(vec![request]), None);
    }

    #[test]
    fn time_that_went_by_between_quick_answers_is_not_the_kdcs() {
        let late = answered_at(issued(tgs(20, HOME, SERVICE), SERVICE), 20);
        let title = title_of(vec![late]).expect("a finding");
        assert_eq!(title, "The ticket came 18 s after the server's challenge");
    }
}
