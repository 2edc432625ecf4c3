//! Rule `dns-ipv6-blackhole`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// DNS gave an IPv6 address too, the client tried it first, and nobody answered there. It lost time before it came
    /// by IPv4.
    ///
    /// ## How it shows
    ///
    /// SYNs to an IPv6 address of the server stay unanswered; then a connection by IPv4 comes about.
    ///
    /// ## What else it could be
    ///
    /// Clients that try both at once lose nothing.
    ///
    /// ## What to do
    ///
    /// Remove old AAAA records, or mend the route.
    pub(in crate::rules) static DNS_IPV6_BLACKHOLE = {
        id: "dns-ipv6-blackhole",
        summary: "time is lost on an IPv6 address that does not answer",
        severity: Warning,
        stage: Name,
        owner: Network,
        sources: ["RFC 6724", "RFC 8305"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// Clients that try both families at once wait less.
const FELT_NANOS: i64 = 1_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let dead = attempt
        .connects
        .iter()
        .find(|connect| connect.server.addr.is_ipv6() && attempt.is_ignored(connect))?;
    let began = dead.first();
    let by_v4 = attempt.connects.iter().find(|connect| {
        connect.server.addr.is_ipv4()
            && connect.syn_ack.is_some()
            && connect.first().time > began.time
    })?;
    let lost = by_v4.first().time.since(began.time);
    (lost >= FELT_NANOS).then(|| Finding {
        title: format!(
            "{} were lost on an IPv6 address that does not answer",
            words::duration(lost)
        ),
        explanation: format!(
            "The client tried {} first and got no answer; it came by {} afterwards.",
            dead.server, by_v4.server
        ),
        evidence: vec![
            Evidence::new(
                began.frame,
                format!("SYN to {}, never answered", dead.server),
            ),
            Evidence::new(
                by_v4.first().frame,
                format!("SYN to {}, which answers", by_v4.server),
            ),
        ],
        fix: vec![Fix::new(
            "Try the address, from the client",
            Some(format!(
                "Test-NetConnection {} -Port {}",
                dead.server.addr, dead.server.port
            )),
        )],
        severity: if attempt.is_accepted() {
            Severity::Note
        } else {
            Severity::Warning
        },
        ..DNS_IPV6_BLACKHOLE.finding(Confidence::Likely)
    })
}
