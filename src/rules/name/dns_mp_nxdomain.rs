//! Rule `dns-mp-nxdomain`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::model::lookup::Lookup;
use crate::model::neighbour_lookup::NeighbourLookup;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::dns::{Rcode, RecordType};

declare_rule! {
    /// ## What it means
    ///
    /// DNS says that the name of the server does not exist, or has no address. The client cannot connect by that name.
    ///
    /// ## How it shows
    ///
    /// Every look-up of the name, with each search suffix, is answered by NXDOMAIN or by no address, and no connection
    /// follows.
    ///
    /// ## What else it could be
    ///
    /// A missing IPv6 address beside a good IPv4 address is no fault, nor are search suffixes that fail before the name
    /// itself succeeds. Another way to resolve names may have helped, which would show as a connection, or as an answer by
    /// LLMNR or NetBIOS.
    ///
    /// ## What to do
    ///
    /// Ask the DNS server for the name; register the server's address, or let the DNS server of the client's domain forward
    /// the question to that of the server's domain.
    pub(in crate::rules) static DNS_MP_NXDOMAIN = {
        id: "dns-mp-nxdomain",
        summary: "the server's name does not exist in DNS",
        severity: Error,
        stage: Name,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["mp-connect-failed"],
        check: Attempt(check),
    }
}

/// A client that asks for an address of the other kind too does so at once.
const PENDING_NANOS: i64 = 1_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let neighbours = &attempt.around.neighbours;
    let resolved = attempt.lookups.iter().any(Lookup::is_found)
        || neighbours.iter().any(NeighbourLookup::is_found);
    if resolved
        || !attempt.http.is_empty()
        || !attempt.connects.is_empty()
        || !attempt.tls.is_empty()
    {
        return None;
    }
    let denied: Vec<&Lookup> = attempt
        .lookups
        .iter()
        .filter(|lookup| lookup.is_denied() && !lookup.lacks_ipv6_only())
        .collect();
    let last = denied.last()?;
    let name = attempt.target.name().unwrap_or(last.name.as_str());
    // A server that fails or stays silent about the name itself has not said that it does not exist.
    let verdict = attempt
        .lookups
        .iter()
        .rev()
        .find(|lookup| lookup.name.same_name(name));
    if verdict.is_some_and(|lookup| !lookup.is_denied()) {
        return None;
    }
    let exists = denied.iter().any(|lookup| {
        lookup.name.same_name(name)
            && lookup
                .answer
                .as_ref()
                .is_some_and(|answer| answer.rcode == Rcode::NO_ERROR)
    });
    let is_pending = exists
        && !asks_both(attempt, name)
        && !attempt.is_given_up_after(last.last_span().last_time, PENDING_NANOS);
    if is_pending {
        return None;
    }
    let presumed = attempt.kind == AttemptKind::Presumed;
    let caveat = if presumed {
        " Nothing in the capture says that this is the management point's name; it is the only name that the client looked for without success, and it reached no web server."
    } else {
        ""
    };
    let evidence = denied.iter().rev().filter_map(|lookup| {
        let answer = lookup.answer.as_ref()?;
        let said = match answer.rcode {
            Rcode::NO_ERROR => "no such record".to_owned(),
            rcode => rcode.to_string(),
        };
        Some(Evidence::new(
            answer.span.first(),
            format!("{} {}: {said}", lookup.qtype, lookup.name),
        ))
    });
    Some(Finding {
        title: if exists {
            format!("The name {name} has no address in DNS")
        } else {
            format!("The name {name} does not exist in DNS")
        },
        explanation: format!(
            "The client asked its DNS server for {name}, and got no address under any of the names that it tried. It opened no connection afterwards.{caveat}"
        ),
        evidence: evidence.take(6).collect(),
        rivals: presumed.then(|| Rival::new("cap-no-attempt", "the name may be another server's, and the sign-on was not captured: the client's own configuration names its management point")).into_iter().collect(),
        fix: vec![
            Fix::new("Ask the client's DNS server", command::with(name, |name| format!("nslookup {name}"))),
            Fix::new("Register the server's addresses, on the server", Some("ipconfig /registerdns".to_owned())),
        ],
        ..DNS_MP_NXDOMAIN.finding(if presumed { Confidence::Likely } else { Confidence::Proven })
    })
}

/// Whether `name` was asked for addresses of both kinds, and both answers are there.
fn asks_both(attempt: &Attempt, name: &str) -> bool {
    [RecordType::A, RecordType::AAAA].iter().all(|kind| {
        attempt.lookups.iter().any(|lookup| {
            lookup.qtype == *kind && lookup.name.same_name(name) && lookup.answer.is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{address_lookup, attempt, found_address};

    fn title(lookups: Vec<Lookup>) -> Option<String> {
        let mut attempt = attempt(20);
        attempt.lookups = lookups;
        check(&attempt).map(|finding| finding.title)
    }

    #[test]
    fn a_name_denied_with_every_suffix_does_not_exist() {
        let lookups = vec![
            address_lookup(1, "mp.root.lab", Some(Rcode::NAME_ERROR)),
            address_lookup(3, "mp.root.lab.child.root.lab", Some(Rcode::NAME_ERROR)),
        ];
        assert!(title(lookups).is_some_and(|title| title.contains("does not exist")));
    }

    #[test]
    fn a_name_without_address_records_exists() {
        let lookups = vec![address_lookup(1, "mp.root.lab", Some(Rcode::NO_ERROR))];
        assert!(title(lookups).is_some_and(|title| title.contains("has no address")));
    }

    #[test]
    fn search_suffixes_that_fail_beside_a_name_that_is_found_are_noise() {
        let lookups = vec![
            address_lookup(1, "mp.root.lab.child.root.lab", Some(Rcode::NAME_ERROR)),
            found_address(3, "mp.root.lab"),
        ];
        assert_eq!(title(lookups), None);
    }

    #[test]
    fn a_server_that_fails_has_not_denied_the_name() {
        let lookups = vec![
            address_lookup(1, "mp.root.lab.child.root.lab", Some(Rcode::NAME_ERROR)),
            address_lookup(3, "mp.root.lab", Some(Rcode::SERVER_FAILURE)),
        ];
        assert_eq!(title(lookups), None);
    }
}
