//! Rule `tgs-wrong-name-asked`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::target::is_host_of;
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
    /// refused.
    ///
    /// ## What else it could be
    ///
    /// A ticket for the host behind an alias is normal; then the capture shows the alias.
    ///
    /// ## What to do
    ///
    /// Align the name by which the management point is published with the one that is registered.
    pub(in crate::rules) static TGS_WRONG_NAME_ASKED = {
        id: "tgs-wrong-name-asked",
        summary: "the ticket is for another name than the one that the client speaks to",
        severity: Error,
        stage: Tgs,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
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
