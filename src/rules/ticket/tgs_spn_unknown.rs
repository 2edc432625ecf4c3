//! Rule `tgs-spn-unknown`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::outputs::Holders;
use crate::rules::refusal::is_cut_abroad;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// No account of the directory carries the service name that the client asked a ticket for, or more than one does.
    ///
    /// ## How it shows
    ///
    /// A TGS-REQ for `HTTP/host` is answered by KRB-ERROR 7, no referral was given before, and the same name is not granted
    /// later. Where the output of `setspn` beside the capture has the name, it says so.
    ///
    /// ## What else it could be
    ///
    /// The name is on two accounts: Windows answers the same way. Or the host belongs to a realm to which this realm has no
    /// Kerberos route, because only an external trust joins them.
    ///
    /// ## What to do
    ///
    /// Ask the directory who holds the name, and register it on the account that runs the web service.
    pub(in crate::rules) static TGS_SPN_UNKNOWN = {
        id: "tgs-spn-unknown",
        summary: "the KDC finds no such service name",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let is_referred = attempt
        .tickets
        .iter()
        .any(|request| request.referral().is_some());
    if is_referred || !attempt.lacks_ticket() {
        return None;
    }
    let unknown = || {
        attempt.service_tickets().filter(|request| {
            request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN)
                && !sends_on(request)
                && !attempt.is_healed(request)
        })
    };
    // The realm that the host's name belongs to knows best; other realms may be asked after it.
    let refused = unknown()
        .find(|request| !attempt.is_foreign_name(request))
        .or_else(|| unknown().last())?;
    let holders = Holders::of(attempt, refused.service()?);
    if holders.are_several() {
        return None;
    }
    let service = refused.service()?.to_string();
    let realm = refused.realm().unwrap_or("the realm");
    let foreign = attempt.is_foreign_name(refused);
    let route = foreign.then(|| Rival::new("trust-external", format!("the host's name does not end in {realm}: if it belongs to another realm to which there is no Kerberos route, the KDC answers the same way. The list of trusts would tell: nltest /domain_trusts")));
    let twice = holders.may_be_several();
    let (sure, unseen) = what_is_not_seen(attempt, refused);
    let asked = refused.asked.first();
    let mut evidence = vec![
        Evidence::new(refused.answered_in()?, "KDC_ERR_S_PRINCIPAL_UNKNOWN (7)"),
        Evidence::new(asked, format!("asks for {service}")),
    ];
    evidence.extend(holders.evidence(asked));
    Some(Finding {
        title: format!("The KDC of {realm} finds no service {service}"),
        explanation: format!(
            "The client asked the KDC of {realm} for a ticket for {service}. The KDC answered that it finds no such service, and it gave no referral to another realm.{}",
            holders.sentence()
        ),
        evidence,
        rivals: route.into_iter().chain(twice).chain(unseen).collect(),
        fix: vec![
            Fix::new(
                "See which account holds the name",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
            Fix::new(
                "See whether the computer holds it as HOST, which stands for HTTP too",
                refused
                    .service()
                    .and_then(PrincipalName::host)
                    .and_then(|host| command::with(host, |host| format!("setspn -Q HOST/{host}"))),
            ),
            Fix::new(
                "Try again as the computer, on the client",
                command::with(&service, |service| format!("klist -li 0x3e7 get {service}")),
            ),
            Fix::new(
                "Look for names that are held twice",
                Some("setspn -X -F".to_owned()),
            ),
        ],
        ..TGS_SPN_UNKNOWN.finding(sure)
    })
}

/// A client that is refused one form of a name tries the next one, or the next KDC, at once.
const NEXT_TRY_NANOS: i64 = 5_000_000_000;

/// How sure the finding is, and what could be told by frames that the capture lacks: those after the refusal, or what was cut off before it.
fn what_is_not_seen(attempt: &Attempt, refused: &TicketRequest) -> (Confidence, Option<Rival>) {
    let answered = refused.last_span().last_time;
    let has_ended = attempt.is_given_up_after(answered, NEXT_TRY_NANOS);
    if !has_ended && !attempt.is_accepted() {
        let rival = Rival::new(
            "normal-spn-two-tries",
            "the capture ends within five seconds of the refusal: a client that tries another form of the name, or another KDC, does so next",
        );
        return (Confidence::Possible, Some(rival));
    }
    let led = is_cut_abroad(attempt, refused).then(|| {
        Rival::new(
            "ref-dead-end",
            "what the client showed is cut off: if it was a referral, the way through the realms is good and the name is missing at its end",
        )
    });
    (Confidence::Likely, led)
}

/// Whether a branch's domain controller sends the client on to a full one, instead of judging the name.
fn sends_on(request: &TicketRequest) -> bool {
    request
        .error()
        .is_some_and(|error| error.ntstatus == Some(NtStatus::NO_SECRETS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Timestamp;
    use crate::model::ticket_request::KdcVerdict;
    use crate::model::witness::{CommandFact, OutputRecord};
    use crate::outcome::Outcome;
    use crate::rules::testing::{HOME, SERVICE, attempt, holds, issued, refused, tgs};
    use crate::wire::kerberos::message::KrbError;

    fn unknown(frame: u64, service: &str) -> TicketRequest {
        refused(tgs(frame, HOME, service), ErrorCode::S_PRINCIPAL_UNKNOWN)
    }

    fn attempt_with(tickets: Vec<TicketRequest>) -> Attempt {
        let mut attempt = attempt(20);
        attempt.tickets = tickets;
        attempt
    }

    #[test]
    fn a_refusal_with_which_the_capture_ends_may_be_followed_by_another_try() {
        let mut seen = attempt_with(vec![unknown(1, SERVICE)]);
        seen.visibility.until = seen.tickets[0].last_span().last_time;
        let found = check(&seen).expect("a finding");
        assert_eq!(found.confidence, Confidence::Possible);
        assert!(
            found
                .rivals
                .iter()
                .any(|it| it.rule == "normal-spn-two-tries")
        );
        seen.visibility.until = Timestamp::from_nanos(i64::MAX);
        let found = check(&seen).expect("a finding");
        assert_eq!(found.confidence, Confidence::Likely);
    }

    #[test]
    fn a_name_that_stays_unknown_is_the_cause_also_where_ntlm_helps() {
        let mut attempt = attempt_with(vec![unknown(1, SERVICE)]);
        assert!(check(&attempt).is_some());
        attempt.outcome = Outcome::NtlmAccepted;
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn what_the_directory_lists_confirms_it_or_casts_doubt() {
        let mut attempt = attempt_with(vec![unknown(1, SERVICE)]);
        attempt.outputs = vec![holds("CN=MP,DC=root,DC=lab", SERVICE)];
        let found = check(&attempt).expect("a finding");
        assert!(
            found
                .explanation
                .contains("setspn finds HTTP/mp.root.lab on CN=MP")
        );
        assert_eq!(found.evidence.len(), 3);
        attempt
            .outputs
            .push(holds("CN=svc,DC=root,DC=lab", SERVICE));
        assert!(check(&attempt).is_none(), "that is another rule's");
        attempt.outputs = vec![OutputRecord {
            fact: CommandFact::Nobody(SERVICE.into()),
            ..holds("", "")
        }];
        let found = check(&attempt).expect("a finding");
        assert!(found.explanation.contains("does not find the name either"));
        assert!(found.rivals.iter().all(|it| it.rule != "tgs-spn-duplicate"));
    }

    #[test]
    fn a_short_name_refused_before_the_long_one_is_granted_is_no_fault() {
        let granted = issued(tgs(3, HOME, SERVICE), SERVICE);
        assert!(check(&attempt_with(vec![unknown(1, "HTTP/mp"), granted])).is_none());
    }

    #[test]
    fn a_branch_controller_that_sends_the_client_on_has_not_judged() {
        let mut branch = unknown(1, SERVICE);
        if let Some(answer) = &mut branch.answer {
            answer.verdict = KdcVerdict::Refused(KrbError {
                code: ErrorCode::S_PRINCIPAL_UNKNOWN,
                ntstatus: Some(NtStatus::NO_SECRETS),
                ..KrbError::default()
            });
        }
        assert!(check(&attempt_with(vec![branch.clone()])).is_none());
        assert!(check(&attempt_with(vec![branch, unknown(3, SERVICE)])).is_some());
    }
}
