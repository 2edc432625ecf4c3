//! Rule `tgs-client-user-context`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The request was signed with a ticket of an account that is no computer: a test by hand, or a proxy's logon. The
    /// site does not take it for the computer.
    ///
    /// ## How it shows
    ///
    /// The ticket that the request shows was issued to a name that does not end in `$`.
    ///
    /// ## What else it could be
    ///
    /// Tickets of other processes do not count; this one was shown to the management point.
    ///
    /// ## What to do
    ///
    /// Let the agent run as the local system.
    pub(in crate::rules) static TGS_CLIENT_USER_CONTEXT = {
        id: "tgs-client-user-context",
        summary: "the ticket is a person's, not the computer's",
        severity: Error,
        stage: Approval,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let shown = attempt
        .shown_tickets()
        .last()
        .filter(|_| attempt.kind == AttemptKind::Ccm)?;
    let issued = attempt.source_of(shown.ap_req()?.ticket.as_ref()?)?;
    let owner = issued.issued()?.cname.as_ref()?;
    if owner.is_computer() || owner.parts.is_empty() {
        return None;
    }
    Some(Finding {
        title: format!("The request is signed by {owner}, which is no computer"),
        explanation: format!(
            "The ticket that the client shows was issued to {owner}. Automatic approval rests on the computer's own proof."
        ),
        evidence: vec![
            Evidence::new(
                issued.answered_in()?,
                format!("the ticket is issued to {owner}"),
            ),
            Evidence::new(shown.asked.first(), "the client shows this ticket"),
        ],
        fix: vec![Fix::new(
            "See as whom the agent runs, on the client",
            Some("sc qc ccmexec".to_owned()),
        )],
        ..TGS_CLIENT_USER_CONTEXT.finding(Confidence::Proven)
    })
}
