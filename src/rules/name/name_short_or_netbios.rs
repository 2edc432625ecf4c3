//! Rule `name-short-or-netbios`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::model::neighbour_lookup::{NeighbourAnswer, NeighbourLookup};
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// The client uses a name without a domain, or has the server's address from an answer by LLMNR or NetBIOS where DNS gave
    /// none. A short name leads only within the client's own forest, and may lead to another machine of that name; an answer
    /// by LLMNR or NetBIOS may come from anybody.
    ///
    /// ## How it shows
    ///
    /// The Host header has no dot; or, where no request can be read, the service that tickets are asked for has none. Or DNS was
    /// asked for the name in vain, and a machine on the network, or a name server of NetBIOS, gave the address that the client
    /// then used.
    ///
    /// ## What else it could be
    ///
    /// In a single domain short names work. An address may be known from an earlier answer of DNS that the capture does not
    /// hold.
    ///
    /// ## What to do
    ///
    /// Publish the management point by its full name.
    pub(in crate::rules) static NAME_SHORT_OR_NETBIOS = {
        id: "name-short-or-netbios",
        summary: "the server is addressed by a short name, or found without DNS",
        severity: Warning,
        stage: Name,
        owner: Site,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique", "RFC 4795", "RFC 1002 section 4.2"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// A name that does not lead beyond the network, and where that is seen.
struct Weak<'a> {
    host: &'a str,
    title: String,
    explanation: String,
    used: Evidence,
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let found = found_without_dns(attempt);
    let weak = in_request(attempt)
        .or_else(|| in_ticket_request(attempt))
        .or_else(|| instead_of_dns(attempt, found?))?;
    // Where a ticket was issued for it, or the server let the client in, the name did its work.
    let severity = if attempt.is_accepted() || !attempt.lacks_ticket() {
        Severity::Note
    } else {
        Severity::Warning
    };
    let found = found.map(evidence).filter(|more| *more != weak.used);
    Some(Finding {
        severity,
        title: weak.title,
        explanation: weak.explanation,
        evidence: std::iter::once(weak.used).chain(found).collect(),
        fix: vec![
            Fix::new(
                "Publish the management point by its full name",
                Some("Get-CMManagementPoint".to_owned()),
            ),
            Fix::new(
                "See who holds the name",
                command::with(weak.host, |host| format!("setspn -Q HTTP/{host}")),
            ),
        ],
        ..NAME_SHORT_OR_NETBIOS.finding(Confidence::Likely)
    })
}

fn short<'a>(host: &'a str, used: Evidence, how: &str) -> Weak<'a> {
    Weak {
        host,
        title: format!("The client addresses the server by the short name {host}"),
        explanation: format!(
            "{how} {host}, without a domain. A service name made of it cannot be looked for outside the client's own forest."
        ),
        used,
    }
}

fn in_request(attempt: &Attempt) -> Option<Weak<'_>> {
    let asked = attempt.http.iter().find(|exchange| exchange.is_sign_on())?;
    let host = asked.host().filter(|host| is_short(host))?;
    let used = Evidence::new(asked.asked.first(), format!("Host: {host}"));
    Some(short(host, used, "The request names its host as"))
}

/// Where no request can be read, the name in the service that a ticket is asked for; a full name beside it is what is used.
fn in_ticket_request(attempt: &Attempt) -> Option<Weak<'_>> {
    let is_full = |request: &TicketRequest| {
        let host = request.service().and_then(PrincipalName::host);
        host.is_none_or(|host| !is_short(host))
    };
    if !attempt.http.is_empty() || attempt.service_tickets().any(is_full) {
        return None;
    }
    let request = attempt.service_tickets().next()?;
    let service = request.service()?;
    let used = Evidence::new(request.asked.first(), format!("asks for {service}"));
    let how = "The client asks for a ticket for the host";
    Some(short(service.host()?, used, how))
}

/// An answer without DNS, and the look-up it belongs to.
type Answered<'a> = (&'a NeighbourLookup, &'a NeighbourAnswer);

/// The answer that gave the server's address, where no answer of DNS in the capture did.
fn found_without_dns(attempt: &Attempt) -> Option<Answered<'_>> {
    let answered = attempt.answered_by_neighbour(attempt.target.address?)?;
    (!attempt.lookups.iter().any(Lookup::is_found)).then_some(answered)
}

/// A name of any form that DNS was asked for in vain before a neighbour answered.
fn instead_of_dns<'a>(attempt: &'a Attempt, found: Answered<'a>) -> Option<Weak<'a>> {
    let (lookup, answer) = found;
    let in_vain = |asked: &Lookup| {
        asked.asked.first() < answer.span.first() && (asked.is_denied() || asked.is_failed())
    };
    // Who was there before the answer had the address from elsewhere.
    let was_there = attempt.connects.iter().any(|connect| {
        let is_server = attempt.target.address == Some(connect.server.addr);
        let first = connect.syns.first();
        is_server && first.is_some_and(|syn| syn.frame < answer.span.first())
    });
    if was_there || !attempt.lookups.iter().any(in_vain) {
        return None;
    }
    let host = attempt.target.name()?;
    let (system, name, from) = (lookup.system.name(), &lookup.name, answer.from);
    Some(Weak {
        host,
        title: format!("The client found the server by {system}, not by DNS"),
        explanation: format!(
            "DNS gave the client no address for {host}. It asked for {name} by {system} then, and goes to the address that {from} answered. Nothing proves that this machine is the one that is meant."
        ),
        used: evidence(found),
    })
}

fn evidence((lookup, answer): Answered<'_>) -> Evidence {
    let (name, system, from) = (&lookup.name, lookup.system.name(), answer.from);
    let addresses: Vec<String> = answer.addresses.iter().map(ToString::to_string).collect();
    let text = format!(
        "{from} answers by {system}: {name} is {}",
        addresses.join(", ")
    );
    Evidence::new(answer.span.last(), text)
}

fn is_short(host: &str) -> bool {
    !host.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, attempt, issued, tgs, web};

    #[test]
    fn a_short_name_that_gets_its_ticket_is_worth_a_note() {
        let told = |answered: bool| {
            let mut attempt = attempt(60);
            let asked = tgs(2, HOME, "HTTP/mp");
            let asked = if answered {
                issued(asked, "HTTP/mp")
            } else {
                asked
            };
            attempt.tickets.push(asked);
            check(&attempt).map(|finding| finding.severity)
        };
        assert_eq!(told(true), Some(Severity::Note));
        assert_eq!(told(false), Some(Severity::Warning));
    }

    #[test]
    fn a_short_service_name_counts_where_no_request_can_be_read() {
        let asks = |services: &[&str]| {
            let mut seen = attempt(60);
            let asked = services.iter().zip(1..);
            seen.tickets = asked.map(|(name, at)| tgs(at, HOME, name)).collect();
            seen
        };
        assert!(check(&asks(&["HTTP/MP"])).is_some());
        assert!(check(&asks(&["HTTP/MP", "HTTP/mp.root.lab"])).is_none());
        let mut named = asks(&["HTTP/MP"]);
        named.http = vec![web(5, 401)];
        assert!(check(&named).is_none(), "the request has a full name");
    }
}
