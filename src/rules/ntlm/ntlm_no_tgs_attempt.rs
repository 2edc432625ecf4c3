//! Rule `ntlm-no-tgs-attempt`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::http_exchange::HttpExchange;
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client answered the challenge with NTLM and asked no KDC for a ticket. It had no reason to try: the server is
    /// named by an address, a try failed shortly before, or there is no first ticket.
    ///
    /// ## How it shows
    ///
    /// An NTLM token after the 401, and no ticket request, no look-up of a KDC and no connection to one.
    ///
    /// ## What else it could be
    ///
    /// Where the capture was taken at the server, the client's talk with its KDCs does not pass, and it may well have
    /// tried.
    ///
    /// ## What to do
    ///
    /// Let the computer forget its tickets and failures, wait a quarter of an hour or restart it, and take the capture on
    /// the client.
    pub(in crate::rules) static NTLM_NO_TGS_ATTEMPT = {
        id: "ntlm-no-tgs-attempt",
        summary: "NTLM without a try at Kerberos",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie", "https://learn.microsoft.com/windows-server/security/kerberos/configuring-kerberos-over-ip"],
        since: "0.1.0",
        supersedes: ["ntlm-blocked"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let offered = attempt.http.iter().any(HttpExchange::offers_kerberos);
    let tried = !attempt.tickets.is_empty()
        || !attempt.kdc_connects.is_empty()
        || !attempt.kdc_lookups.is_empty();
    if !offered || tried || attempt.shown_tickets().next().is_some() {
        return None;
    }
    let chosen = attempt
        .http
        .iter()
        .find(|exchange| exchange.ntlm_type().is_some())?;
    if begins_with_it(attempt) {
        return Some(unasked(chosen));
    }
    let seen = attempt.visibility.sees_kdc_side;
    let (severity, confidence, caveat) = if seen {
        let severity = if attempt.is_accepted() {
            Severity::Warning
        } else {
            NTLM_NO_TGS_ATTEMPT.meta.severity
        };
        (
            severity,
            Confidence::Likely,
            "Traffic between the client and a domain controller or a DNS server is in the capture, so a try would have been seen.",
        )
    } else {
        (
            Severity::Note,
            Confidence::Possible,
            "No traffic between the client and any domain controller is in the capture: it may have been taken at the server, and then a try would not be seen.",
        )
    };
    let name = attempt.target.name().unwrap_or("the server").to_owned();
    Some(Finding {
        severity,
        title: "The client chose NTLM without asking a KDC in this capture".to_owned(),
        explanation: format!(
            "The server offered Negotiate, and the client answered with NTLM. {caveat}"
        ),
        evidence: vec![Evidence::new(
            chosen.asked.first(),
            "NTLM, and no ticket request before it",
        )],
        rivals: vec![
            Rival::new(
                "mp-by-ip-literal",
                "Windows tries no Kerberos for a server that is named by its address",
            ),
            Rival::new(
                "client-not-domain-joined",
                "a computer without a first ticket has nothing to ask with; klist -li 0x3e7 tgt tells",
            ),
            Rival::new(
                "tgs-spn-unknown",
                "Windows remembers for a quarter of an hour that no KDC found the name, and does not ask again: a capture after that time, or after a restart, tells",
            ),
        ],
        fix: vec![
            Fix::new(
                "Ask for the ticket by hand, on the client",
                command::with(&name, |name| format!("klist -li 0x3e7 get HTTP/{name}")),
            ),
            Fix::new(
                "Let the computer forget its tickets",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..NTLM_NO_TGS_ATTEMPT.finding(confidence)
    })
}

/// Whether the client shows NTLM in the first request of its first connection, before the server can have offered anything.
fn begins_with_it(attempt: &Attempt) -> bool {
    let first = attempt.http.first().filter(|it| it.ntlm_type().is_some());
    let is_whole = |connect: &&Connect| !connect.syns.is_empty();
    let mut whole = attempt.connects.iter().filter(is_whole);
    first.is_some_and(|first| whole.any(|connect| Some(connect.id) == first.connection))
}

/// The client did not choose by what the server offered.
fn unasked(first: &HttpExchange) -> Finding {
    Finding {
        severity: Severity::Note,
        title: "The client began with NTLM, before the server offered anything".to_owned(),
        explanation: "The first request shows NTLM already, and no KDC is asked in this capture. So the client did not choose by what the server offers: a setting of the client, or what it remembers of this server, made it begin so.".to_owned(),
        evidence: vec![Evidence::new(
            first.asked.first(),
            "NTLM, before any challenge of the server",
        )],
        ..NTLM_NO_TGS_ATTEMPT.finding(Confidence::Proven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attempt::Attempt;
    use crate::rules::testing::{answers, attempt, server_connect, shows_ntlm, web};
    use crate::wire::ntlm::{NtlmMessage, NtlmNegotiate};

    #[test]
    fn a_client_that_begins_with_ntlm_has_not_chosen_it_by_the_servers_offer() {
        let severity = |is_begun: bool| {
            let offer = NtlmMessage::Negotiate(NtlmNegotiate::default());
            let mut seen: Attempt = attempt(60);
            seen.http = vec![answers(shows_ntlm(web(5, 401), offer), None, None)];
            if is_begun {
                let mut connect = server_connect(20);
                connect.id = seen.http[0].connection.expect("a connection");
                seen.connects = vec![connect];
            }
            check(&seen).map(|found| (found.severity, found.confidence))
        };
        assert_eq!(severity(true), Some((Severity::Note, Confidence::Proven)));
        let other = severity(false).expect("a finding");
        assert_ne!(other.1, Confidence::Proven);
    }
}
