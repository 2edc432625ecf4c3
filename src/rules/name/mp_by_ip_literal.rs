//! Rule `mp-by-ip-literal`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client uses an address instead of a name. There is no service name for an address, so Windows does not try
    /// Kerberos at all.
    ///
    /// ## How it shows
    ///
    /// The Host header is an IP address, and no ticket was asked for.
    ///
    /// ## What else it could be
    ///
    /// Where Windows is told to try service names with addresses, a ticket request is seen.
    ///
    /// ## What to do
    ///
    /// Publish the management point by its full name.
    pub(in crate::rules) static MP_BY_IP_LITERAL = {
        id: "mp-by-ip-literal",
        summary: "the server is addressed by its IP address",
        severity: Error,
        stage: Name,
        owner: Site,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/configuring-kerberos-over-ip"],
        since: "0.1.0",
        supersedes: ["ntlm-no-tgs-attempt", "ntlm-accepted", "ntlm-rejected", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() || attempt.service_tickets().next().is_some() {
        return None;
    }
    let asked = attempt.first_challenge()?;
    let host = asked.host()?;
    let address: IpAddr = host.parse().ok()?;
    let no_ticket = attempt.shown_tickets().next().is_none();
    no_ticket.then(|| Finding {
        title: format!("The client addresses the server by its address {address}, so Kerberos is not tried"),
        explanation: format!("The request names {address} as its host. A ticket is for a name; for an address Windows asks for none unless it is told to."),
        evidence: vec![Evidence::new(asked.asked.first(), format!("Host: {address}"))],
        fix: vec![
            Fix::new("Publish the management point by its full name", Some("Get-CMManagementPoint".to_owned())),
            Fix::new("See the name of that address", Some(format!("nslookup {address}"))),
        ],
        ..MP_BY_IP_LITERAL.finding(Confidence::Proven)
    })
}
