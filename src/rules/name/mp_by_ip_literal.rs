//! Rule `mp-by-ip-literal`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::outcome::Outcome;
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
    let asked_or_shown =
        attempt.service_tickets().next().is_some() || attempt.shown_tickets().next().is_some();
    if attempt.is_accepted_by_kerberos() || asked_or_shown {
        return None;
    }
    let asked = attempt.first_challenge()?;
    let address: IpAddr = asked.host()?.parse().ok()?;
    let by_ntlm = attempt
        .http
        .iter()
        .find(|exchange| exchange.ntlm_type().is_some())
        .map(|shown| Evidence::new(shown.asked.first(), "NTLM, and no ticket"));
    let confidence = if by_ntlm.is_some() || attempt.visibility.sees_kdc_side {
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
        fix: vec![
            Fix::new(
                "Publish the management point by its full name",
                Some("Get-CMManagementPoint".to_owned()),
            ),
            Fix::new(
                "See the name of that address",
                Some(format!("nslookup {address}")),
            ),
        ],
        ..MP_BY_IP_LITERAL.finding(confidence)
    })
}

/// A client that is let in all the same is held up by nothing.
fn severity(attempt: &Attempt) -> Severity {
    match attempt.outcome {
        Outcome::NtlmAccepted if attempt.kind == AttemptKind::Ccm => Severity::Warning,
        Outcome::NtlmAccepted | Outcome::AnonymousAccepted => Severity::Note,
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
