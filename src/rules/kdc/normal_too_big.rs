//! Rule `normal-too-big`.

use crate::endpoint::Transport;
use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// An answer that does not fit into a datagram is refused with an error, and the client asks again over TCP.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 52 over UDP, then the same question with an answer.
    ///
    /// ## What else it could be
    ///
    /// Where the answer over TCP fails, `kdc-too-big-no-tcp` says so.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_TOO_BIG = {
        id: "normal-too-big",
        summary: "the KDC asks for TCP",
        severity: Expected,
        stage: Net,
        owner: Network,
        sources: ["RFC 4120 section 7.2.1"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .tickets
        .iter()
        .filter(|request| {
            request.is_refused_with(ErrorCode::RESPONSE_TOO_BIG)
                && is_answered_over_tcp(attempt, request)
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "the answer needs TCP, and comes over TCP",
            ))
        });
    NORMAL_TOO_BIG.expected(
        "The KDC asks for TCP, because its answer does not fit into a datagram",
        "This is how Kerberos goes over from UDP to TCP.",
        evidence.collect(),
    )
}

fn is_answered_over_tcp(attempt: &Attempt, request: &TicketRequest) -> bool {
    attempt.tickets.iter().any(|later| {
        later.asked.first() > request.asked.first()
            && later.asks_the_same(request)
            && later.transport == Transport::Tcp
            && later.answer.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, issued, refused, tgs};

    #[test]
    fn an_answer_that_comes_over_tcp_is_how_it_goes_and_one_that_does_not_is_not() {
        let too_big = refused(tgs(1, HOME, SERVICE), ErrorCode::RESPONSE_TOO_BIG);
        let mut later = issued(tgs(3, HOME, SERVICE), SERVICE);
        let mut attempt = attempt(60);
        attempt.tickets = vec![too_big.clone(), later.clone()];
        assert!(check(&attempt).is_none(), "over UDP");
        later.transport = Transport::Tcp;
        attempt.tickets = vec![too_big.clone(), later.clone()];
        assert!(check(&attempt).is_some());
        later.answer = None;
        attempt.tickets = vec![too_big, later];
        assert!(check(&attempt).is_none(), "not answered");
    }
}
