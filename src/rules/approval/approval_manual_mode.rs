//! Rule `approval-manual-mode`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::approval::{accepted_ticket, replies};
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The site may be set to approve clients by hand only. Then a good sign-on changes nothing.
    ///
    /// ## How it shows
    ///
    /// A sign-on with Kerberos that was accepted, and an answer to the registration with ApprovalStatus 0. Where the answer
    /// does not tell, `duplicate-guid` carries the question.
    ///
    /// ## What else it could be
    ///
    /// Only some clients that are not approved speak against it. A site that is still at work answers 0 too.
    ///
    /// ## What to do
    ///
    /// Look at how the site approves clients.
    pub(in crate::rules) static APPROVAL_MANUAL_MODE = {
        id: "approval-manual-mode",
        summary: "a question: does the site approve by hand only?",
        severity: Note,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/powershell/module/configurationmanager/approve-cmdevice"],
        since: "0.2.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let (_, accepted) = accepted_ticket(attempt)?;
    let (asked, answer, _) = replies(attempt)
        .rev()
        .find(|(_, _, reply)| reply.approval_status.is_some())
        .filter(|(_, _, reply)| reply.approval_status == Some(0))?;
    let name = asked
        .request
        .ccm
        .as_ref()
        .and_then(|message| message.registration.as_ref()?.netbios_name.as_ref());
    let by_hand = name.and_then(|name| {
        command::with(name.as_str(), |name| {
            format!("Approve-CMDevice -DeviceName {name}")
        })
    });
    Some(Finding {
        title: "The sign-on is accepted and the client is not approved. A question: does the site approve by hand only?".to_owned(),
        explanation: "The management point's answer says that the client is not approved. Why, nothing on the wire shows. If all new clients wait, the site's way of approving is the first thing to look at.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "ApprovalStatus 0: not approved"),
            Evidence::new(accepted.span.first(), "the ticket is accepted here"),
        ],
        rivals: vec![Rival::new("duplicate-guid", "where only some clients are not approved, look for ids that occur twice")],
        fix: vec![
            Fix::new("See how the site approves clients", Some("(Get-CMHierarchySetting).Props".to_owned())),
            Fix::new("Approve the client by hand, to try it", by_hand),
        ],
        ..APPROVAL_MANUAL_MODE.finding(Confidence::Possible)
    })
}
