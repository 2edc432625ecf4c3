//! Rule `ref-namesake-in-client-realm`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client's own domain has a computer with the same short name and issued a ticket for that one. The server is
    /// of another domain and cannot open it.
    ///
    /// ## How it shows
    ///
    /// A ticket for `HTTP/SHORT` of the client's own realm is refused with KRB-ERROR 41, and the server says that it
    /// belongs to another realm.
    ///
    /// ## What else it could be
    ///
    /// A server that truly is of the client's realm.
    ///
    /// ## What to do
    ///
    /// Use the full name; remove the old account.
    pub(in crate::rules) static REF_NAMESAKE_IN_CLIENT_REALM = {
        id: "ref-namesake-in-client-realm",
        summary: "the short name belongs to another computer in the client's own domain",
        severity: Error,
        stage: Ap,
        owner: Site,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account", "ap-modified-stale-password"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| error.code == ErrorCode::MODIFIED)?;
    let ticket = refused.ap_req()?.ticket.as_ref()?;
    let host = ticket.sname.host().filter(|host| !host.contains('.'))?;
    let (home, server) = (attempt.home_realm()?, error.realm.as_ref()?.as_str());
    let is_of_home = ticket.realm.same_name(home) && !server.eq_ignore_ascii_case(home);
    let answer = refused.answer.as_ref()?;
    is_of_home.then(|| Finding {
        title: format!("{home} issued a ticket for its own {host}; the server belongs to {server}"),
        explanation: format!("The ticket for HTTP/{host} was issued by {home} itself, without a referral. The server that refuses it says that it belongs to {server}: there are two computers of that name."),
        evidence: token::evidence(attempt, refused, answer, format!("{}, from the realm {server}", error.code)),
        fix: vec![Fix::new("See who holds the name in the client's domain", command::with(host, |host| format!("setspn -Q HTTP/{host}")))],
        ..REF_NAMESAKE_IN_CLIENT_REALM.finding(Confidence::Likely)
    })
}
