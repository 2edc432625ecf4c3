//! The first ticket: the computer's own account, password and clock.
//!
//! Never looks at a service.

pub(in crate::rules) mod as_boot_race;
pub(in crate::rules) mod as_client_revoked;
pub(in crate::rules) mod as_client_unknown;
pub(in crate::rules) mod as_etype_nosupp;
pub(in crate::rules) mod as_fast_problem;
pub(in crate::rules) mod as_key_expired;
pub(in crate::rules) mod as_normal_rc4_rollover;
pub(in crate::rules) mod as_pkinit;
pub(in crate::rules) mod as_policy;
pub(in crate::rules) mod as_preauth_abandoned;
pub(in crate::rules) mod as_preauth_failed;
pub(in crate::rules) mod as_skew;
pub(in crate::rules) mod client_not_domain_joined;
pub(in crate::rules) mod normal_68_upn;
pub(in crate::rules) mod normal_91_90;
pub(in crate::rules) mod normal_preauth_required;
pub(in crate::rules) mod normal_skew_heal;
pub(in crate::rules) mod normal_user_failures;

use crate::finding::Evidence;
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::wire::kerberos::error_code::ErrorCode;

/// The last refusal with `code` that left the client without a ticket.
pub(in crate::rules) fn refusal(attempt: &Attempt, code: ErrorCode) -> Option<&TicketRequest> {
    attempt
        .unhealed(code)
        .filter(|refused| attempt.lacks_ticket() && !attempt.goes_on_without(refused))
}

/// The refusal, with the status that Windows adds, and the request of `account` that was refused.
pub(in crate::rules) fn evidence(refused: &TicketRequest, account: &str) -> Option<Vec<Evidence>> {
    let code = refused.error()?.code;
    Some(vec![
        Evidence::new(refused.answered_in()?, format!("{code}{}", status(refused))),
        Evidence::new(
            refused.asked.first(),
            format!("asks for a ticket as {account}"),
        ),
    ])
}

/// `: the account is disabled`, where a status says more than the code; else nothing.
pub(in crate::rules) fn status(refused: &TicketRequest) -> String {
    refused
        .error()
        .and_then(|error| error.ntstatus?.meaning())
        .map_or_else(String::new, |meaning| format!(": {meaning}"))
}
