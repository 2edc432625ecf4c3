//! Rule `kdc-tcp-timeout`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::rules::rule::declare_rule;
use crate::rules::{dropped, words};

declare_rule! {
    /// ## What it means
    ///
    /// The client cannot open a TCP connection to a KDC: nobody answers on its port. A firewall drops the packets, or the
    /// host is down.
    ///
    /// ## How it shows
    ///
    /// SYN to port 88, sent again, without SYN and ACK, and no answer from any KDC afterwards. A trace of pktmon may say that
    /// the machine that recorded it dropped each SYN itself: then who runs that machine is to look first.
    ///
    /// ## What else it could be
    ///
    /// The next KDC of the same realm may answer; then only time is lost.
    ///
    /// ## What to do
    ///
    /// Open port 88, TCP and UDP, from the client to every KDC on the way of the ticket.
    pub(in crate::rules) static KDC_TCP_TIMEOUT = {
        id: "kdc-tcp-timeout",
        summary: "the KDC's TCP port does not answer",
        severity: Error,
        stage: Net,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/active-directory/config-firewall-for-ad-domains-and-trusts", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["kdc-no-reply", "dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A SYN that stays unanswered for so long was lost or dropped.
const SILENCE_NANOS: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let silent = attempt
        .kdc_connects
        .iter()
        .rev()
        .find(|connect| attempt.is_ignored(connect))?;
    let begun = silent.first();
    if !attempt.lacks_ticket() || attempt.hears_from_kdc_after(begun.frame) {
        return None;
    }
    let watched = attempt.watched_since(begun.time);
    let drop = silent.dropped();
    if drop.is_none()
        && silent.syns.len() < 2
        && !attempt.is_given_up_after(begun.time, SILENCE_NANOS)
    {
        return None;
    }
    let address = silent.server.addr;
    let asked = attempt
        .tickets
        .iter()
        .filter(|request| request.kdc.addr == address && request.is_unanswered());
    let datagrams = asked.map(|request| {
        Evidence::new(
            request.asked.first(),
            "a request over UDP, without an answer",
        )
    });
    let dropped = drop.map(|drop| dropped::evidence(drop, "the SYN"));
    let evidence = dropped.into_iter().chain(std::iter::once(Evidence::new(
        begun.frame,
        format!(
            "SYN to {}, sent {}; no answer in the {} after this frame",
            silent.server,
            words::times(silent.syns.len()),
            words::duration(watched)
        ),
    )));
    let tried = Fix::new(
        "Try the port from the client",
        Some(format!(
            "Test-NetConnection {address} -Port {}",
            silent.server.port
        )),
    );
    Some(Finding {
        title: title(silent),
        explanation: format!(
            "The client tried to reach the KDC at {address} and got no answer at all, and no other KDC answered it afterwards.{}",
            drop.map_or_else(
                || " Packets to that port are dropped on the way, or the machine is down."
                    .to_owned(),
                |drop| dropped::explained(drop, "what was sent to that port")
            )
        ),
        owner: drop.map_or(Owner::Network, |drop| {
            dropped::owner(drop, Owner::Directory)
        }),
        evidence: evidence.chain(datagrams).collect(),
        fix: drop.map(dropped::fix).into_iter().chain([tried]).collect(),
        ..KDC_TCP_TIMEOUT.finding(if drop.is_some() {
            Confidence::Proven
        } else {
            Confidence::Likely
        })
    })
}

fn title(silent: &Connect) -> String {
    let server = silent.server;
    match silent.dropped() {
        Some(drop) => format!(
            "The KDC {} cannot be reached on port {}: {}",
            server.addr,
            server.port,
            drop.told("the SYN")
        ),
        None => format!(
            "The KDC {} does not answer on port {}",
            server.addr, server.port
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, refused, silent_connect, tgs};
    use crate::wire::kerberos::error_code::ErrorCode;

    #[test]
    fn one_syn_at_the_end_of_the_capture_says_nothing() {
        let mut attempt = attempt(2);
        attempt.kdc_connects.push(silent_connect(&[1], HOME));
        assert!(check(&attempt).is_none());
        attempt.kdc_connects.push(silent_connect(&[1, 2], HOME));
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn a_request_over_the_connection_shows_that_it_was_opened() {
        let mut attempt = attempt(60);
        let connect = silent_connect(&[1], HOME);
        let mut request = tgs(2, HOME, SERVICE);
        request.connection = Some(connect.id);
        attempt.kdc_connects.push(connect);
        attempt.tickets.push(request);
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_kdc_that_answers_afterwards_ends_the_silence() {
        let mut attempt = attempt(60);
        attempt.kdc_connects.push(silent_connect(&[1, 2], HOME));
        let answered = refused(tgs(9, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        attempt.tickets.push(answered);
        assert!(check(&attempt).is_none());
    }
}
