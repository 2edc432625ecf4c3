//! Rule `mp-by-ip-literal`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::TicketRequest;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client uses an address instead of a name. There is no service name for an address, so Windows does not try
    /// Kerberos at all.
    ///
    /// ## How it shows
    ///
    /// The Host header is an IP address, and no ticket was asked for, or the KDC finds no service of that address.
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
        supersedes: ["ntlm-no-tgs-attempt", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-rejected", "http-client-stays-silent", "tgs-spn-unknown", "trust-external"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let shown = attempt.shown_tickets().next().is_some();
    if attempt.is_accepted_by_kerberos() || shown {
        return None;
    }
    let asked = attempt.first_challenge()?;
    let address: IpAddr = asked.host()?.parse().ok()?;
    if let Some(request) = attempt.service_tickets().last() {
        return refused_by_kdc(attempt, asked, address, request);
    }
    let by_ntlm = attempt
        .http
        .iter()
        .find(|exchange| exchange.ntlm_type().is_some())
        .map(|shown| Evidence::new(shown.asked.first(), "NTLM, and no ticket"));
    // At the server a ticket request that a KDC refused would not be seen.
    let confidence = if attempt.visibility.sees_kdc_side {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    Some(Finding {
        severity: severity(attempt),
        title: format!(
            "The client addresses the server by its address {address}, so Kerberos is not tried"
        ),
        explanation: format!(
            "The request names {address} as its host. A ticket is for a name; for an address Windows asks for none unless it is told to."
        ),
        evidence: std::iter::once(Evidence::new(
            asked.asked.first(),
            format!("Host: {address}"),
        ))
        .chain(by_ntlm)
        .collect(),
        fix: fixes(address),
        ..MP_BY_IP_LITERAL.finding(confidence)
    })
}

/// Clients that are told to, and those that are not Windows, do ask for a ticket for an address.
fn refused_by_kdc(
    attempt: &Attempt,
    asked: &HttpExchange,
    address: IpAddr,
    request: &TicketRequest,
) -> Option<Finding> {
    let service = request.service()?;
    let is_for_address = service.host()?.parse() == Ok(address);
    if !is_for_address || !request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) {
        return None;
    }
    Some(Finding {
        severity: severity(attempt),
        title: format!(
            "The client addresses the server by its address {address}, and no service of that name is found"
        ),
        explanation: format!(
            "The request names {address} as its host, and the client asked for a ticket for {service}. The KDC finds no such service: service names are made of host names, and of addresses only where somebody registers them."
        ),
        evidence: vec![
            Evidence::new(
                request.answered_in()?,
                ErrorCode::S_PRINCIPAL_UNKNOWN.to_string(),
            ),
            Evidence::new(request.asked.first(), format!("asks for {service}")),
            Evidence::new(asked.asked.first(), format!("Host: {address}")),
        ],
        fix: fixes(address),
        ..MP_BY_IP_LITERAL.finding(Confidence::Proven)
    })
}

fn fixes(address: IpAddr) -> Vec<Fix> {
    vec![
        Fix::new(
            "Publish the management point by its full name",
            Some("Get-CMManagementPoint".to_owned()),
        ),
        Fix::new(
            "See the name of that address",
            Some(format!("nslookup {address}")),
        ),
    ]
}

/// A client that is let in all the same is held up by nothing.
fn severity(attempt: &Attempt) -> Severity {
    match attempt.outcome {
        Outcome::NtlmAccepted if attempt.kind == AttemptKind::Ccm => Severity::Warning,
        outcome if outcome.is_accepted() => Severity::Note,
        _ => MP_BY_IP_LITERAL.meta.severity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, issued, shows_ntlm, tgs, web};
    use crate::wire::ntlm::{NtlmAuthenticate, NtlmMessage};

    fn by_address(outcome: Outcome) -> Attempt {
        let mut challenged = answers(web(1, 401), None, None);
        challenged.request.head.host = Some("[fd00::80]:8530".into());
        let proof = NtlmMessage::Authenticate(NtlmAuthenticate::default());
        let mut attempt = attempt(60);
        attempt.http = vec![challenged, shows_ntlm(web(3, 401), proof)];
        attempt.outcome = outcome;
        attempt
    }

    #[test]
    fn a_ticket_for_an_address_was_tried() {
        let mut asked = by_address(Outcome::Rejected);
        assert!(check(&asked).is_some_and(|finding| finding.title.contains("fd00::80")));
        asked.tickets = vec![issued(tgs(2, NEXT, "HTTP/fd00::80"), SERVICE)];
        assert!(check(&asked).is_none());
    }

    #[test]
    fn a_client_that_is_let_in_is_not_held_up() {
        let severity = |outcome| check(&by_address(outcome)).map(|finding| finding.severity);
        assert_eq!(severity(Outcome::Rejected), Some(Severity::Error));
        assert_eq!(severity(Outcome::NtlmAccepted), Some(Severity::Warning));
        assert_eq!(severity(Outcome::AnonymousAccepted), Some(Severity::Note));
    }
}
