//! Rule `tgs-wrong-name-asked`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::target::is_host_of;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::text::WireText;

declare_rule! {
    /// ## What it means
    ///
    /// The client spoke to one name and showed a ticket for another: a proxy, a load balancer or a setting of the
    /// client builds the service name elsewhere.
    ///
    /// ## How it shows
    ///
    /// The name in the ticket differs from the Host header and from every alias that DNS gave for it, and the ticket is
    /// refused. Or the challenged client asks at once for another service of that host than `HTTP`, is refused, and shows nothing.
    ///
    /// ## What else it could be
    ///
    /// A ticket for the host behind an alias is normal; then the capture shows the alias. Another program may have asked for the
    /// other service in the same moment.
    ///
    /// ## What to do
    ///
    /// Align the name by which the management point is published with the one that is registered; see which service name the
    /// client is set to ask for.
    pub(in crate::rules) static TGS_WRONG_NAME_ASKED = {
        id: "tgs-wrong-name-asked",
        summary: "the ticket is for another name than the one that the client speaks to",
        severity: Error,
        stage: Tgs,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    shows_other_host(attempt).or_else(|| asks_other_service(attempt))
}

fn shows_other_host(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let host = refused
        .host()
        .filter(|host| host.parse::<IpAddr>().is_err())?;
    let asked = refused.ap_req()?.ticket.as_ref()?.sname.host()?;
    let names = attempt.target.names.iter().map(WireText::as_str);
    if is_host_of(names.chain(attempt.aliases()), asked) {
        return None;
    }
    let answer = refused.answer.as_ref()?;
    Some(Finding {
        title: format!("The client speaks to {host} and shows a ticket for {asked}"),
        explanation: format!(
            "The request names {host} as its host; the ticket in it is for HTTP/{asked}. The server refused it."
        ),
        evidence: vec![
            Evidence::new(
                refused.asked.first(),
                format!("Host: {host}, with a ticket for HTTP/{asked}"),
            ),
            Evidence::new(answer.span.first(), "the ticket is refused"),
        ],
        fix: vec![
            Fix::new(
                "See by which name the management point is published",
                Some("Get-CMManagementPoint".to_owned()),
            ),
            Fix::new(
                "See who holds that name",
                command::with(asked, |name| format!("setspn -Q HTTP/{name}")),
            ),
        ],
        ..TGS_WRONG_NAME_ASKED.finding(Confidence::Proven)
    })
}

/// The client is challenged, asks for another service of the host than the web's, and is refused.
fn asks_other_service(attempt: &Attempt) -> Option<Finding> {
    let host = attempt.target.name()?;
    let challenge = attempt.first_challenge()?.answer.as_ref()?;
    let refused = attempt.tickets.iter().rfind(|request| is_other(request))?;
    let error = refused.error()?;
    let is_web_meant = attempt.service_tickets().next().is_some()
        || !attempt.http.iter().all(HttpExchange::shows_no_token);
    if is_web_meant || attempt.is_accepted() {
        return None;
    }
    let service = refused.service()?.to_string();
    let asked = refused.asked.first();
    Some(Finding {
        title: format!("The client asks for {service}, which is not the name of the web service"),
        explanation: format!(
            "The server asked for proof. The client asked KDCs for a ticket for {service} then, and for none for HTTP/{host}. It was refused, and it showed no token: the ticket that a web server takes was never asked for."
        ),
        evidence: vec![
            Evidence::new(refused.answered_in()?, error.code.to_string()),
            Evidence::new(asked, format!("asks for {service}")),
            Evidence::new(challenge.span.first(), "asks for proof"),
        ],
        rivals: vec![Rival::new(
            "http-client-stays-silent",
            format!(
                "another program of that computer may have asked for {service}, and the client itself for nothing"
            ),
        )],
        fix: vec![
            Fix::new(
                "See which service name the client is set to ask for: it has to begin with HTTP/",
                None,
            ),
            Fix::new(
                "See whether a ticket for the web service is to be had, on the client",
                command::with(host, |name| format!("klist -li 0x3e7 get HTTP/{name}")),
            ),
        ],
        ..TGS_WRONG_NAME_ASKED.finding(Confidence::Likely)
    })
}

/// Whether it asks for a service that is neither the web's nor a KDC's.
fn is_other(request: &TicketRequest) -> bool {
    request.kind == TicketKind::Tgs
        && request
            .service()
            .is_some_and(|service| !service.is_http() && !service.is_krbtgt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, refused, tgs, web};
    use crate::wire::kerberos::error_code::ErrorCode;

    fn asks_for(services: &[&str]) -> Option<Finding> {
        let mut attempt = attempt(60);
        attempt.outcome = Outcome::NoTicket;
        attempt.http = vec![answers(web(1, 401), None, None)];
        let unknown = |(at, service): (usize, &&str)| {
            let frame = 3 + 2 * u64::try_from(at).expect("a small number");
            refused(tgs(frame, NEXT, service), ErrorCode::S_PRINCIPAL_UNKNOWN)
        };
        attempt.tickets = services.iter().enumerate().map(unknown).collect();
        check(&attempt)
    }

    #[test]
    fn another_service_of_the_host_is_the_cause_only_where_the_web_is_not_asked_for() {
        let found = asks_for(&["host/mp.root.lab"]).expect("a finding");
        assert_eq!(found.confidence, Confidence::Likely);
        assert!(found.title.contains("host/mp.root.lab"), "{}", found.title);
        assert!(asks_for(&["host/mp.root.lab", SERVICE]).is_none());
        assert!(asks_for(&["krbtgt/ROOT.LAB"]).is_none());
    }
}
