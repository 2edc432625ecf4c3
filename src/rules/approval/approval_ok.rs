//! Rule `approval-ok`.

use crate::finding::{Confidence, Evidence, Finding, Severity};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client proved itself with Kerberos and the server accepted it. What the site makes of it comes afterwards, in
    /// its database.
    ///
    /// ## How it shows
    ///
    /// A 2xx to a request that shows a ticket, on the path for approval.
    ///
    /// ## What else it could be
    ///
    /// Acceptance is no approval: the site may approve by hand only, or hold the client back for another reason.
    ///
    /// ## What to do
    ///
    /// If the client is not approved all the same, look at the site: duplicate client ids first.
    pub(in crate::rules) static APPROVAL_OK = {
        id: "approval-ok",
        summary: "everything that the wire can show of a sign-on is good",
        severity: Expected,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.kind != AttemptKind::Ccm || !attempt.is_accepted_by_kerberos() {
        return None;
    }
    let accepted = attempt
        .shown_tickets()
        .filter(|exchange| exchange.is_accepted())
        .last()?;
    let answer = accepted.answer.as_ref()?;
    Some(Finding {
        severity: Severity::Note,
        title: "The client proved itself with Kerberos and was accepted".to_owned(),
        explanation: "As far as the wire shows, this client qualifies for automatic approval. The site decides afterwards.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted"),
            Evidence::new(accepted.asked.first(), "shows the ticket"),
        ],
        ..APPROVAL_OK.finding(Confidence::Proven)
    })
}
