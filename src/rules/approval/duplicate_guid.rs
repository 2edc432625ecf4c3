//! Rule `duplicate-guid`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::approval::accepted_ticket;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Two clients with one identity overwrite each other in the site's database. Their sign-on is good, and the site still
    /// does not approve them.
    ///
    /// ## How it shows
    ///
    /// The sign-on is good. Whether another client has the same id shows in the database, or in messages of both clients.
    ///
    /// ## What else it could be
    ///
    /// The site may approve by hand only; the hardware may be known under another name.
    ///
    /// ## What to do
    ///
    /// Look for duplicate ids in the site; give the client a new identity.
    pub(in crate::rules) static DUPLICATE_GUID = {
        id: "duplicate-guid",
        summary: "if it is not approved all the same: duplicate client ids",
        severity: Note,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let (_, answer) = accepted_ticket(attempt)?;
    Some(Finding {
        title: "A question, if the client is not approved all the same: does another client have its id?".to_owned(),
        explanation: "The sign-on is good, so the reason lies with the site. The first thing to look for there is a second client with the same id, as clones of one image have. This capture does not decide it.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), "the sign-on is good up to here")],
        rivals: vec![
            Rival::new("approval-manual-mode", "the site may approve by hand only: its hierarchy settings tell"),
            Rival::new("approval-conflicting-record", "the site may know this hardware under another name: its conflicting records tell"),
        ],
        fix: vec![Fix::new("Look for client ids that occur twice, in the site's reports", None)],
        ..DUPLICATE_GUID.finding(Confidence::Possible)
    })
}
