//! Rule `duplicate-guid`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::model::identity::User;
use crate::rules::approval::undecided;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Two clients with one identity overwrite each other in the site's database. However good their sign-on is, what
    /// the site holds of one may be the other's.
    ///
    /// ## How it shows
    ///
    /// Two clients with different names register under one id. Where only one client is in the capture, a ticket that was
    /// accepted leaves the question open, and this rule asks it together with its rivals.
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
        check: Both(check, clash),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let answer = undecided(attempt)?;
    Some(Finding {
        title: "A question, if the client is not approved all the same: does another client have its id?".to_owned(),
        explanation: "The ticket was accepted, so the reason lies with the site, or with whose ticket it was. The first thing to look for there is a second client with the same id, as clones of one image have. This capture does not decide it.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), "the ticket is accepted here")],
        rivals: vec![
            Rival::new("approval-manual-mode", "the site may approve by hand only: its hierarchy settings tell"),
            Rival::new("approval-conflicting-record", "the site may know this hardware under another name: its conflicting records tell"),
        ],
        fix: vec![
            Fix::new("Look for client ids that occur twice, in the site's reports", None),
            Fix::new("See how the site approves clients", Some("(Get-CMHierarchySetting).Props".to_owned())),
            Fix::new("List the conflicting records", Some("Get-CMConflictingRecord".to_owned())),
        ],
        ..DUPLICATE_GUID.finding(Confidence::Possible)
    })
}

/// Two machines that register under one identity.
fn clash(facts: &CaptureFacts) -> Option<Finding> {
    let clash = facts.identities.clashes().next()?;
    let more = facts.identities.clashes().count() - 1;
    let (first, second) = (clash.first, clash.second);
    let confidence = if first.has_other_hardware(second) {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    let (one, other) = (told(first), told(second));
    let others = match more {
        0 => String::new(),
        1 => " One more identity is used so.".to_owned(),
        more => format!(" {more} more identities are used so."),
    };
    Some(Finding {
        severity: Severity::Error,
        title: format!("{one} and {other} register under one identity, {}", clash.smsid),
        explanation: format!("Two machines with different names use the same id, as clones of one image do. In the site's database they overwrite each other, whatever their sign-on is worth.{others}"),
        evidence: vec![
            Evidence::new(second.frame, format!("{other} registers as {}{}", clash.smsid, certificate(second))),
            Evidence::new(first.frame, format!("{one} registers as {}{}", clash.smsid, certificate(first))),
        ],
        rivals: (confidence == Confidence::Likely).then(|| Rival::new("approval-conflicting-record", "a machine that was renamed between the two registrations looks the same: whether both are alive tells")).into_iter().collect(),
        fix: vec![
            Fix::new("On the clone: stop the agent", Some("net stop ccmexec".to_owned())),
            Fix::new("Delete the certificates of the store SMS and C:\\Windows\\SMSCFG.INI on it, and start the agent again", None),
            Fix::new("Take the agent's identity out of the image", None),
        ],
        ..DUPLICATE_GUID.finding(confidence)
    })
}

/// `WK02-020-51W (10.20.51.51)`.
fn told(user: &User) -> String {
    match &user.name {
        Some(name) => format!("{name} ({})", user.client),
        None => user.client.to_string(),
    }
}

fn certificate(user: &User) -> String {
    user.thumbprint.as_ref().map_or_else(String::new, |print| {
        format!(", with the certificate {print}")
    })
}
