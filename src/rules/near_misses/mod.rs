//! Rules on built attempts: each fires on what it is about, and is silent on the nearest thing that is something else.
//!
//! Never stands in for a capture where one exists: `tests/rules.rs` and the pages of `captures/` come first.

mod approval;
mod names;
mod proxies;
mod tickets;
mod token;
mod unanswered;
mod web;

use crate::endpoint::Transport;
use crate::finding::Severity;
use crate::frame::FrameNumber;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::exchange::Unreachable;
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::{KdcVerdict, TicketRequest};
use crate::outcome::Outcome;
use crate::rules::testing::{
    HOME, NEXT, SERVICE, address_lookup, answers, attempt, error, first_ticket, found_address,
    issued, moment, principal, referral, refused, server_connect, service_lookup, shows_ntlm,
    shows_ticket, silent_connect, tgs, web,
};
use crate::rules::{Selection, attempt_findings};
use crate::wire::dns::{Answer, Rcode, RecordData};
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::KrbError;
use crate::wire::kerberos::name::NameType;
use crate::wire::kerberos::options::KdcOptions;
use crate::wire::kerberos::padata::PaDataType;
use crate::wire::ntlm::{AvPairs, NtlmAuthenticate, NtlmChallenge, NtlmMessage, NtlmNegotiate};
use crate::wire::spnego::Oid;

/// How grave `rule` finds `attempt`, if it fires.
pub(super) fn severity(rule: &str, attempt: &Attempt) -> Option<Severity> {
    let findings = attempt_findings(attempt, &Selection::default());
    let finding = findings.iter().find(|finding| finding.rule.id == rule)?;
    assert!(!finding.evidence.is_empty(), "{rule} has evidence");
    Some(finding.severity)
}

#[track_caller]
pub(super) fn assert_apart(rule: &str, fires: &Attempt, silent: &Attempt) {
    assert!(severity(rule, fires).is_some(), "{rule} fires");
    assert_eq!(severity(rule, silent), None, "{rule} is silent");
}

pub(super) fn with_tickets(tickets: Vec<TicketRequest>) -> Attempt {
    Attempt {
        tickets,
        ..attempt(60)
    }
}

pub(super) fn with_web(outcome: Outcome, http: Vec<HttpExchange>) -> Attempt {
    Attempt {
        http,
        outcome,
        ..attempt(60)
    }
}

/// `request`, refused with `code` and the status that Windows adds.
pub(super) fn refused_with(
    request: TicketRequest,
    code: ErrorCode,
    status: NtStatus,
) -> TicketRequest {
    let mut request = refused(request, code);
    if let Some(answer) = &mut request.answer {
        answer.verdict = KdcVerdict::Refused(KrbError {
            ntstatus: Some(status),
            ..error(code)
        });
    }
    request
}

/// A request to the next realm that shows the referral to it.
pub(super) fn chased(frame: u64) -> TicketRequest {
    let mut request = tgs(frame, NEXT, SERVICE);
    request.request.tgt = referral(1).ticket().cloned();
    request
}

/// An exchange whose ticket the server refuses with `code`.
pub(super) fn refused_ticket(code: ErrorCode) -> HttpExchange {
    let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
    answers(shown, Some(error(code)), None)
}

pub(super) fn challenge(av: AvPairs) -> NtlmMessage {
    NtlmMessage::Challenge(NtlmChallenge {
        av,
        ..NtlmChallenge::default()
    })
}

pub(super) fn proof(user: &str, domain: &str, workstation: &str) -> NtlmMessage {
    NtlmMessage::Authenticate(NtlmAuthenticate {
        user: Some(user.into()),
        domain: Some(domain.into()),
        workstation: Some(workstation.into()),
        // As a client of Windows sends it: one byte where it is nobody.
        lm_response_bytes: Some(if user.is_empty() { 1 } else { 24 }),
        ..NtlmAuthenticate::default()
    })
}
