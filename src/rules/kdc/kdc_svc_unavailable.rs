//! Rule `kdc-svc-unavailable`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::message::KrbError;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC answers that something it needs is not there: a directory that is starting, or the way from a branch to
    /// a full domain controller.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 29, or a status that says that no logon server is there, as the last word.
    ///
    /// ## What else it could be
    ///
    /// A single answer of this kind, followed by another KDC that serves the request, is no fault; alone it is a matter of delay.
    /// It is told only where it is the last word and the client was left without a ticket: then nothing else is needed to
    /// explain the failure, and that makes it an error.
    ///
    /// ## What to do
    ///
    /// Look at that domain controller.
    pub(in crate::rules) static KDC_SVC_UNAVAILABLE = {
        id: "kdc-svc-unavailable",
        summary: "the KDC lacks a service that it needs",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-generic"],
        check: Attempt(check),
    }
}

/// Statuses that say what the KDC could not reach.
const HELPERS: [NtStatus; 2] = [NtStatus::NO_LOGON_SERVERS, NtStatus::INVALID_SERVER_STATE];

fn check(attempt: &Attempt) -> Option<Finding> {
    let lacks_helper = |_: &TicketRequest, error: &KrbError| {
        error.code == ErrorCode::SVC_UNAVAILABLE
            || error
                .ntstatus
                .is_some_and(|status| HELPERS.contains(&status))
    };
    let refusal = Refusal::of_ticket(attempt, lacks_helper)
        .or_else(|| Refusal::of_first_ticket(attempt, lacks_helper))?;
    let realm = refusal.realm();
    Some(Finding {
        title: format!("The KDC of {realm} lacks something that it needs"),
        explanation: format!(
            "The KDC at {} answered {}. It could not do its part because a service behind it was not there, and no other KDC served the client.",
            refusal.request.kdc.addr,
            refusal.said()
        ),
        fix: vec![
            Fix::new(
                "See whether the domain controller is well, on it",
                Some("dcdiag /v".to_owned()),
            ),
            Fix::new(
                "Let the client find another one",
                command::with(realm, |realm| format!("nltest /dsgetdc:{realm} /force")),
            ),
        ],
        ..refusal.finding(&KDC_SVC_UNAVAILABLE, Confidence::Proven)
    })
}
