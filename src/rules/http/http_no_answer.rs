//! Rule `http-no-answer`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// The server's machine took the request, and its web server, or something before it, never answered. The client gave up.
    ///
    /// ## How it shows
    ///
    /// The last request is acknowledged as a whole, nothing comes back for seconds, and the client ends the connection or the
    /// capture watches on in vain.
    ///
    /// ## What else it could be
    ///
    /// An answer that comes just after the client gave up: a server that is slow.
    ///
    /// ## What to do
    ///
    /// See what the web server does at that time: a pool that hangs, or a proxy that waits for the server behind it.
    pub(in crate::rules) static HTTP_NO_ANSWER = {
        id: "http-no-answer",
        summary: "the server takes the request and never answers",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/troubleshoot-performance-issues"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent"],
        check: Attempt(check),
    }
}

/// A client that waits for less than this had no patience.
const LONG: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let is_whole = attempt.unheard().is_none() && attempt.visibility.missed.is_none();
    let sent = attempt
        .http
        .last()
        .filter(|_| is_whole && attempt.outcome == Outcome::Interrupted)
        .filter(|sent| sent.answer.is_none())?;
    let connect = attempt
        .connects
        .iter()
        .find(|connect| Some(connect.id) == sent.connection)?;
    let taken = taken(sent, connect)?;
    let given_up = connect
        .closed_by_client
        .or(connect.reset_by_client)
        .filter(|end| end.time > taken.time);
    let waited = given_up.map_or_else(
        || attempt.watched_since(taken.time),
        |end| end.time.since(taken.time),
    );
    let shows = if sent.windows_token().is_some() {
        "the request with the token"
    } else {
        "the request"
    };
    let end = given_up.map(|end| Evidence::new(end.frame, "the client gives up"));
    let evidence = [
        Evidence::new(
            taken.frame,
            format!(
                "acknowledged as a whole; no answer in {}",
                words::duration(waited)
            ),
        ),
        Evidence::new(sent.asked.first(), shows),
    ];
    (waited >= LONG).then(|| Finding {
        title: format!(
            "The server takes {shows} and does not answer in {}",
            words::duration(waited)
        ),
        explanation: format!(
            "The machine at {} acknowledged all of {shows}, so it arrived. No answer came in {}. What the proof is worth, nobody said.",
            sent.server.addr,
            words::duration(waited)
        ),
        evidence: evidence.into_iter().chain(end).collect(),
        rivals: vec![Rival::new(
            "http-5xx",
            "a proxy or a load balancer may have taken the request and wait for the server behind it: its log tells",
        )],
        fix: vec![Fix::new(
            "See what the web server works on, on the server",
            Some("appcmd list requests".to_owned()),
        )],
        ..HTTP_NO_ANSWER.finding(Confidence::Likely)
    })
}

/// Where the server's machine took all of the request, and did not end the connection itself.
fn taken(sent: &HttpExchange, connect: &Connect) -> Option<Moment> {
    let is_cut_off = connect.reset_by_server.is_some() || {
        let ends = connect.closed_by_server.zip(connect.closed_by_client);
        ends.map_or(connect.closed_by_server.is_some(), |(server, client)| {
            server.time <= client.time
        })
    };
    connect
        .acknowledged
        .filter(|taken| !is_cut_off && taken.time >= sent.asked.last_time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameNumber, Timestamp};
    use crate::rules::testing::{NEXT, SERVICE, attempt, server_connect, shows_ticket, web};

    fn at(second: i64) -> Moment {
        Moment {
            frame: FrameNumber(second.unsigned_abs()),
            time: Timestamp::from_nanos(second * 1_000_000_000),
        }
    }

    fn found(acknowledged: Option<i64>, closed: i64, reset: Option<i64>) -> bool {
        let mut sent = shows_ticket(web(5, 200), NEXT, SERVICE);
        sent.answer = None;
        let mut connect = server_connect(1);
        sent.connection = Some(connect.id);
        connect.acknowledged = acknowledged.map(at);
        connect.closed_by_client = Some(at(closed));
        connect.reset_by_server = reset.map(at);
        let mut attempt = attempt(60);
        attempt.http = vec![sent];
        attempt.connects = vec![connect];
        attempt.outcome = Outcome::Interrupted;
        check(&attempt).is_some()
    }

    #[test]
    fn a_request_that_was_taken_is_told_from_one_that_got_lost_or_was_cut_off() {
        assert!(found(Some(6), 20, None));
        assert!(!found(None, 20, None), "nobody took it");
        assert!(!found(Some(6), 7, None), "the client had no patience");
        assert!(!found(Some(6), 20, Some(8)), "the server cut it off");
    }
}
