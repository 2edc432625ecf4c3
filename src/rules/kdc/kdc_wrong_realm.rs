//! Rule `kdc-wrong-realm`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::command;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::KrbError;
use crate::wire::kerberos::name::NameType;

declare_rule! {
    /// ## What it means
    ///
    /// The client asked a KDC that does not serve the realm it asks for, and did not go to the realm that was named
    /// instead.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 68 as the last word.
    ///
    /// ## What else it could be
    ///
    /// For a name of the form `user@domain` the same code is a normal referral.
    ///
    /// ## What to do
    ///
    /// Let the client locate a domain controller anew; remove records of retired ones.
    pub(in crate::rules) static KDC_WRONG_REALM = {
        id: "kdc-wrong-realm",
        summary: "the KDC does not serve that realm",
        severity: Error,
        stage: As,
        owner: Network,
        sources: ["RFC 6806 section 7"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let is_meant = |request: &TicketRequest, error: &KrbError| {
        error.code == ErrorCode::WRONG_REALM
            && !is_users_name(request)
            && !is_chased(attempt, request)
    };
    let refusal = Refusal::of_ticket(attempt, is_meant)
        .or_else(|| Refusal::of_first_ticket(attempt, is_meant))?;
    let realm = refusal.realm();
    let named = refusal
        .error
        .crealm
        .as_ref()
        .filter(|other| !other.same_name(realm))
        .map_or_else(String::new, |other| format!(" It names {other} instead."));
    let asker = match refusal.request.kind {
        TicketKind::As => refusal.account(attempt),
        TicketKind::Tgs => "The client".to_owned(),
    };
    Some(Finding {
        title: format!("{asker} asked a KDC that does not serve {realm}"),
        explanation: format!(
            "The KDC at {} answered that it does not serve {realm}.{named} The client asked no other realm afterwards and got no ticket.",
            refusal.request.kdc.addr
        ),
        fix: vec![Fix::new(
            "Locate a domain controller anew, on the client",
            command::with(realm, |name| format!("nltest /dsgetdc:{name} /force")),
        )],
        ..refusal.finding(&KDC_WRONG_REALM, Confidence::Proven)
    })
}

/// For a name of the form `user@domain` the error is a referral.
fn is_users_name(request: &TicketRequest) -> bool {
    request
        .request
        .cname
        .as_ref()
        .is_some_and(|name| name.kind == NameType::ENTERPRISE)
}

/// Whether the client asked another realm afterwards: then that one's answer counts.
fn is_chased(attempt: &Attempt, request: &TicketRequest) -> bool {
    attempt.tickets.iter().any(|later| {
        later.kind == request.kind
            && later.asked.first() > request.asked.first()
            && !same_realm(later, request)
    })
}

fn same_realm(a: &TicketRequest, b: &TicketRequest) -> bool {
    match (a.realm(), b.realm()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, first_ticket, refused, tgs};

    fn title_of(tickets: Vec<TicketRequest>) -> Option<String> {
        let mut attempt = attempt(60);
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.title)
    }

    #[test]
    fn a_wrong_realm_as_the_last_word_is_told_of_both_kinds_of_request() {
        let of_service = refused(tgs(1, HOME, SERVICE), ErrorCode::WRONG_REALM);
        let first = refused(first_ticket(1, "WK02$"), ErrorCode::WRONG_REALM);
        assert!(title_of(vec![of_service]).is_some_and(|title| title.starts_with("The client")));
        assert!(title_of(vec![first]).is_some_and(|title| title.starts_with("WK02$")));
    }

    #[test]
    fn a_client_that_goes_on_to_another_realm_is_not_stopped_by_it() {
        let wrong = refused(tgs(1, HOME, SERVICE), ErrorCode::WRONG_REALM);
        let unknown = refused(tgs(3, NEXT, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        assert_eq!(title_of(vec![wrong, unknown]), None);
    }
}
