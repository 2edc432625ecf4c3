//! Rule `approval-ok`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::approval::{accepted_ticket, undecided};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::name::PrincipalName;

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
    let (shown, answer) = accepted_ticket(attempt)?;
    Some(Finding {
        title: "The client proved itself with Kerberos and was accepted".to_owned(),
        explanation: meaning(owner_of_ticket(attempt, shown)) + afterwards(attempt),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted"),
            Evidence::new(shown.asked.first(), "shows the ticket"),
        ],
        ..APPROVAL_OK.finding(Confidence::Proven)
    })
}

/// What follows, where no answer has said it yet.
fn afterwards(attempt: &Attempt) -> &'static str {
    undecided(attempt).map_or("", |_| " The site decides afterwards.")
}

/// The account to which the ticket that `shown` shows was issued, where the capture holds that.
fn owner_of_ticket<'a>(attempt: &'a Attempt, shown: &HttpExchange) -> Option<&'a PrincipalName> {
    let ticket = shown.ap_req()?.ticket.as_ref()?;
    attempt.source_of(ticket)?.issued()?.cname.as_ref()
}

/// What the acceptance means for the approval: only a computer's own ticket speaks for it.
fn meaning(owner: Option<&PrincipalName>) -> String {
    match owner {
        Some(name) if name.is_computer() => format!(
            "The ticket was issued to the computer's account {name}. As far as the wire shows, this client qualifies for automatic approval."
        ),
        Some(name) => format!(
            "The ticket was issued to {name}, whose name is not that of a computer's account. Automatic approval rests on the computer's own proof, which this is not."
        ),
        None => "Whose ticket it is, this capture does not show. If it is the computer's own, this client qualifies for automatic approval as far as the wire shows.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::principal;

    #[test]
    fn only_a_ticket_that_is_known_to_be_the_computers_qualifies() {
        let computer = principal("WK02-020-51W$");
        let person = principal("svc-push");
        assert!(meaning(Some(&computer)).contains("this client qualifies"));
        assert!(!meaning(Some(&person)).contains("qualifies"));
        assert!(meaning(None).contains("If it is the computer's own"));
    }
}
