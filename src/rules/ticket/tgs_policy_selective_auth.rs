//! Rule `tgs-policy-selective-auth`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::message::Ticket;

declare_rule! {
    /// ## What it means
    ///
    /// The trust between the domains is set to selective authentication, and the client may not authenticate to this
    /// server.
    ///
    /// ## How it shows
    ///
    /// After a referral, a KDC of the server's realm answers KRB-ERROR 12 with status 0xC0000413.
    ///
    /// ## What else it could be
    ///
    /// Within one forest the same status stands for an authentication policy: where the domain controllers say that both
    /// realms are of one, the trust is not in question.
    ///
    /// ## What to do
    ///
    /// Grant the clients the right to authenticate on the server's computer object.
    pub(in crate::rules) static TGS_POLICY_SELECTIVE_AUTH = {
        id: "tgs-policy-selective-auth",
        summary: "the trust lets only chosen computers be reached",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["https://support.microsoft.com/help/2959395", "MS-KILE section 3.3.5"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "tgs-policy-other"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::POLICY])
            && error.ntstatus == Some(NtStatus::AUTHENTICATION_FIREWALL_FAILED)
            && request.request.tgt.as_ref().is_some_and(is_referral)
            && !is_at_home(attempt, request)
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let (sure, within) = if is_abroad(attempt, refusal.request) {
        (Confidence::Proven, None)
    } else {
        let within = Rival::new(
            "tgs-policy-other",
            "within one forest the same status is an authentication policy's, and the capture does not tell of which forests the two realms are: nltest /domain_trusts /all_trusts /v does",
        );
        (Confidence::Likely, Some(within))
    };
    Some(Finding {
        title: format!("Selective authentication keeps the client from {service}"),
        explanation: format!(
            "The client came to {realm} by a referral. The KDC there knows {service} and refuses a ticket with a status that stands for selective authentication: this client is not among those that may authenticate to the server."
        ),
        rivals: within.into_iter().collect(),
        fix: vec![
            Fix::new(
                "Grant \"Allowed to Authenticate\" on the computer object of the management point to a group that holds the clients",
                None,
            ),
            Fix::new(
                "See how the trust is set",
                Some("Get-ADTrust -Filter * -Properties SelectiveAuthentication".to_owned()),
            ),
        ],
        ..refusal.finding(&TGS_POLICY_SELECTIVE_AUTH, sure)
    })
}

/// Whether the realm that refuses is told to be of the client's own forest.
fn is_at_home(attempt: &Attempt, request: &TicketRequest) -> bool {
    is_of_own_forest(attempt, request) == Some(true)
}

/// Whether it is told to be of another forest.
fn is_abroad(attempt: &Attempt, request: &TicketRequest) -> bool {
    is_of_own_forest(attempt, request) == Some(false)
}

/// `None` where the capture does not tell the forests of both realms.
fn is_of_own_forest(attempt: &Attempt, request: &TicketRequest) -> Option<bool> {
    let there = attempt.forest_of(request.realm()?)?;
    let own = attempt.client_forest()?;
    Some(own.forest.eq_ignore_ascii_case(there.forest))
}

/// Whether a ticket-granting ticket was issued by another realm than the one that reads it.
fn is_referral(shown: &Ticket) -> bool {
    shown
        .sname
        .krbtgt_realm()
        .is_some_and(|reader| !shown.realm.same_name(reader))
}
