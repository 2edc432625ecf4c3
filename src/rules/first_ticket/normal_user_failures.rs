//! Rule `normal-user-failures`.

use crate::finding::{Evidence, Finding};
use crate::model::capture_facts::CaptureFacts;
use crate::model::other_kerberos::OtherRefusal;
use crate::model::ticket_request::TicketKind;
use crate::rules::rule::{declare_rule, each_once};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// Somebody mistyped a password, or an account has expired: people's and services' accounts fail every day.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 6, 18, 23 or 24 to a first ticket request of an account that is no computer's.
    ///
    /// ## What else it could be
    ///
    /// Of the computer's own account, whose name ends in a dollar sign, it is the cause.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_USER_FAILURES = {
        id: "normal-user-failures",
        summary: "an account of a person or a service gets no first ticket",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: [],
        check: Capture(check),
    }
}

/// What an account may fail with that says nothing of the computer.
const FAILURES: [ErrorCode; 5] = [
    ErrorCode::C_PRINCIPAL_UNKNOWN,
    ErrorCode::CLIENT_REVOKED,
    ErrorCode::KEY_EXPIRED,
    ErrorCode::NAME_EXP,
    ErrorCode::PREAUTH_FAILED,
];

fn check(facts: &CaptureFacts) -> Option<Finding> {
    let evidence = facts.refusals.iter().filter(|it| is_of_person(it));
    let evidence = evidence.map(|refusal| {
        let account = refusal.account.as_ref().map(ToString::to_string);
        let account = account.unwrap_or_default();
        Evidence::new(refusal.frame, format!("{account}: {}", refusal.code))
    });
    NORMAL_USER_FAILURES.expected(
        "Accounts of people or services get no first ticket",
        "Passwords are mistyped and accounts expire. The sign-on is made by the computer's account, and these are others.",
        each_once(evidence),
    )
}

fn is_of_person(refusal: &OtherRefusal) -> bool {
    let account = refusal.account.as_ref().map(ToString::to_string);
    refusal.kind == TicketKind::As
        && FAILURES.contains(&refusal.code)
        && account.is_some_and(|account| !account.is_empty() && !account.ends_with('$'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::wire::kerberos::name::{NameType, PrincipalName};

    fn refused(account: &str, code: ErrorCode) -> CaptureFacts {
        CaptureFacts {
            refusals: vec![OtherRefusal {
                frame: FrameNumber(7),
                kind: TicketKind::As,
                service: None,
                account: Some(PrincipalName {
                    kind: NameType(1),
                    parts: vec![account.into()],
                }),
                code,
            }],
            ..CaptureFacts::default()
        }
    }

    #[test]
    fn a_person_who_mistypes_is_nothing_to_worry_about() {
        let finding = check(&refused("alice", ErrorCode::PREAUTH_FAILED)).unwrap();
        assert_eq!(finding.evidence[0].frame, FrameNumber(7));
        assert!(finding.evidence[0].text.starts_with("alice: "));
    }

    #[test]
    fn a_computer_that_fails_is() {
        assert!(check(&refused("WK02$", ErrorCode::PREAUTH_FAILED)).is_none());
        assert!(check(&refused("alice", ErrorCode::SKEW)).is_none());
    }
}
