//! Rule `as-client-revoked`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::rule::declare_rule;
use crate::rules::{command, first_ticket};
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};

declare_rule! {
    /// ## What it means
    ///
    /// The domain knows the account and does not let it in: it is disabled, locked, expired, or out of its hours. The
    /// status, where the KDC sends one, says which.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 18 to a request for a ticket for the computer's account, and no success afterwards; from KDCs that are not
    /// Windows also 1, where the account has expired.
    ///
    /// ## What else it could be
    ///
    /// Without a status the four states look the same in the capture.
    ///
    /// ## What to do
    ///
    /// Look at the account's state and mend it.
    pub(in crate::rules) static AS_CLIENT_REVOKED = {
        id: "as-client-revoked",
        summary: "the computer's account is disabled, locked or expired",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5.6"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "dns-srv-missing", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = first_ticket::refusal(attempt, ErrorCode::CLIENT_REVOKED)
        .or_else(|| first_ticket::refusal(attempt, ErrorCode::NAME_EXP))?;
    let stands_for = if refused.is_refused_with(ErrorCode::NAME_EXP) {
        "an account whose date of expiry has passed"
    } else {
        "an account that is disabled, locked, expired or out of its hours"
    };
    let known = attempt.account_of(refused).filter(|name| !name.is_empty());
    let name = known.clone().unwrap_or_else(|| "of the client".to_owned());
    let status = first_ticket::status(refused);
    let service = (refused.kind == TicketKind::Tgs).then(|| {
        Rival::new(
            "tgs-service-disabled",
            "some KDCs say the same of a service's account: the state of both accounts would tell",
        )
    });
    let account = |command: fn(&str) -> String| {
        known
            .as_deref()
            .and_then(|name| command::with(name.trim_end_matches('$'), command))
    };
    let realm = refused.realm().unwrap_or("its realm");
    Some(Finding {
        title: format!("The account {name} is not let in by {realm}{status}"),
        explanation: format!(
            "The KDC of {realm} answered that the account {name} is not to be let in{status}. The code stands for {stands_for}."
        ),
        evidence: first_ticket::evidence(refused, known.as_deref().unwrap_or("the client"))?,
        rivals: service.into_iter().collect(),
        fix: [Fix::new(
            "See the state of the account",
            account(|name| {
                format!("Get-ADComputer {name} -Properties Enabled,LockedOut,AccountExpirationDate")
            }),
        )]
        .into_iter()
        .chain(
            mends(refused)
                .into_iter()
                .map(|(text, command)| Fix::new(text, account(command))),
        )
        .collect(),
        ..AS_CLIENT_REVOKED.finding(Confidence::Proven)
    })
}

/// A state of an account in words, and the command that mends it.
type Mend = (&'static str, fn(&str) -> String);

const ENABLE: Mend = ("Enable it, if it is disabled", |name| {
    format!("Enable-ADAccount -Identity {name}$")
});
const UNLOCK: Mend = ("Unlock it, if it is locked", |name| {
    format!("Unlock-ADAccount -Identity {name}$")
});
const EXTEND: Mend = ("Take its date of expiry off, if that has passed", |name| {
    format!("Clear-ADAccountExpiration -Identity {name}$")
});
const HOURS: Mend = ("See the hours in which it may sign on", |name| {
    format!("Get-ADComputer {name} -Properties logonHours")
});

/// What mends the state that the KDC's status names, or the states that the code may stand for.
fn mends(refused: &TicketRequest) -> Vec<Mend> {
    let is_expired = refused.is_refused_with(ErrorCode::NAME_EXP);
    match refused.error().and_then(|error| error.ntstatus) {
        _ if is_expired => vec![EXTEND],
        Some(NtStatus::ACCOUNT_DISABLED) => vec![ENABLE],
        Some(NtStatus::ACCOUNT_LOCKED_OUT) => vec![UNLOCK],
        Some(NtStatus::ACCOUNT_EXPIRED) => vec![EXTEND],
        Some(NtStatus::INVALID_LOGON_HOURS) => vec![HOURS],
        _ => vec![ENABLE, UNLOCK],
    }
}
