//! Rule `dns-no-answer`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner};
use crate::frame::PacketDrop;
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::rules::rule::declare_rule;
use crate::rules::{command, dropped, words};

declare_rule! {
    /// ## What it means
    ///
    /// The DNS server did not answer the client's question, though it was asked again. The way to it is dead or filtered.
    ///
    /// ## How it shows
    ///
    /// The same query two times or more, and no answer, or an ICMP error instead of one. A trace of pktmon may say that the
    /// machine that recorded it dropped each query itself.
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
        supersedes: ["mp-connect-failed", "dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// One question may be lost; the slowest resolvers ask again after this.
const SILENCE_NANOS: i64 = 5_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    of_lookups(attempt, &attempt.lookups, reaches_server(attempt))
        .or_else(|| of_lookups(attempt, &attempt.kdc_lookups, reaches_kdc(attempt)))
}

fn reaches_server(attempt: &Attempt) -> bool {
    !attempt.http.is_empty() || !attempt.connects.is_empty() || !attempt.tls.is_empty()
}

fn reaches_kdc(attempt: &Attempt) -> bool {
    !attempt.lacks_ticket() || !attempt.tickets.is_empty() || !attempt.kdc_connects.is_empty()
}

fn of_lookups(attempt: &Attempt, lookups: &[Lookup], reached: bool) -> Option<Finding> {
    if reached
        || attempt.unheard().is_some()
        || lookups.iter().any(|lookup| !lookup.is_unanswered())
    {
        return None;
    }
    // A suffix of the search list makes other names of it.
    let silent = lookups.iter().max_by_key(|lookup| {
        let is_own = attempt.target.is_meant_by(lookup.name.as_str());
        (lookup.again.len(), is_own)
    })?;
    let last = silent.last_span();
    let questions = questions(lookups, silent);
    let heard_nothing = silent.unreachable.is_some()
        || dropped_all(lookups, silent).is_some()
        || questions > 1
        || attempt.is_given_up_after(last.last_time, SILENCE_NANOS);
    heard_nothing.then(|| finding(attempt, lookups, silent, questions))
}

/// How often the same thing was asked, of that server or another.
fn questions(lookups: &[Lookup], silent: &Lookup) -> usize {
    lookups
        .iter()
        .filter(|lookup| {
            lookup.qtype == silent.qtype && lookup.name.same_name(silent.name.as_str())
        })
        .map(|lookup| lookup.again.len() + 1)
        .sum()
}

fn finding(attempt: &Attempt, lookups: &[Lookup], silent: &Lookup, questions: usize) -> Finding {
    let server = silent.server.addr;
    let name = &silent.name;
    let waited = words::duration(attempt.watched_since(silent.asked.time));
    let drop = dropped_all(lookups, silent);
    let missing = match (&silent.unreachable, drop) {
        (Some(error), _) => {
            Evidence::new(error.at.frame, "an ICMP error comes instead of an answer")
        }
        (None, Some(drop)) => dropped::evidence(drop, "the question"),
        (None, None) => Evidence::new(
            silent.last_span().last(),
            format!("no answer in the {waited} after the first question"),
        ),
    };
    Finding {
        title: drop.map_or_else(
            || format!("The DNS server {server} does not answer"),
            |drop| {
                let how = drop.told("the question");
                format!("The DNS server {server} cannot be asked: {how}")
            },
        ),
        explanation: format!(
            "The client asked for {name} {}, and neither {server} nor another DNS server answered in this capture.{}",
            words::times(questions),
            drop.map_or_else(String::new, |drop| dropped::explained(drop, "the question"))
        ),
        owner: drop.map_or(Owner::Network, |drop| dropped::owner(drop, Owner::Network)),
        evidence: vec![
            Evidence::new(
                silent.asked.first(),
                format!("asks for {} {name}", silent.qtype),
            ),
            missing,
        ],
        fix: drop
            .map(dropped::fix)
            .into_iter()
            .chain([
                Fix::new(
                    "Ask that server from the client",
                    command::with(name.as_str(), |name| format!("nslookup {name} {server}")),
                ),
                Fix::new(
                    "See whether its port can be reached",
                    Some(format!("Test-NetConnection {server} -Port 53")),
                ),
            ])
            .collect(),
        ..DNS_NO_ANSWER.finding(if drop.is_some() {
            Confidence::Proven
        } else {
            Confidence::Likely
        })
    }
}

/// How `silent` was dropped, where each question was, of whatever server.
fn dropped_all<'l>(lookups: &[Lookup], silent: &'l Lookup) -> Option<&'l PacketDrop> {
    let all = lookups.iter().all(|lookup| lookup.dropped().is_some());
    silent.dropped().filter(|_| all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{address_lookup, attempt, dropped_in};
    use crate::wire::dns::Rcode;

    fn speaks(until: u64, lookups: Vec<Lookup>) -> bool {
        let mut attempt = attempt(until);
        attempt.lookups = lookups;
        check(&attempt).is_some()
    }

    #[test]
    fn a_question_that_is_repeated_was_not_answered() {
        let asked = |frame| address_lookup(frame, "mp.root.lab", None);
        assert!(speaks(3, vec![asked(1), asked(2)]));
        assert!(speaks(9, vec![asked(1)]));
    }

    #[test]
    fn a_question_that_was_dropped_is_not_waited_for() {
        let mut lookup = address_lookup(1, "mp.root.lab", None);
        lookup.drops.push(dropped_in(1));
        let mut attempt = attempt(2);
        attempt.lookups.push(lookup);
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Client);
        assert!(
            finding
                .title
                .ends_with("filter.sys drops the question before it leaves the machine")
        );
        let other = address_lookup(2, "mp.root.lab", None);
        attempt.lookups.push(other);
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.owner, Owner::Network, "one of them left");
    }

    #[test]
    fn a_question_at_the_end_of_the_capture_says_nothing() {
        assert!(!speaks(2, vec![address_lookup(1, "mp.root.lab", None)]));
    }

    #[test]
    fn an_answer_from_another_server_is_an_answer() {
        let lookups = vec![
            address_lookup(1, "mp.root.lab", None),
            address_lookup(2, "mp.root.lab", Some(Rcode::NAME_ERROR)),
        ];
        assert!(!speaks(20, lookups));
    }
}
