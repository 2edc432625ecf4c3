//! What is known of the site's decision, and how: the call that stores it first, then the management point's answer, then the client's log.
//!
//! Never takes a good sign-on for an approval, and never hides that a witness and the capture do not agree.

use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::HttpExchange;
use crate::model::witness::{Tie, approval_status};
use crate::outcome::{ApprovalState, Outcome};
use crate::report::Approval;

/// Before what a weaker witness says that does not agree.
const DISAGREES: &str = "another witness does not agree: ";
/// What is known of the site's decision: what the management point's answer says of it, else why nothing is.
pub(super) fn known(attempt: &Attempt) -> Approval {
    // A call that may be another registration's decides only beside a capture that shows the same.
    let (call, weak) = match attempt.stored_as_shown() {
        Some(_) => (of_call(attempt), None),
        None => (None, of_call(attempt)),
    };
    let witnesses = [call, of_reply(attempt), of_client_log(attempt)];
    let mut witnesses = witnesses.into_iter().flatten();
    if let Some(mut strongest) = witnesses.next() {
        let is_doubted = doubt(attempt).is_some();
        for weaker in witnesses {
            let agrees = weaker.state == strongest.state;
            let said = weaker.because.into_iter().take(1);
            if !agrees {
                let said = said.map(|said| format!("{DISAGREES}{said}"));
                strongest.because.extend(said);
            } else if is_doubted {
                strongest.because.extend(said);
            }
        }
        if strongest.state == ApprovalState::Approved {
            strongest
                .because
                .extend(failed(attempt).map(|said| format!("{DISAGREES}{said}")));
        }
        let beside = weak.into_iter().flat_map(|weak| weak.because);
        strongest.because.extend(beside);
        return strongest;
    }
    if let Some(weak) = weak {
        return Approval {
            state: ApprovalState::Unknown,
            ..weak
        };
    }
    let (state, because) = match (attempt.kind, attempt.outcome) {
        (AttemptKind::SignOn, _) if attempt.http.is_empty() => (
            ApprovalState::Unknown,
            "the capture holds no readable request to the service, and does not show whether it is a management point",
        ),
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
    let state = ApprovalState::of_status(status)?;
    Some(Approval {
        state,
        because: vec![format!(
            "the management point's answer in frame {frame} has ApprovalStatus {status}"
        )],
    })
}

/// What the site stored last.
fn of_call(attempt: &Attempt) -> Option<Approval> {
    let stored = attempt.stored()?;
    let pair = stored.call.decision()?;
    let (state, meaning) = ApprovalState::of_call(pair);
    let call = format!(
        "the SQL call in {}, which {}, has @ApprovalMethod {} and @IsIntegratedAuth {}: {meaning}",
        stored.source,
        stored.tie.text(),
        pair.0,
        pair.1
    );
    Some(Approval {
        state,
        because: std::iter::once(call)
            .chain(doubt(attempt).map(str::to_owned))
            .chain(contradiction(attempt, pair))
            .collect(),
    })
}

/// Why a call may store another registration than the one in the capture: then it says nothing of this one by itself.
fn doubt(attempt: &Attempt) -> Option<&'static str> {
    let stored = attempt.stored()?;
    let text = if stored.tie == Tie::Name {
        "neither identity nor certificate ties the call to the capture: it may be an earlier registration of the same computer"
    } else {
        "the call was made more than a day before: it stores an earlier registration"
    };
    attempt.stored_of_this().is_none().then_some(text)
}

/// What the capture shows of the proof that the pair does not say.
fn contradiction(attempt: &Attempt, pair: (i64, i64)) -> Option<String> {
    let told = match pair {
        (1, 1) => without_proof(attempt)?,
        (0, 0) => with_proof(attempt)?,
        _ => return None,
    };
    Some(format!("the capture does not agree: {told}"))
}

/// That no proof is accepted, where one would be seen: the call stores a registration that was proven.
fn without_proof(attempt: &Attempt) -> Option<String> {
    let visibility = &attempt.visibility;
    let is_hidden = visibility.unread.is_some()
        || visibility.snapped.is_some()
        || visibility.missed.is_some()
        || !attempt.tls.is_empty();
    let is_refused = matches!(
        attempt.outcome,
        Outcome::Rejected
            | Outcome::NoTicket
            | Outcome::NoToken
            | Outcome::AnonymousAccepted
            | Outcome::OtherAccepted
    );
    let last = attempt.deciding_exchange()?;
    let answer = last.answer.as_ref()?;
    (is_refused && !is_hidden).then(|| {
        format!(
            "{} answers {} and no proof is accepted, so what the call stores came by another sign-on",
            answer.span,
            last.status().unwrap_or_default()
        )
    })
}

/// That the registration came with proof, which was accepted: the call stores one that was not proven.
fn with_proof(attempt: &Attempt) -> Option<String> {
    let registers = |exchange: &&HttpExchange| {
        let message = exchange.request.ccm.as_ref();
        exchange.is_accepted() && message.is_some_and(|message| message.registration.is_some())
    };
    let registered = || attempt.http.iter().filter(registers);
    let proven = registered().rfind(|exchange| exchange.windows_token().is_some())?;
    let answer = proven.answer.as_ref()?;
    let bare = registered().rfind(|exchange| exchange.shows_no_token());
    let other = bare.map_or_else(
        || "so what the call stores may be another registration of this client".to_owned(),
        |bare| {
            format!(
                "so what the call stores may be the one in {}, without proof",
                bare.asked
            )
        },
    );
    Some(format!(
        "{} accepts the registration with proof in {}, {other}",
        answer.span, proven.asked
    ))
}

/// That the management point's log says last of this client that its registration failed.
fn failed(attempt: &Attempt) -> Option<String> {
    const OF_THE_POINT: &str = "MP_RegistrationManager";
    const SAYS: [&str; 2] = ["registration failed", "request body is invalid"];
    let told = attempt.told.iter().rfind(|told| {
        let text = told.text.as_str().to_ascii_lowercase();
        told.tie != Tie::Time
            && told.component.same_name(OF_THE_POINT)
            && SAYS.iter().any(|words| text.contains(words))
    })?;
    Some(format!(
        "the management point's log says in {}, which {}, that a registration failed",
        told.source,
        told.tie.text()
    ))
}

/// What the client's own log says that it was told last.
fn of_client_log(attempt: &Attempt) -> Option<Approval> {
    let told = attempt.told.iter().rev();
    let (status, source) = told.into_iter().find_map(|told| {
        let status = approval_status(told.component.as_str(), told.text.as_str())?;
        let source = format!("{}, which {}", told.source, told.tie.text());
        Some((status, source))
    })?;
    Some(Approval {
        state: ApprovalState::of_status(status)?,
        because: vec![format!(
            "the client's log has approval status {status} in {source}"
        )],
    })
}
