//! Rule `tgs-disjoint-namespace`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The server's name ends otherwise than the domain that issues its ticket. Where the ticket is accepted that is
    /// meant so; what is concluded from suffixes does not hold here.
    ///
    /// ## How it shows
    ///
    /// An accepted ticket whose realm is not the suffix of the host's name.
    ///
    /// ## What else it could be
    ///
    /// With a refused ticket, the name may belong to a machine of another domain.
    ///
    /// ## What to do
    ///
    /// Nothing; keep the service names in step with the DNS name.
    pub(in crate::rules) static TGS_DISJOINT_NAMESPACE = {
        id: "tgs-disjoint-namespace",
        summary: "the server's DNS suffix is not its domain",
        severity: Note,
        stage: Tgs,
        owner: Directory,
        sources: ["MS-KILE section 3.1.5.11"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let shown = attempt.shown_tickets().find(|shown| shown.is_accepted())?;
    let ticket = shown.ap_req()?.ticket.as_ref()?;
    let (_, suffix) = ticket.sname.host()?.split_once('.')?;
    let realm = ticket.realm.as_str();
    (!suffix.trim_end_matches('.').eq_ignore_ascii_case(realm)).then(|| Finding {
        title: format!("The server's name ends in {suffix}, its domain is {realm}"),
        explanation: "The ticket was accepted, so this is meant so. DNS suffixes say nothing about domains here.".to_owned(),
        evidence: vec![Evidence::new(shown.asked.first(), format!("a ticket of {realm} for {}", ticket.sname))],
        ..TGS_DISJOINT_NAMESPACE.finding(Confidence::Possible)
    })
}
