//! Rule `approval-manual-mode`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::approval::undecided;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The site may be set to approve clients by hand only. Then a good sign-on changes nothing.
    ///
    /// ## How it shows
    ///
    /// A sign-on with Kerberos that was accepted, and no word of an approval.
    ///
    /// ## What else it could be
    ///
    /// Only some clients that are not approved speak against it.
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
    let answer = undecided(attempt)?;
    Some(Finding {
        title: "A question, if the client is not approved: does the site approve by hand only?".to_owned(),
        explanation: "Nothing on the wire shows how the site is set. If all new clients wait, this is the first thing to look at.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), "the sign-on is accepted, and nothing says that the client is approved")],
        rivals: vec![Rival::new("duplicate-guid", "where only some clients are not approved, look for ids that occur twice")],
        fix: vec![Fix::new("See how the site approves clients", Some("(Get-CMHierarchySetting).Props".to_owned())), Fix::new("Approve the client by hand, to try it", Some("Approve-CMDevice -DeviceName NAME".to_owned()))],
        ..APPROVAL_MANUAL_MODE.finding(Confidence::Possible)
    })
}
