//! Rule `tgs-spn-with-port`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::text::WireText;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// The client asked a ticket for a service name with a port in it, and no account carries the name in that form.
    ///
    /// ## How it shows
    ///
    /// A TGS-REQ for `HTTP/host:port` is answered by KRB-ERROR 7.
    ///
    /// ## What else it could be
    ///
    /// The name without the port may be missing too; then the server has no name at all.
    ///
    /// ## What to do
    ///
    /// Register the name with the port on the account that runs the web site, or let the client leave the port out.
    pub(in crate::rules) static TGS_SPN_WITH_PORT = {
        id: "tgs-spn-with-port",
        summary: "the service name carries a port that is not registered",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "tgs-spn-unknown"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::S_PRINCIPAL_UNKNOWN])
            && request.service().is_some_and(has_port)
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    Some(Finding {
        title: format!("The service name {service} carries a port, and the KDC does not find it"),
        explanation: format!(
            "The client asked the KDC of {realm} for {service}. The KDC finds no such name. By default clients leave the port out; this one does not, so the name has to be registered with it."
        ),
        rivals: vec![Rival::new(
            "tgs-spn-unknown",
            "the name may be missing without the port as well: setspn -Q for both forms tells",
        )],
        fix: vec![
            Fix::new(
                "See who holds the name with the port",
                command::with(&service, |name| format!("setspn -Q {name}")),
            ),
            Fix::new(
                "Register it, if the web site runs as an account of its own (ACCOUNT)",
                command::with(&service, |name| format!("setspn -S {name} ACCOUNT")),
            ),
        ],
        ..refusal.finding(&TGS_SPN_WITH_PORT, Confidence::Likely)
    })
}

/// Whether a service name ends in a port.
fn has_port(service: &PrincipalName) -> bool {
    let instance = service.parts.get(1).map(WireText::as_str);
    let port = instance.and_then(|instance| Some(instance.rsplit_once(':')?.1));
    service.is_http() && port.is_some_and(|port| port.parse::<u16>().is_ok())
}
