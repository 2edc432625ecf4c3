//! Rule `ap-modified-stale-password`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::model::sessions::{FileSession, SessionEnd};
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket was made with a version of the key that the server does not have: its password and the one that the
    /// directory keeps for it are out of step.
    ///
    /// ## How it shows
    ///
    /// The request shows the ticket, and the 401 carries KRB-ERROR 44: the server lacks that version of the key. Or it carries 41
    /// or 31, and the same machine refuses a ticket for its file service in the same way: then no service of it opens its tickets.
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
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    if matches!(error.code, ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY) {
        let session = attempt
            .sessions_with(refused.server.addr)
            .find(|session| matches!(session.end, SessionEnd::Refused(code) if code.is_of_key()))?;
        return Some(no_ticket_opens(
            attempt, refused, answer, error.code, session,
        ));
    }
    if error.code != ErrorCode::BADKEYVER {
        return None;
    }
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let version = ticket.and_then(|ticket| ticket.kvno).map_or_else(
        || "that version".to_owned(),
        |version| format!("version {version}"),
    );
    Some(Finding {
        title: format!("The server lacks the key of the ticket for {service} ({version})"),
        explanation: format!(
            "The KDC made the ticket with {version} of the key for {service}. The server answered that it does not have that version: its password, or its key table, is not the one that the directory has now."
        ),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        rivals: vec![
            Rival::new(
                "ap-no-key",
                "a server that is not Windows may have no key for this name at all: look into its key table",
            ),
            Rival::new(
                "http-spn-on-user-account",
                "the name may be on another account, whose key has other versions; setspn -Q tells",
            ),
        ],
        fix: fix(),
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    })
}

/// The same machine refuses a ticket for its file service too.
fn no_ticket_opens(
    attempt: &Attempt,
    refused: &HttpExchange,
    answer: &HttpAnswer,
    code: ErrorCode,
    session: &FileSession,
) -> Finding {
    let mut evidence = token::evidence(attempt, refused, answer, code.to_string());
    let service = &session.service;
    evidence.push(Evidence::new(
        session.answered,
        format!("the server cannot open the ticket for {service} either"),
    ));
    evidence.push(Evidence::new(
        session.shown,
        format!("a session with the file service is asked for, with a ticket for {service}"),
    ));
    let issued = session.issued;
    evidence.extend(issued.map(|frame| Evidence::new(frame, "the KDC issues that ticket")));
    Finding {
        title: "The server opens no ticket, for its file service neither: its password is not the one that the directory has"
            .to_owned(),
        explanation: format!(
            "The server answered the ticket for the web that it does not decrypt, and the ticket for {service} in the same way. That one is under the computer's key, so that the server's copy of its own password and the directory's differ: after it was restored or cloned, or its account was reset."
        ),
        evidence,
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
        fix: fix(),
        ..AP_MODIFIED_STALE_PASSWORD.finding(Confidence::Likely)
    }
}

fn fix() -> Vec<Fix> {
    vec![
        Fix::new(
            "Mend the secure channel, on the server",
            Some("Test-ComputerSecureChannel -Repair".to_owned()),
        ),
        Fix::new(
            "See whether the domain controllers agree",
            Some("repadmin /replsummary".to_owned()),
        ),
    ]
}
