//! Rule `mp-connect-failed`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, Rival};
use crate::frame::PacketDrop;
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::model::connect::Connect;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::rules::{dropped, words};

declare_rule! {
    /// ## What it means
    ///
    /// The client could not open a TCP connection to the server: it was refused, or nobody answered.
    ///
    /// ## How it shows
    ///
    /// A SYN to the server's port that is answered by RST or by an ICMP error, or by nothing though it was sent again; no
    /// connection to that port afterwards. It counts also where an earlier connection worked, and the sign-on stopped when the next
    /// one was to be opened. A trace of pktmon may say that the machine itself dropped each SYN: then who owns that
    /// machine is to look first.
    ///
    /// ## What else it could be
    ///
    /// A first try may fail while a later one succeeds; then nothing is reported. The refusal may come from a firewall on
    /// the way instead of the server.
    ///
    /// ## What to do
    ///
    /// Try the port from the client, and see whether the web service listens on it.
    pub(in crate::rules) static MP_CONNECT_FAILED = {
        id: "mp-connect-failed",
        summary: "no TCP connection to the server",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/active-directory/config-firewall-for-ad-domains-and-trusts"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent"],
        check: Attempt(check),
    }
}

/// A SYN that stays unanswered for so long was lost or dropped.
const SILENCE_NANOS: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let works = |connect: &Connect| !connect.is_failed();
    let failed = attempt.connects.last()?;
    let reached = !attempt.http.is_empty() || attempt.connects.iter().any(works);
    if !attempt.tls.is_empty() || (reached && !is_cut_off_by(attempt, failed)) {
        return None;
    }
    if failed.is_silent() && !attempt.is_ignored(failed) {
        return None;
    }
    let watched = attempt.watched_since(failed.first().time);
    let drop = failed.dropped();
    if failed.is_silent()
        && drop.is_none()
        && failed.syns.len() < 2
        && !attempt.is_given_up_after(failed.first().time, SILENCE_NANOS)
    {
        return None;
    }
    let server = failed.server;
    let how = match (&failed.reset_by_server, &failed.unreachable, drop) {
        (Some(_), _, _) => "refuses the connection",
        (None, Some(_), _) | (None, None, Some(_)) => "cannot be reached",
        (None, None, None) => "does not answer",
    };
    let name = attempt.target.name().map_or_else(
        || server.addr.to_string(),
        |name| format!("{name} ({})", server.addr),
    );
    let presumed = attempt.kind == AttemptKind::Presumed;
    let caveat = if presumed {
        " Nothing in the capture says that this is the management point; it is the web server that the client tried to reach."
    } else if reached {
        " An earlier connection had worked; what was to follow needed this one."
    } else {
        ""
    };
    Some(Finding {
        title: format!("{name} {how} on port {}{}", server.port, why(drop)),
        explanation: format!("The client tried to connect to {server} and never got a connection, so no request could be sent.{}{caveat}", drop.map_or_else(String::new, |drop| dropped::explained(drop, &syns(failed)))),
        evidence: evidence(failed, watched),
        rivals: presumed.then(|| Rival::new("cap-no-attempt", "the server may be another one: the client's own configuration names its management point")).into_iter().collect(),
        fix: fix(failed),
        owner: owner(failed),
        ..MP_CONNECT_FAILED.finding(if presumed { Confidence::Likely } else { Confidence::Proven })
    })
}

/// Whether the sign-on stopped where the client tried to open one more connection, `failed`, after all that it had said.
fn is_cut_off_by(attempt: &Attempt, failed: &Connect) -> bool {
    let is_open = matches!(
        attempt.outcome,
        Outcome::Interrupted | Outcome::NoToken | Outcome::CutShort
    );
    let first = failed.first().time;
    let spoke = attempt
        .http
        .iter()
        .map(|exchange| exchange.last_span().last_time);
    is_open
        && failed.is_failed()
        && !attempt.is_used(failed)
        && spoke.max().is_some_and(|last| last < first)
}

/// That the machine itself dropped the SYN, where it says so.
fn why(drop: Option<&PacketDrop>) -> String {
    drop.map_or_else(String::new, |drop| format!(": {}", drop.told("the SYN")))
}

/// The SYNs in words.
fn syns(failed: &Connect) -> String {
    match failed.syns.len() {
        1 => "the SYN".to_owned(),
        more => format!("each of the {more} SYNs"),
    }
}

/// A RST comes from the machine, or from what stands right before it: its own people look first.
fn owner(failed: &Connect) -> Owner {
    match (failed.reset_by_server, failed.dropped()) {
        (Some(_), _) => Owner::Mp,
        (None, Some(drop)) => dropped::owner(drop, Owner::Mp),
        (None, None) => Owner::Network,
    }
}

/// A RST says that the machine, or a firewall before it, was reached: then the service itself is worth a look.
fn fix(failed: &Connect) -> Vec<Fix> {
    let server = failed.server;
    let listening = failed.reset_by_server.map(|_| {
        Fix::new(
            "See whether a service listens on it, on the server",
            Some(format!(
                "Get-NetTCPConnection -State Listen -LocalPort {}",
                server.port
            )),
        )
    });
    let tried = Fix::new(
        "Try the port from the client",
        Some(format!(
            "Test-NetConnection {} -Port {}",
            server.addr, server.port
        )),
    );
    let dropped = failed.dropped().map(dropped::fix);
    let first = dropped.into_iter().chain([tried]);
    first.chain(listening).collect()
}

fn evidence(failed: &Connect, watched: i64) -> Vec<Evidence> {
    let asked = Evidence::new(failed.first().frame, format!("SYN to {}", failed.server));
    if let Some(drop) = failed.dropped() {
        return vec![dropped::evidence(drop, "the SYN"), asked];
    }
    let answer = match (&failed.reset_by_server, &failed.unreachable) {
        (Some(reset), _) => Evidence::new(reset.frame, "RST: the connection is refused"),
        (None, Some(error)) => Evidence::new(
            error.at.frame,
            "an ICMP error says that it cannot be reached",
        ),
        (None, None) => Evidence::new(
            failed.last.frame,
            format!(
                "a SYN, sent {} in all; no answer in the {} after the first",
                words::times(failed.syns.len()),
                words::duration(watched)
            ),
        ),
    };
    vec![answer, asked]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, attempt, dropped_in, moment, silent_connect, web};

    #[test]
    fn one_more_connection_that_fails_ends_what_an_earlier_one_began() {
        let mut attempt = attempt(60);
        attempt.http.push(web(2, 401));
        attempt.outcome = Outcome::Interrupted;
        attempt.connects.push(silent_connect(&[7, 8], HOME));
        assert!(check(&attempt).is_some_and(|it| it.explanation.contains("An earlier connection")));
        let mut before = attempt.clone();
        before.connects = vec![silent_connect(&[1], HOME)];
        assert!(
            check(&before).is_none(),
            "the client goes on over another one"
        );
        attempt.outcome = Outcome::Rejected;
        assert!(check(&attempt).is_none(), "the server has judged");
    }

    #[test]
    fn syns_that_were_dropped_name_who_dropped_them() {
        let mut attempt = attempt(2);
        attempt.connects.push(silent_connect(&[1, 2], HOME));
        attempt.connects[0].drops.push(dropped_in(1));
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Network, "one SYN left");
        attempt.connects[0].drops.push(PacketDrop {
            is_outbound: false,
            ..dropped_in(2)
        });
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Mp);
        assert!(
            finding
                .title
                .ends_with(": filter.sys drops the SYN as it comes in")
        );
        assert!(
            finding
                .explanation
                .contains("filter.sys dropped each of the 2 SYNs (reason 12).")
        );
    }

    #[test]
    fn one_syn_that_was_dropped_is_enough_and_an_answer_is_none() {
        let mut attempt = attempt(2);
        attempt.connects.push(silent_connect(&[1], HOME));
        assert!(check(&attempt).is_none());
        attempt.connects[0].drops.push(dropped_in(1));
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Client);
        attempt.connects[0].syn_ack = Some(moment(2));
        assert!(check(&attempt).is_none());
    }
}
