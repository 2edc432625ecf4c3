//! Rule `http-spn-on-user-account`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC issued a ticket for the service, and the server cannot open it: it was made with the key of another account
    /// than the one under which the web service runs. The usual reason is that the service name is registered on a user
    /// account, for another service on the same machine.
    ///
    /// ## How it shows
    ///
    /// The request shows the ticket, and the 401 carries KRB-ERROR 41 or 31: the ticket does not decrypt.
    ///
    /// ## What else it could be
    ///
    /// The server's own password may differ from the directory's; the name may lead to another machine; the server may be
    /// forbidden to use the ticket's encryption type. All leave the same error. A name that is shared by several servers
    /// belongs on a user account on purpose.
    ///
    /// ## What to do
    ///
    /// Ask the directory who holds the name. If it is not the account of the web service, move it there, give the other
    /// service a name of its own, and let the client forget its tickets.
    pub(in crate::rules) static HTTP_SPN_ON_USER_ACCOUNT = {
        id: "http-spn-on-user-account",
        summary: "the ticket is under another key than the server's",
        severity: Error,
        stage: Ap,
        owner: Directory,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007", "https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-authentication-problems-8211-service-principal-name-spn/ba-p/395455", "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused.krb_error()?;
    if !matches!(error.code, ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY) {
        return None;
    }
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let acceptor = error
        .sname
        .as_ref()
        .map(|sname| format!(" It tried as {sname}."))
        .unwrap_or_default();
    let rivals = [
        Rival::new(
            "ap-modified-stale-password",
            "the server's password may differ from the directory's: then tickets for its file service are refused too",
        ),
        Rival::new(
            "dns-wrong-host",
            "the name may lead to another machine: compare the address with the server's own",
        ),
        Rival::new(
            "ap-modified-etype-policy",
            "a policy of the server may forbid the ticket's encryption type",
        ),
    ];
    Some(Finding {
        title: format!(
            "The server cannot open the ticket for {service}: it is under another key than the server's"
        ),
        explanation: format!(
            "The KDC issued a ticket for {service}, the client showed it, and the server answered that it does not decrypt.{acceptor} The usual reason is that the service name is registered on another account than the one whose key the server uses, a user's for instance."
        ),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        rivals: rivals.into(),
        fix: vec![
            Fix::new(
                "See which account holds the name",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
            Fix::new(
                "If it is another account than the web service's, remove it there (put in its name)",
                command::with(&service, |service| {
                    format!("setspn -D {service} DOMAIN\\account")
                }),
            ),
            Fix::new(
                "Let the computer forget its tickets, and try again",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..HTTP_SPN_ON_USER_ACCOUNT.finding(Confidence::Likely)
    })
}
