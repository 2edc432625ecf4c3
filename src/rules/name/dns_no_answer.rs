//! Rule `dns-no-answer`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::rules::rule::declare_rule;
use crate::rules::{command, words};

declare_rule! {
    /// ## What it means
    ///
    /// The DNS server did not answer the client's question, though it was asked again. The way to it is dead or filtered.
    ///
    /// ## How it shows
    ///
    /// The same query two times or more, and no answer, or an ICMP error instead of one.
    ///
    /// ## What else it could be
    ///
    /// Answers may have come over another network card, which was not captured.
    ///
    /// ## What to do
    ///
    /// Ask that DNS server from the client, and check the list of DNS servers that the client was given.
    pub(in crate::rules) static DNS_NO_ANSWER = {
        id: "dns-no-answer",
        summary: "a DNS server stays silent",
        severity: Error,
        stage: Name,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["mp-connect-failed", "dns-srv-missing", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

/// One question may be lost; what stays unanswered for longer than this was heard by nobody.
const SILENCE_NANOS: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    of_lookups(attempt, &attempt.lookups, reaches_server(attempt))
        .or_else(|| of_lookups(attempt, &attempt.kdc_lookups, reaches_kdc(attempt)))
}

fn reaches_server(attempt: &Attempt) -> bool {
    !attempt.http.is_empty() || !attempt.connects.is_empty() || !attempt.tls.is_empty()
}

fn reaches_kdc(attempt: &Attempt) -> bool {
    attempt.is_accepted() || !attempt.tickets.is_empty() || !attempt.kdc_connects.is_empty()
}

fn of_lookups(attempt: &Attempt, lookups: &[Lookup], reached: bool) -> Option<Finding> {
    if reached || lookups.iter().any(|lookup| !lookup.is_unanswered()) {
        return None;
    }
    let silent = lookups.iter().max_by_key(|lookup| lookup.again.len())?;
    let last = silent.last_span();
    let heard_nothing = silent.unreachable.is_some()
        || !silent.again.is_empty()
        || attempt.watched_since(last.last_time) >= SILENCE_NANOS;
    heard_nothing.then(|| finding(attempt, silent))
}

fn finding(attempt: &Attempt, silent: &Lookup) -> Finding {
    let server = silent.server.addr;
    let name = &silent.name;
    let waited = words::duration(attempt.watched_since(silent.asked.time));
    let missing = match &silent.unreachable {
        Some(error) => Evidence::new(error.at.frame, "an ICMP error comes instead of an answer"),
        None => Evidence::new(
            silent.last_span().last(),
            format!("no answer in the {waited} after the first question"),
        ),
    };
    Finding {
        title: format!("The DNS server {server} does not answer"),
        explanation: format!(
            "The client asked {server} for {name}, {} times in all, and no answer is in the capture.",
            silent.again.len() + 1
        ),
        evidence: vec![
            Evidence::new(
                silent.asked.first(),
                format!("asks for {} {name}", silent.qtype),
            ),
            missing,
        ],
        fix: vec![
            Fix::new(
                "Ask that server from the client",
                command::with(name.as_str(), |name| format!("nslookup {name} {server}")),
            ),
            Fix::new(
                "See whether its port can be reached",
                Some(format!("Test-NetConnection {server} -Port 53")),
            ),
        ],
        ..DNS_NO_ANSWER.finding(Confidence::Likely)
    }
}
