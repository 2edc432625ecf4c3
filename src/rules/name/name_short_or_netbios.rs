//! Rule `name-short-or-netbios`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// The client uses a name without a domain. It leads only within the client's own forest, and may lead to another
    /// machine of that name.
    ///
    /// ## How it shows
    ///
    /// The Host header has no dot; or, where no request can be read, the service that tickets are asked for has none.
    ///
    /// ## What else it could be
    ///
    /// In a single domain short names work.
    ///
    /// ## What to do
    ///
    /// Publish the management point by its full name.
    pub(in crate::rules) static NAME_SHORT_OR_NETBIOS = {
        id: "name-short-or-netbios",
        summary: "the server is addressed by a short name",
        severity: Warning,
        stage: Name,
        owner: Site,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// A name without a domain, and where it is used.
struct Short<'a> {
    host: &'a str,
    used: Evidence,
    how: &'static str,
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let Short { host, used, how } = in_request(attempt).or_else(|| in_ticket_request(attempt))?;
    // Where a ticket was issued for it, or the server let the client in, the name did its work.
    let severity = if attempt.is_accepted() || !attempt.lacks_ticket() {
        Severity::Note
    } else {
        Severity::Warning
    };
    Some(Finding {
        severity,
        title: format!("The client addresses the server by the short name {host}"),
        explanation: format!(
            "{how} {host}, without a domain. A service name made of it cannot be looked for outside the client's own forest."
        ),
        evidence: vec![used],
        fix: vec![
            Fix::new(
                "Publish the management point by its full name",
                Some("Get-CMManagementPoint".to_owned()),
            ),
            Fix::new(
                "See who holds the short name",
                command::with(host, |host| format!("setspn -Q HTTP/{host}")),
            ),
        ],
        ..NAME_SHORT_OR_NETBIOS.finding(Confidence::Likely)
    })
}

fn in_request(attempt: &Attempt) -> Option<Short<'_>> {
    let asked = attempt.http.iter().find(|exchange| exchange.is_sign_on())?;
    let host = asked.host().filter(|host| is_short(host))?;
    Some(Short {
        host,
        used: Evidence::new(asked.asked.first(), format!("Host: {host}")),
        how: "The request names its host as",
    })
}

/// Where no request can be read, the name in the service that a ticket is asked for; a full name beside it is what is used.
fn in_ticket_request(attempt: &Attempt) -> Option<Short<'_>> {
    let is_full = |request: &TicketRequest| {
        let host = request.service().and_then(PrincipalName::host);
        host.is_none_or(|host| !is_short(host))
    };
    if !attempt.http.is_empty() || attempt.service_tickets().any(is_full) {
        return None;
    }
    let request = attempt.service_tickets().next()?;
    let service = request.service()?;
    Some(Short {
        host: service.host()?,
        used: Evidence::new(request.asked.first(), format!("asks for {service}")),
        how: "The client asks for a ticket for the host",
    })
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
