//! Rule `ref-not-chased`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::{Attempt, is_same_ticket};
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client was referred to another realm and did nothing with it: it may not follow referrals, or cannot use the
    /// encryption type of this one.
    ///
    /// ## How it shows
    ///
    /// A referral that no later request shows, and neither a look-up nor a connection for the next realm.
    ///
    /// ## What else it could be
    ///
    /// The client may look for that realm in ways that this capture does not hold.
    ///
    /// ## What to do
    ///
    /// Compare the encryption type of the referral with those that the client offers.
    pub(in crate::rules) static REF_NOT_CHASED = {
        id: "ref-not-chased",
        summary: "a question: does the client follow referrals?",
        severity: Note,
        stage: Referral,
        owner: Client,
        sources: ["RFC 6806 section 8"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// A client that follows a referral does so at once.
const GIVEN_UP_NANOS: i64 = 30_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let (request, _) = attempt.referrals().last()?;
    let realm = request.referral()?;
    let (answer, ticket) = (request.answer.as_ref()?, request.ticket()?);
    let referred = answer.span.last();
    let is_shown = attempt.tickets.iter().any(|later| {
        later
            .request
            .tgt
            .as_ref()
            .is_some_and(|tgt| is_same_ticket(tgt, ticket))
    });
    let looks_for_it = attempt
        .kdc_lookups
        .iter()
        .any(|lookup| lookup.asked.first() > referred)
        || attempt
            .kdc_connects
            .iter()
            .any(|connect| connect.first().frame > referred);
    let is_over = attempt.is_given_up_after(answer.span.last_time, GIVEN_UP_NANOS);
    if is_shown || looks_for_it || !is_over || !attempt.lacks_ticket() {
        return None;
    }
    Some(Finding {
        title: format!("A question: why did the client not follow the referral to {realm}?"),
        explanation: format!(
            "The KDC pointed to {realm} (with {}), and no later packet of the client has to do with that realm.",
            ticket.etype
        ),
        evidence: vec![Evidence::new(
            referred,
            format!("refers the client to {realm}"),
        )],
        rivals: vec![Rival::new(
            "foreign-kdc-unreachable",
            "the client may have looked for that realm where this capture does not see it",
        )],
        fix: vec![Fix::new(
            "Let the client look for that realm, on the client",
            command::with(realm, |realm| {
                format!("nltest /dsgetdc:{realm} /force /kdc")
            }),
        )],
        ..REF_NOT_CHASED.finding(Confidence::Possible)
    })
}
