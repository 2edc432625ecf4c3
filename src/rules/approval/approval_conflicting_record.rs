//! Rule `approval-conflicting-record`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::approval::undecided;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The site may know this hardware as another client, after a new installation for instance, and wait for a person
    /// to decide.
    ///
    /// ## How it shows
    ///
    /// A sign-on with Kerberos that was accepted, and no word of an approval.
    ///
    /// ## What else it could be
    ///
    /// New hardware has no other record.
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
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let answer = undecided(attempt)?;
    Some(Finding {
        title: "A question, if the client is not approved: does the site know its hardware under another name?".to_owned(),
        explanation: "Nothing on the wire shows the site's records. After a new installation of the machine this is likely.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), "the sign-on is accepted, and nothing says that the client is approved")],
        rivals: vec![Rival::new("approval-manual-mode", "a site that approves by hand only holds back all new clients")],
        fix: vec![Fix::new("List the conflicting records", Some("Get-CMConflictingRecord".to_owned()))],
        ..APPROVAL_CONFLICTING_RECORD.finding(Confidence::Possible)
    })
}
