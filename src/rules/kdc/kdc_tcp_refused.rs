//! Rule `kdc-tcp-refused`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The machine is up, but nothing answers for Kerberos on it: it refuses the connection, or reports that the port is
    /// closed.
    ///
    /// ## How it shows
    ///
    /// RST to the SYN on port 88, or an ICMP error about the request, and no answer from any KDC afterwards.
    ///
    /// ## What else it could be
    ///
    /// A firewall on the way may send the refusal in the machine's name. Some KDCs reset a connection after a whole
    /// exchange; that is no refusal.
    ///
    /// ## What to do
    ///
    /// See whether the KDC service runs on that machine, and whether DNS still names a machine that is no domain controller
    /// any more.
    pub(in crate::rules) static KDC_TCP_REFUSED = {
        id: "kdc-tcp-refused",
        summary: "the KDC's port is closed",
        severity: Error,
        stage: Net,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["kdc-no-reply", "dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-tcp-timeout"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let refused = attempt
        .kdc_connects
        .iter()
        .filter(|connect| connect.is_refused());
    let by_tcp = refused.filter_map(|connect| {
        let at = connect
            .reset_by_server
            .or(connect.unreachable.map(|error| error.at))?;
        Some((
            connect.server.addr,
            at.frame,
            "the connection to port 88 is refused",
        ))
    });
    let by_udp = attempt
        .tickets
        .iter()
        .filter(|request| request.is_unanswered())
        .filter_map(|request| {
            let error = request.unreachable?;
            Some((
                request.kdc.addr,
                error.at.frame,
                "an ICMP error about the request: the port cannot be reached",
            ))
        });
    let mut refusals: Vec<_> = by_tcp.chain(by_udp).collect();
    refusals.sort_by_key(|(_, frame, _)| *frame);
    let (address, last, _) = *refusals.last()?;
    if attempt.hears_from_kdc_after(last) {
        return None;
    }
    let evidence = refusals.iter().filter(|(host, _, _)| *host == address);
    Some(Finding {
        title: format!("The KDC {address} refuses: nothing listens on port 88"),
        explanation: format!(
            "The client asked the KDC at {address}. The machine is up, and it says that its port of Kerberos is closed; no other KDC answered afterwards."
        ),
        evidence: evidence
            .map(|(_, frame, text)| Evidence::new(*frame, *text))
            .collect(),
        fix: vec![
            Fix::new(
                "See whether the service runs, on that machine",
                Some("sc query kdc".to_owned()),
            ),
            Fix::new(
                "Try the port from the client",
                Some(format!("Test-NetConnection {address} -Port 88")),
            ),
        ],
        ..KDC_TCP_REFUSED.finding(Confidence::Proven)
    })
}
