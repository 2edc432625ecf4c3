//! Rule `ad-replication-lag`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};

declare_rule! {
    /// ## What it means
    ///
    /// Two domain controllers of one realm answer the same question differently: a new account, name or password has
    /// not reached both.
    ///
    /// ## How it shows
    ///
    /// One KDC of a realm refuses with 6, 7, 24, 31 or 41 what another one of the same realm grants.
    ///
    /// ## What else it could be
    ///
    /// A branch controller that sends the client on is meant to; it says so with a status.
    ///
    /// ## What to do
    ///
    /// Repair replication.
    pub(in crate::rules) static AD_REPLICATION_LAG = {
        id: "ad-replication-lag",
        summary: "two domain controllers give different answers",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// Refusals that follow from what a controller knows.
const OF_KNOWLEDGE: [ErrorCode; 5] = [
    ErrorCode::C_PRINCIPAL_UNKNOWN,
    ErrorCode::S_PRINCIPAL_UNKNOWN,
    ErrorCode::PREAUTH_FAILED,
    ErrorCode::BAD_INTEGRITY,
    ErrorCode::MODIFIED,
];

fn check(attempt: &Attempt) -> Option<Finding> {
    let (refused, granted) = attempt.tickets.iter().find_map(|refused| {
        let error = refused.error()?;
        let knows_not =
            OF_KNOWLEDGE.contains(&error.code) && error.ntstatus != Some(NtStatus::NO_SECRETS);
        let other = attempt.tickets.iter().find(|other| {
            other.kdc.addr != refused.kdc.addr
                && same_realm(other, refused)
                && other.asks_the_same(refused)
                && other.is_granted()
        });
        knows_not.then_some((refused, other?))
    })?;
    let code = refused.error()?.code;
    let what = refused
        .service()
        .map_or_else(String::new, |service| format!(" for {service}"));
    let severity = if attempt.is_accepted() {
        Severity::Note
    } else {
        Severity::Error
    };
    Some(Finding {
        severity,
        title: format!(
            "The domain controllers {} and {} give different answers",
            refused.kdc.addr, granted.kdc.addr
        ),
        explanation: format!(
            "To the same request{what}, {} answered {code} and {} issued a ticket. One of them lags behind.",
            refused.kdc.addr, granted.kdc.addr
        ),
        evidence: vec![
            Evidence::new(
                refused.answered_in()?,
                format!("{code}, from {}", refused.kdc.addr),
            ),
            Evidence::new(
                granted.answered_in()?,
                format!("a ticket, from {}", granted.kdc.addr),
            ),
        ],
        fix: vec![Fix::new(
            "Compare the domain controllers",
            Some("repadmin /replsummary".to_owned()),
        )],
        ..AD_REPLICATION_LAG.finding(Confidence::Likely)
    })
}

fn same_realm(a: &TicketRequest, b: &TicketRequest) -> bool {
    a.realm()
        .zip(b.realm())
        .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}
