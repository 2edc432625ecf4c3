//! Rule `kdc-proxy`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client may ask its KDCs through a KDC proxy: its ticket requests go inside TLS, and the capture cannot show
    /// them. They are hidden then, and not missing.
    ///
    /// ## How it shows
    ///
    /// After the challenge the client opens a TLS connection to another machine, and then shows a ticket that no KDC issued
    /// in the capture. Nothing goes to a KDC in clear.
    ///
    /// ## What else it could be
    ///
    /// The ticket came from the cache, and the TLS connection is another program's.
    ///
    /// ## What to do
    ///
    /// See whether the client is told to use a proxy; let it forget its tickets and take the capture anew.
    pub(in crate::rules) static KDC_PROXY = {
        id: "kdc-proxy",
        summary: "tickets may come through a KDC proxy, inside TLS",
        severity: Note,
        stage: Net,
        owner: Client,
        sources: ["MS-KKDCP"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.tickets.is_empty() || !attempt.kdc_connects.is_empty() {
        return None;
    }
    let start = attempt.tls_aside.as_ref()?;
    let shown = attempt
        .shown_tickets()
        .find(|exchange| exchange.asked.first() > start.span.first())?;
    let name = start.sni.as_ref().map_or_else(
        || start.server.addr.to_string(),
        |name| name.as_str().to_owned(),
    );
    Some(Finding {
        title: format!("The ticket may have come through a KDC proxy at {name}"),
        explanation: format!(
            "Between the challenge and the ticket the client began a TLS connection to {name}, and it asked no KDC in clear. Whether a ticket was asked for in it cannot be seen."
        ),
        evidence: vec![
            Evidence::new(
                start.span.first(),
                format!("begins a TLS connection to {name}"),
            ),
            Evidence::new(
                shown.asked.first(),
                "shows a ticket that no KDC issued in this attempt",
            ),
        ],
        rivals: vec![Rival::new(
            "normal-cached-ticket",
            "the ticket may be from the cache and the TLS connection another program's: a capture after klist -li 0x3e7 purge tells",
        )],
        fix: vec![
            Fix::new(
                "See whether the client is told to use a KDC proxy",
                Some("reg query HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\KdcProxy /s".to_owned()),
            ),
            Fix::new(
                "To see whether the tickets come that way, before the next capture",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..KDC_PROXY.finding(Confidence::Possible)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;
    use crate::model::attempt::TlsStart;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, issued, shows_ticket, tgs, web};

    fn asks_aside() -> Attempt {
        let mut attempt = attempt(60);
        attempt.tls_aside = Some(TlsStart {
            span: web(3, 200).asked,
            server: Endpoint::new("10.0.0.90".parse().unwrap(), 443),
            sni: Some("kdc.example.com".into()),
        });
        attempt.http = vec![shows_ticket(web(5, 200), NEXT, SERVICE)];
        attempt
    }

    #[test]
    fn a_ticket_after_a_tls_connection_may_have_come_over_it() {
        let finding = check(&asks_aside()).expect("a finding");
        assert!(finding.title.contains("kdc.example.com"));
        assert!(!finding.rivals.is_empty());
    }

    #[test]
    fn a_ticket_that_is_asked_for_in_clear_needs_no_proxy() {
        let mut clear = asks_aside();
        clear.tickets = vec![issued(tgs(3, HOME, SERVICE), SERVICE)];
        assert!(check(&clear).is_none());
    }

    #[test]
    fn a_tls_connection_after_the_ticket_did_not_bring_it() {
        let mut late = asks_aside();
        late.http = vec![shows_ticket(web(2, 200), NEXT, SERVICE)];
        assert!(check(&late).is_none());
    }
}
