//! Rule `kdc-no-reply`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, Rival};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::{command, dropped, words};

declare_rule! {
    /// ## What it means
    ///
    /// A request reached the KDC, or was sent to it more than once, and no answer came back.
    ///
    /// ## How it shows
    ///
    /// A request over TCP that was acknowledged, or a datagram that was sent again, and nothing from any KDC afterwards. A trace
    /// of pktmon may say that the machine that recorded it dropped each datagram itself.
    ///
    /// ## What else it could be
    ///
    /// The KDC hangs or is overloaded; a device on the way drops the answer, large ones first; or the datagrams never
    /// arrived.
    ///
    /// ## What to do
    ///
    /// Look at the load of that KDC; let the client use another one; try with a smaller packet size on the way.
    pub(in crate::rules) static KDC_NO_REPLY = {
        id: "kdc-no-reply",
        summary: "the KDC was asked and did not answer",
        severity: Error,
        stage: Net,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-protocol-registry-kdc-configuration-keys"],
        since: "0.1.0",
        supersedes: ["dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// How long Windows waits for a KDC over TCP, by default.
const WAIT_NANOS: i64 = 10_000_000_000;

/// The answer to a question that was repeated just before the end of the capture may still be on its way.
const PENDING_NANOS: i64 = 1_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let silent = attempt
        .tickets
        .iter()
        .rev()
        .find(|request| request.is_unanswered() && request.unreachable.is_none())?;
    if !attempt.lacks_ticket() || attempt.hears_from_kdc_after(silent.asked.first()) {
        return None;
    }
    let connect = attempt
        .kdc_connects
        .iter()
        .find(|connect| Some(connect.id) == silent.connection);
    let ended =
        attempt.unheard().is_none() && connect.is_some_and(|connect| end_of(connect).is_some());
    let waited = attempt.waited_in_vain(silent, WAIT_NANOS);
    let dropped = silent.dropped().is_some();
    let repeated = attempt.is_repeated(silent)
        && attempt.is_given_up_after(silent.last_span().last_time, PENDING_NANOS);
    if !ended && !waited && !dropped && !repeated {
        return None;
    }
    Some(finding(attempt, silent, connect))
}

/// What ended a connection to a KDC, and who did it.
fn end_of(connect: &Connect) -> Option<(Moment, &'static str)> {
    let by_client = connect.closed_by_client.or(connect.reset_by_client);
    let by_kdc = connect.closed_by_server.or(connect.reset_by_server);
    by_client
        .map(|at| (at, "the client ends the connection, without an answer"))
        .or(by_kdc.map(|at| (at, "the KDC ends the connection, without an answer")))
}

fn finding(attempt: &Attempt, silent: &TicketRequest, connect: Option<&Connect>) -> Finding {
    let service = silent
        .service()
        .map_or_else(|| "a ticket".to_owned(), ToString::to_string);
    let address = silent.kdc.addr;
    let waited = words::duration(attempt.watched_since(silent.last_span().last_time));
    let questions: Vec<&TicketRequest> = attempt
        .tickets
        .iter()
        .filter(|request| {
            let is_same =
                request.asked.first() == silent.asked.first() || request.asks_the_same(silent);
            request.is_unanswered() && is_same
        })
        .collect();
    let asked = questions
        .iter()
        .flat_map(|request| std::iter::once(&request.asked).chain(&request.again));
    let count = asked.clone().count();
    let first = asked.take(8).enumerate().map(|(at, span)| {
        let text = if at == 0 {
            format!("asks for {service}; no answer, up to {waited} after the last request")
        } else {
            "the same request again".to_owned()
        };
        Evidence::new(span.first(), text)
    });
    let acknowledged = connect
        .and_then(|connect| connect.acknowledged)
        .map(|at| Evidence::new(at.frame, "the KDC's machine acknowledges the request"));
    let ended = connect
        .and_then(end_of)
        .map(|(at, how)| Evidence::new(at.frame, how));
    let are_all_dropped = questions.iter().all(|request| request.dropped().is_some());
    let drop = silent.dropped().filter(|_| are_all_dropped);
    let dropped_at = drop.map(|drop| dropped::evidence(drop, "the request"));
    let on_the_way = Rival::new(
        "kdc-tcp-timeout",
        "packets to the KDC may be dropped on the way: a capture at the KDC would show whether they arrive",
    );
    let fix = drop.map(dropped::fix).into_iter();
    Finding {
        title: drop.map_or_else(
            || format!("The KDC {address} was asked for {service} and did not answer"),
            |drop| {
                let how = drop.told("the request");
                format!("The KDC {address} cannot be asked for {service}: {how}")
            },
        ),
        explanation: format!(
            "The client asked for {service} {}, of the KDC at {address} at last, and the capture holds no answer to it and none from another KDC afterwards.{}",
            words::times(count),
            drop.map_or_else(String::new, |drop| dropped::explained(drop, "the request"))
        ),
        evidence: dropped_at
            .into_iter()
            .chain(first)
            .chain(acknowledged)
            .chain(ended)
            .collect(),
        rivals: drop.is_none().then_some(on_the_way).into_iter().collect(),
        owner: drop.map_or(Owner::Directory, |drop| {
            dropped::owner(drop, Owner::Directory)
        }),
        fix: fix
            .chain([
                Fix::new(
                    "Try the port from the client",
                    Some(format!("Test-NetConnection {address} -Port 88")),
                ),
                Fix::new(
                    "Let the client look for another KDC",
                    silent.realm().and_then(|realm| {
                        command::with(realm, |realm| {
                            format!("nltest /dsgetdc:{realm} /force /kdc")
                        })
                    }),
                ),
            ])
            .collect(),
        ..KDC_NO_REPLY.finding(if drop.is_some() {
            Confidence::Proven
        } else {
            Confidence::Likely
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{
        HOME, NEXT, SERVICE, attempt, dropped_in, moment, refused, silent_connect, tgs,
    };
    use crate::wire::kerberos::error_code::ErrorCode;

    #[test]
    fn a_request_at_the_end_of_the_capture_may_yet_be_answered() {
        let mut attempt = attempt(3);
        attempt.tickets.push(tgs(2, HOME, SERVICE));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_datagram_that_is_repeated_got_no_answer() {
        let mut attempt = attempt(4);
        attempt.tickets.push(tgs(2, HOME, SERVICE));
        attempt.tickets.push(tgs(3, HOME, SERVICE));
        let finding = check(&attempt).expect("a finding");
        assert!(finding.explanation.contains("2 times"));
        attempt.visibility.until = attempt.tickets[1].last_span().last_time;
        assert!(check(&attempt).is_none(), "the capture ends at once");
    }

    #[test]
    fn requests_that_were_dropped_are_told_only_where_all_were() {
        let mut attempt = attempt(4);
        attempt.tickets.push(tgs(2, HOME, SERVICE));
        attempt.tickets[0].drops.push(dropped_in(2));
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Client);
        assert!(finding.title.contains("filter.sys drops the request"));
        assert!(finding.rivals.is_empty());
        attempt.tickets.insert(0, tgs(1, HOME, SERVICE));
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Directory);
        assert!(finding.title.ends_with("did not answer"));
    }

    #[test]
    fn a_client_that_ends_the_connection_got_no_answer() {
        let mut attempt = attempt(4);
        let mut connect = silent_connect(&[1], HOME);
        connect.syn_ack = Some(moment(1));
        connect.closed_by_client = Some(moment(4));
        let mut request = tgs(2, HOME, SERVICE);
        request.connection = Some(connect.id);
        attempt.tickets.push(request);
        attempt.kdc_connects.push(connect);
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn another_kdc_that_answers_afterwards_ends_the_silence() {
        let mut attempt = attempt(60);
        attempt.tickets.push(tgs(2, HOME, SERVICE));
        let answered = refused(tgs(12, NEXT, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        attempt.tickets.push(answered);
        assert!(check(&attempt).is_none());
    }
}
