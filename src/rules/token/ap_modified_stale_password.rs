//! Rule `ap-modified-stale-password`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::sessions::{FileSession, SessionEnd};
use crate::rules::keytabs::Account;
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::Ticket;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket was made with a version of the key that the server does not have: its password and the one that the
    /// directory keeps for it are out of step.
    ///
    /// ## How it shows
    ///
    /// The request shows the ticket, and the 401 carries KRB-ERROR 44: the server lacks that version of the key. Or it carries 41
    /// or 31, the ticket does not decrypt, and a keytab shows that it is under the key of the server's own account; or the same
    /// machine refuses a ticket for its file service in the same way, so that no service of it opens its tickets.
    ///
    /// ## What else it could be
    ///
    /// A server with a key table may hold an old one. A domain controller that has not heard of a new password yet issues
    /// tickets under the old key for a while.
    ///
    /// ## What to do
    ///
    /// Mend the secure channel of the server, or give it a new key table; see whether the domain controllers agree.
    pub(in crate::rules) static AP_MODIFIED_STALE_PASSWORD = {
        id: "ap-modified-stale-password",
        summary: "the server's key is not the directory's",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-client-krb-ap-err-modified-error"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused.krb_error()?;
    let seen = token::evidence(
        attempt,
        refused,
        refused.answer.as_ref()?,
        error.code.to_string(),
    );
    let ticket = refused.ap_req()?.ticket.as_ref();
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let found = match error.code {
        ErrorCode::BADKEYVER => lacks_version(&service, ticket),
        ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY => {
            let frame = refused.asked.first();
            let account = ticket.and_then(|ticket| Account::of(attempt, ticket));
            match account {
                Some(account) if !account.is_servers_own(attempt) => return None,
                Some(account) => differs(&service, account, frame),
                None => no_ticket_opens(shut(attempt, refused)?),
            }
        }
        _ => return None,
    };
    Some(Finding {
        evidence: seen.into_iter().chain(found.evidence).collect(),
        fix: vec![
            Fix::new(
                "Mend the secure channel, on the server",
                Some("Test-ComputerSecureChannel -Repair".to_owned()),
            ),
            Fix::new(
                "See whether the domain controllers agree",
                Some("repadmin /replsummary".to_owned()),
            ),
            Fix::new(
                "See that the name is on the server's own account, and on no other",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
        ],
        ..found
    })
}

fn lacks_version(service: &str, ticket: Option<&Ticket>) -> Finding {
    let version = ticket.and_then(|ticket| ticket.kvno).map_or_else(
        || "that version".to_owned(),
        |version| format!("version {version}"),
    );
    Finding {
        title: format!("The server lacks the key of the ticket for {service} ({version})"),
        explanation: format!(
            "The KDC made the ticket with {version} of the key for {service}. The server answered that it has no such key, not of that version or not of that encryption type: its password, or its key table, is not what the directory has now."
        ),
        rivals: vec![
            Rival::new(
                "ap-no-key",
                "a server that is not Windows may have no key for this name at all, or only keys of other encryption types: klist -ke lists its key table",
            ),
            Rival::new(
                "http-spn-on-user-account",
                "the name may be on another account, whose key has other versions; setspn -Q tells",
            ),
        ],
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    }
}

/// A session with the file service of the same machine, which cannot open its ticket either.
fn shut<'a>(attempt: &'a Attempt, refused: &HttpExchange) -> Option<&'a FileSession> {
    let mut sessions = attempt.sessions_with(refused.server.addr);
    sessions.find(|session| matches!(session.end, SessionEnd::Refused(code) if code.is_of_key()))
}

/// The machine refuses the ticket of `session` as it does the one for the web.
fn no_ticket_opens(session: &FileSession) -> Finding {
    let service = &session.service;
    let issued = session.issued;
    let seen = [
        Evidence::new(
            session.answered,
            format!("the server cannot open the ticket for {service} either"),
        ),
        Evidence::new(
            session.shown,
            format!("a session with the file service is asked for, with a ticket for {service}"),
        ),
    ];
    let issued = issued.map(|frame| Evidence::new(frame, "the KDC issues that ticket"));
    Finding {
        title: "The server opens no ticket, for its file service neither: its password is not the one that the directory has"
            .to_owned(),
        explanation: format!(
            "The server answered the ticket for the web that it does not decrypt, and the ticket for {service} in the same way. That one is under the computer's key, so that the server's copy of its own password and the directory's differ: after it was restored or cloned, or its account was reset."
        ),
        evidence: seen.into_iter().chain(issued).collect(),
        rivals: vec![
            Rival::new(
                "dns-wrong-host",
                "the name may lead to another machine, which opens tickets for none of the names: compare the address with the server's own",
            ),
            Rival::new(
                "ap-modified-etype-policy",
                "a policy of the server may forbid the encryption type of both tickets",
            ),
            Rival::new(
                "http-spn-on-user-account",
                "the name for the web may be on another account besides; setspn -Q tells",
            ),
        ],
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    }
}

/// The ticket is under the key of `account`, which is the server's own; `frame` shows the ticket.
fn differs(service: &str, account: Account<'_>, frame: FrameNumber) -> Finding {
    let key = account.key;
    Finding {
        title: format!(
            "The server cannot open the ticket for {service}, which is under the key of its own account"
        ),
        explanation: format!(
            "The key of {key} opens the ticket, and that account bears the server's name. The server answered that it does not decrypt: so the key that it uses is not the one that the directory has for it."
        ),
        evidence: vec![account.evidence(frame)],
        rivals: vec![
            Rival::new(
                "dns-wrong-host",
                "the name may lead to another machine: compare the address with the server's own",
            ),
            Rival::new(
                "ap-modified-kernel-mode",
                "the web service may run under another account, and open tickets with the key of that one: see the identity of its application pool",
            ),
        ],
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attempt::Attempt;
    use crate::outcome::Outcome;
    use crate::rules::testing::{
        NEXT, SERVICE, answers, attempt, error, opened_by, shows_ticket, web,
    };

    fn refused(account: &str) -> Attempt {
        let mut attempt = attempt(60);
        let shown = shows_ticket(web(5, 401), NEXT, SERVICE);
        let said = error(ErrorCode::MODIFIED);
        attempt.http.push(answers(shown, Some(said), None));
        attempt.outcome = Outcome::Rejected;
        opened_by(&mut attempt, account);
        attempt
    }

    #[test]
    fn only_the_key_of_the_servers_own_account_says_that_its_password_differs() {
        let found = check(&refused("MP$")).expect("a finding");
        let told = "The key of MP$@ROOT.LAB, version 3 opens";
        assert!(found.explanation.starts_with(told), "{found:?}");
        let sources = found.evidence.iter().filter_map(|it| it.source.as_deref());
        assert!(sources.eq(["kdc.keytab"]), "{found:?}");
        for other in ["svc-web", "MP2$", "MP", SERVICE] {
            assert!(check(&refused(other)).is_none(), "{other}");
        }
    }
}
