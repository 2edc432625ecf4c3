//! Rules about registrations and what the site says of them.

use super::*;
use crate::finding::Confidence;
use crate::wire::ccm::{CcmMessage, Registration, RegistrationReply};

#[test]
fn a_message_without_proof_is_a_question_after_a_sign_on_that_failed() {
    let with = |sign_on: u16| {
        let mut bare = web(5, 200);
        bare.request.head.uri = "/ccm_system/request".into();
        with_web(
            Outcome::Rejected,
            vec![shows_ticket(web(1, sign_on), NEXT, SERVICE), bare],
        )
    };
    assert_apart("approval-anonymous-path", &with(401), &with(200));
    let about = |endpoint: &str, sign_on, approval_status| {
        let mut attempt = with(sign_on);
        if let Some(bare) = attempt.http.last_mut() {
            bare.request.ccm = Some(Box::new(CcmMessage {
                endpoint: Some(endpoint.into()),
                ..CcmMessage::default()
            }));
            *bare = answered_by(bare.clone(), approval_status);
        }
        severity("approval-anonymous-path", &attempt)
    };
    let registration = "MP_ClientRegistration";
    assert_eq!(about(registration, 401, None), Some(Severity::Error));
    assert_eq!(about(registration, 200, None), None);
    assert_eq!(about(registration, 401, Some(2)), None, "by a PKI");
    assert_eq!(about("MP_PolicyManager", 401, None), None, "policies");
}

/// `exchange`, answered by a registration with this `ApprovalStatus`.
fn answered_by(mut exchange: HttpExchange, approval_status: Option<i64>) -> HttpExchange {
    if let Some(answer) = &mut exchange.answer {
        answer.response.ccm = Some(Box::new(CcmMessage {
            reply: Some(RegistrationReply {
                approval_status,
                ..RegistrationReply::default()
            }),
            ..CcmMessage::default()
        }));
    }
    exchange
}

/// An accepted sign-on with this answer to the registration.
fn replied(reply: RegistrationReply) -> Attempt {
    let mut exchange = shows_ticket(web(5, 200), NEXT, SERVICE);
    if let Some(answer) = &mut exchange.answer {
        answer.response.ccm = Some(Box::new(CcmMessage {
            reply: Some(reply),
            ..CcmMessage::default()
        }));
    }
    with_web(Outcome::KerberosAccepted, vec![exchange])
}

#[test]
fn a_registration_that_is_not_taken_is_told_from_one_that_waits() {
    let answered = |status| {
        replied(RegistrationReply {
            status: Some(status),
            ..RegistrationReply::default()
        })
    };
    assert_apart("approval-reply-error", &answered(3), &answered(1));
}

#[test]
fn the_site_is_asked_only_where_no_answer_says_that_it_approved() {
    let answered = |approval_status| {
        replied(RegistrationReply {
            approval_status,
            ..RegistrationReply::default()
        })
    };
    assert_apart("duplicate-guid", &answered(Some(0)), &answered(Some(1)));
    assert_apart("duplicate-guid", &answered(None), &answered(Some(2)));
    assert_apart("approval-manual-mode", &answered(Some(0)), &answered(None));
}

#[test]
fn a_sign_on_of_which_nothing_more_is_known_raises_one_question() {
    let accepted = with_web(
        Outcome::KerberosAccepted,
        vec![shows_ticket(web(5, 200), NEXT, SERVICE)],
    );
    let findings = attempt_findings(&accepted, &Selection::default());
    let questions: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.confidence == Confidence::Possible)
        .map(|finding| finding.rule.id)
        .collect();
    assert_eq!(questions, ["duplicate-guid"]);
    let mut asked = findings.iter();
    let asked = asked.find(|finding| finding.rule.id == "duplicate-guid");
    let rivals = asked.map(|it| it.rivals.iter().map(|rival| rival.rule).collect::<Vec<_>>());
    let both = vec!["approval-manual-mode", "approval-conflicting-record"];
    assert_eq!(rivals, Some(both));
}

#[test]
fn a_registration_waits_where_its_confirmation_is_still_pending() {
    let asked = |kind: &str| {
        let mut attempt = replied(RegistrationReply {
            status: Some(1),
            ..RegistrationReply::default()
        });
        for exchange in &mut attempt.http {
            exchange.request.ccm = Some(Box::new(CcmMessage {
                registration: Some(Registration {
                    request_type: Some(kind.into()),
                    ..Registration::default()
                }),
                ..CcmMessage::default()
            }));
        }
        attempt
    };
    assert_apart(
        "approval-conflicting-record",
        &asked("Confirmation"),
        &asked("Registration"),
    );
}
