//! Rule `normal-one-dead-dc`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// DNS names several domain controllers; one of them does not answer, and the client asks the next.
    ///
    /// ## How it shows
    ///
    /// A request or a connection to one KDC without an answer; then another one answers.
    ///
    /// ## What else it could be
    ///
    /// Where the first one is always dead, it costs time.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_ONE_DEAD_DC = {
        id: "normal-one-dead-dc",
        summary: "one domain controller is silent and the next one answers",
        severity: Expected,
        stage: Net,
        owner: Client,
        sources: ["MS-ADTS section 6.3.6"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let requests = attempt.tickets.iter().filter_map(|request| {
        let other = next_answered(attempt, request)?;
        Some((request.asked.first(), request.asked.time, other))
    });
    let connects = attempt
        .kdc_connects
        .iter()
        .filter(|connect| attempt.is_ignored(connect))
        .filter_map(|connect| {
            let other = served_instead(attempt, connect)?;
            Some((connect.first().frame, connect.first().time, other))
        });
    let evidence = requests.chain(connects).map(|(frame, time, other)| {
        let lost = words::duration(other.asked.time.since(time));
        let text = format!(
            "not answered; the client asks {} after {lost}, which answers",
            other.kdc.addr
        );
        Evidence::new(frame, text)
    });
    NORMAL_ONE_DEAD_DC.expected(
        "One domain controller does not answer, the next one does",
        "DNS lists several, and clients go through them. Where the first one never answers, the time is lost with every ticket.",
        evidence.collect(),
    )
}

/// The same question to another KDC of the realm, later, with an answer.
fn next_answered<'a>(attempt: &'a Attempt, silent: &TicketRequest) -> Option<&'a TicketRequest> {
    attempt.tickets.iter().find(|other| {
        silent.is_unanswered()
            && other.asked.first() > silent.asked.first()
            && other.kdc.addr != silent.kdc.addr
            && other.realm() == silent.realm()
            && other.asks_the_same(silent)
            && other.answer.is_some()
    })
}

/// What the client asked another KDC for instead. For which realm a connection was meant is not seen: it counts only where
/// the client got its ticket all the same, and never spoke with the silent KDC.
fn served_instead<'a>(attempt: &'a Attempt, silent: &Connect) -> Option<&'a TicketRequest> {
    attempt.granted_service_ticket()?;
    let spoken_with = |request: &TicketRequest| {
        request.kdc.addr == silent.server.addr && request.answer.is_some()
    };
    let next = attempt
        .tickets
        .iter()
        .find(|request| request.asked.first() > silent.first().frame)?;
    (next.answer.is_some() && !attempt.tickets.iter().any(spoken_with)).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, issued, silent_connect, tgs};

    #[test]
    fn a_connection_that_nobody_takes_up_is_expected_where_the_ticket_comes_from_another_kdc() {
        let mut attempt = attempt(60);
        attempt.kdc_connects = vec![silent_connect(&[1, 2], NEXT)];
        assert!(check(&attempt).is_none(), "no other KDC");
        attempt.tickets = vec![issued(tgs(5, HOME, SERVICE), SERVICE)];
        let finding = check(&attempt).expect("a finding");
        assert!(finding.evidence[0].text.contains("after 4 s"));
        attempt.kdc_connects = vec![silent_connect(&[7, 8], NEXT)];
        assert!(check(&attempt).is_none(), "nothing was asked after it");
    }

    #[test]
    fn an_answer_before_the_silence_does_not_make_up_for_it() {
        let mut other = issued(tgs(1, HOME, SERVICE), SERVICE);
        other.kdc.addr = "10.0.0.12".parse().unwrap();
        let mut attempt = attempt(60);
        attempt.tickets = vec![other, tgs(3, HOME, SERVICE)];
        assert!(check(&attempt).is_none());
    }
}
