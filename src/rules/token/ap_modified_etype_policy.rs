//! Rule `ap-modified-etype-policy`.

use crate::finding::{Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::rules::token::Refused;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket is encrypted in a way that the server is not allowed, or not able, to use, while the KDC was told
    /// otherwise.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14 in the 401 to a request that shows a ticket.
    ///
    /// ## What else it could be
    ///
    /// With code 41 the same cause is one of several.
    ///
    /// ## What to do
    ///
    /// Bring the server's policy and the types on its account into line, and reset its password.
    pub(in crate::rules) static AP_MODIFIED_ETYPE_POLICY = {
        id: "ap-modified-etype-policy",
        summary: "the server may not use the ticket's encryption type",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = Refused::with(attempt, ErrorCode::ETYPE_NOSUPP)?;
    let server = refused.server();
    let ticket = refused.exchange.ap_req()?.ticket.as_ref();
    let etype = ticket.map_or_else(String::new, |ticket| format!(" ({})", ticket.etype));
    let host = ticket.and_then(|ticket| ticket.sname.host());
    let computer = host.and_then(|host| host.split('.').next());
    let whence = refused.issued.map_or_else(String::new, |frame| {
        format!(" that the KDC issued in frame {frame}")
    });
    Some(Finding {
        title: "The server cannot use the encryption type of the ticket".to_owned(),
        explanation: format!("The server at {server} answered that it does not support the encryption type{etype} of the ticket{whence}."),
        fix: vec![
            Fix::new("See which types the server may use, on the server", Some("Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters".to_owned())),
            Fix::new("See which types the directory believes that it can use", computer.and_then(|name| command::with(name, |name| format!("Get-ADComputer {name} -Properties msDS-SupportedEncryptionTypes")))),
        ],
        ..refused.finding(attempt, &AP_MODIFIED_ETYPE_POLICY)
    })
}
