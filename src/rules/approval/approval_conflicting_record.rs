//! Rule `approval-conflicting-record`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::model::sighting::User;
use crate::rules::approval::duplicate_guid::sighting;
use crate::rules::approval::replies;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The site may know this hardware as another client, after a new installation for instance, and wait for a person
    /// to decide.
    ///
    /// ## How it shows
    ///
    /// The answer to a confirmation has Status 1, pending; or one hardware registers under two identities. Where neither is
    /// seen, `duplicate-guid` carries the question.
    ///
    /// ## What else it could be
    ///
    /// New hardware has no other record. The first answer to a registration is Status 1 as a rule, and is none of this.
    ///
    /// ## What to do
    ///
    /// Look at the conflicting records of the site.
    pub(in crate::rules) static APPROVAL_CONFLICTING_RECORD = {
        id: "approval-conflicting-record",
        summary: "a question: does the site know the hardware under another name?",
        severity: Note,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/powershell/module/configurationmanager/get-cmconflictingrecord"],
        since: "0.2.0",
        supersedes: [],
        check: Both(check, one_hardware),
    }
}

/// Status of a registration that the site has not decided.
const PENDING: i64 = 1;

fn check(attempt: &Attempt) -> Option<Finding> {
    let (asked, answer, _) = replies(attempt).next_back().filter(|(asked, _, reply)| {
        let message = asked.request.ccm.as_ref();
        let request = message.and_then(|message| message.registration.as_ref());
        let confirms = request
            .and_then(|request| request.request_type.as_ref())
            .is_some_and(|kind| kind.same_name("Confirmation"));
        confirms && reply.status == Some(PENDING)
    })?;
    Some(Finding {
        title: "The registration is still pending. A question: does the site know the hardware as another client?".to_owned(),
        explanation: "The client came back to ask whether its registration is done, and the management point answered that it is pending. It may not have got to it yet; or it waits for a person to decide between two records of one hardware, as after a new installation of the machine.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "Status 1: pending"),
            Evidence::new(asked.asked.first(), "the client asks for the confirmation"),
        ],
        rivals: vec![Rival::new("approval-ok", "the site may only be slow: its log of registrations (MP_RegistrationManager.log) tells")],
        fix: vec![list()],
        ..APPROVAL_CONFLICTING_RECORD.finding(Confidence::Possible)
    })
}

/// One hardware that registers under two identities.
fn one_hardware(facts: &CaptureFacts) -> Option<Finding> {
    let (first, second) = facts.identities.one_hardware()?;
    let said = |(smsid, user): (&str, &User)| sighting(smsid, user);
    Some(Finding {
        title: format!("One hardware registers under two identities, {} and {}", first.0, second.0),
        explanation: "Two registrations have the same HardwareID1 and different identities, as before and after a new installation of one machine. A site that is set so holds the second one until a person decides.".to_owned(),
        evidence: vec![said(second), said(first)],
        rivals: vec![Rival::new("duplicate-guid", "virtual machines without serial numbers have the same HardwareID1 and are different machines: their names and addresses tell")],
        fix: vec![list()],
        ..APPROVAL_CONFLICTING_RECORD.finding(Confidence::Possible)
    })
}

fn list() -> Fix {
    Fix::new(
        "List the conflicting records",
        Some("Get-CMConflictingRecord".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{attempt, web};
    use crate::wire::ccm::{CcmMessage, Registration};

    /// Two registrations, of the hardware and the identity that are given for each.
    fn registered(clients: [(&str, &str); 2]) -> CaptureFacts {
        let http = clients
            .into_iter()
            .zip([1, 5])
            .map(|((hardware, smsid), frame)| {
                let mut exchange = web(frame, 200);
                exchange.request.ccm = Some(Box::new(CcmMessage {
                    registration: Some(Registration {
                        smsid: Some(smsid.into()),
                        hardware_id: Some(hardware.into()),
                        netbios_name: Some("WK02".into()),
                        ..Registration::default()
                    }),
                    ..CcmMessage::default()
                }));
                exchange
            });
        let mut facts = CaptureFacts::default();
        facts.count(&Attempt {
            http: http.collect(),
            ..attempt(60)
        });
        facts
    }

    #[test]
    fn one_hardware_under_two_identities_is_a_question_and_two_are_none() {
        let anew = one_hardware(&registered([("2:AA", "GUID:Y"), ("2:AA", "GUID:X")])).unwrap();
        assert!(anew.title.contains("GUID:Y and GUID:X"), "{}", anew.title);
        assert_eq!(anew.confidence, Confidence::Possible);
        assert_eq!(anew.evidence.len(), 2);
        assert!(one_hardware(&registered([("2:AA", "GUID:X"), ("2:AA", "GUID:X")])).is_none());
        assert!(one_hardware(&registered([("2:AA", "GUID:X"), ("2:BB", "GUID:Y")])).is_none());
    }
}
