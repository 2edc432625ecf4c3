//! What is known of the site's decision, and how: the management point's answer first, then the client's log.
//!
//! Never takes a good sign-on for an approval.

use crate::model::attempt::{Attempt, AttemptKind};
use crate::outcome::{ApprovalState, Outcome};
use crate::report::Approval;

/// What the client writes before the number.
const APPROVAL_STATUS: &str = "approval status ";

/// What is known of the site's decision: what the management point's answer says of it, else why nothing is.
pub(super) fn known(attempt: &Attempt) -> Approval {
    if let Some(told) = of_reply(attempt).or_else(|| of_client_log(attempt)) {
        return told;
    }
    let (state, because) = match (attempt.kind, attempt.outcome) {
        (AttemptKind::SignOn, _) => (
            ApprovalState::NotApplicable,
            "the service is no management point, as far as the capture shows",
        ),
        (_, Outcome::KerberosAccepted | Outcome::NtlmAccepted) => (
            ApprovalState::Unknown,
            "the sign-on proves who the client is; the site decides afterwards, which this capture does not show",
        ),
        _ => (
            ApprovalState::Unknown,
            "the capture shows no proof that the server accepted, and no decision of the site",
        ),
    };
    Approval {
        state,
        because: vec![because.to_owned()],
    }
}

/// `ApprovalStatus` of the last answer to a registration that has one.
fn of_reply(attempt: &Attempt) -> Option<Approval> {
    let (status, frame) = attempt.http.iter().rev().find_map(|exchange| {
        let answer = exchange.answer.as_ref()?;
        let reply = answer.response.ccm.as_ref()?.reply.as_ref()?;
        Some((reply.approval_status?, answer.span.first()))
    })?;
    let state = state(status)?;
    Some(Approval {
        state,
        because: vec![format!(
            "the management point's answer in frame {frame} has ApprovalStatus {status}"
        )],
    })
}

/// What the client's own log says that it was told last.
fn of_client_log(attempt: &Attempt) -> Option<Approval> {
    let (status, source) = attempt.told.iter().rev().find_map(|told| {
        let text = told.text.as_str().to_ascii_lowercase();
        let rest = text.split_once(APPROVAL_STATUS)?.1;
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '-');
        let number = rest.get(..end.unwrap_or(rest.len()))?;
        Some((number.parse().ok()?, told.source.to_string()))
    })?;
    Some(Approval {
        state: state(status)?,
        because: vec![format!(
            "the client's log has approval status {status} in {source}"
        )],
    })
}

/// -1 unknown, 0 not approved yet, 1 approved, 2 not applicable, 3 by an identity of the cloud.
const fn state(status: i64) -> Option<ApprovalState> {
    Some(match status {
        0 => ApprovalState::Pending,
        1 => ApprovalState::Approved,
        2 | 3 => ApprovalState::NotApplicable,
        _ => return None,
    })
}
