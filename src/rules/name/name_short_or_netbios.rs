//! Rule `name-short-or-netbios`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client uses a name without a domain. It leads only within the client's own forest, and may lead to another
    /// machine of that name.
    ///
    /// ## How it shows
    ///
    /// The Host header has no dot, and the sign-on failed.
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

fn check(attempt: &Attempt) -> Option<Finding> {
    let asked = attempt.http.iter().find(|exchange| exchange.is_sign_on())?;
    let host = asked.host().filter(|host| !host.contains(['.', ':']))?;
    let severity = if attempt.is_accepted() {
        Severity::Note
    } else {
        Severity::Warning
    };
    Some(Finding {
        severity,
        title: format!("The client addresses the server by the short name {host}"),
        explanation: format!(
            "The request names {host} as its host, without a domain. A service name made of it cannot be looked for outside the client's own forest."
        ),
        evidence: vec![Evidence::new(asked.asked.first(), format!("Host: {host}"))],
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
