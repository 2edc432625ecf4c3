//! What is known of the site's decision, and how: the call that stores it first, then the management point's answer, then the client's log.
//!
//! Never takes a good sign-on for an approval.

use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::witness::{Tie, ToldRecord};
use crate::outcome::{ApprovalState, Outcome};
use crate::report::Approval;

/// Before what a weaker witness says that does not agree.
const DISAGREES: &str = "another witness does not agree: ";
/// The component of the client that writes it.
const CLIENT: &str = "ClientIDManagerStartup";
/// What the client writes before the number.
const APPROVAL_STATUS: &str = "approval status ";

/// What is known of the site's decision: what the management point's answer says of it, else why nothing is.
pub(super) fn known(attempt: &Attempt) -> Approval {
    let witnesses = [of_call(attempt), of_reply(attempt), of_client_log(attempt)];
    let mut witnesses = witnesses.into_iter().flatten();
    if let Some(mut strongest) = witnesses.next() {
        for weaker in witnesses.filter(|weaker| weaker.state != strongest.state) {
            let said = weaker.because.into_iter().take(1);
            strongest
                .because
                .extend(said.map(|said| format!("{DISAGREES}{said}")));
        }
        return strongest;
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

/// What the site stored last. Of the pair only (1,1) and (0,0) are known.
fn of_call(attempt: &Attempt) -> Option<Approval> {
    let stored = attempt.calls.last()?;
    let pair = (
        stored.call.approval_method?,
        stored.call.is_integrated_auth?,
    );
    let (state, meaning) = match pair {
        (1, 1) => (ApprovalState::Approved, "proven by Windows, and approved"),
        (0, 0) => (
            ApprovalState::NotApproved,
            "not proven by Windows, and not approved",
        ),
        _ => (
            ApprovalState::Unknown,
            "what this pair means is not documented",
        ),
    };
    let call = format!(
        "the SQL call in {}, which {}, has @ApprovalMethod {} and @IsIntegratedAuth {}: {meaning}",
        stored.source,
        stored.tie.text(),
        pair.0,
        pair.1
    );
    let weak = (stored.tie == Tie::Name).then(|| {
        "identity and certificate in the call are not those of the capture: it may be an earlier registration of the same computer".to_owned()
    });
    Some(Approval {
        state,
        because: std::iter::once(call).chain(weak).collect(),
    })
}

/// What the client's own log says that it was told last.
fn of_client_log(attempt: &Attempt) -> Option<Approval> {
    let by_client = |told: &&ToldRecord| told.component.same_name(CLIENT);
    let told = attempt.told.iter().rev().filter(by_client);
    let (status, source) = told.into_iter().find_map(|told| {
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
