//! Rule `tgs-replay`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC takes the request for a repetition of one that it has already seen.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 34 to a TGS-REQ as the last word.
    ///
    /// ## What else it could be
    ///
    /// Something delivers packets twice, or two machines with one identity ask at the same time. One such answer that is followed by
    /// success means nothing; it is told only as the last word, where the client was left without a ticket.
    ///
    /// ## What to do
    ///
    /// Find what duplicates the packets; use TCP.
    pub(in crate::rules) static TGS_REPLAY = {
        id: "tgs-replay",
        summary: "the KDC has seen the same request before",
        severity: Error,
        stage: Tgs,
        owner: Network,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| has_code(error, &[ErrorCode::REPEAT]))?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let request = refusal.request;
    let sent_again = request
        .again
        .iter()
        .filter(|_| attempt.is_repeated(request));
    let sent_again: Vec<Evidence> = sent_again
        .map(|span| Evidence::new(span.first(), "the client sends the same request again"))
        .collect();
    let by_whom = if sent_again.is_empty() {
        ""
    } else {
        " The client itself sent it again, as it does where no answer comes in time."
    };
    let finding = refusal.finding(&TGS_REPLAY, Confidence::Possible);
    Some(Finding {
        title: format!("The KDC of {realm} takes the request for {service} for a repetition"),
        explanation: format!(
            "The KDC answered {}. The same proof reached it twice.{by_whom}",
            refusal.said()
        ),
        rivals: vec![Rival::new(
            "duplicate-guid",
            "two clones of one machine would do the same: look for a second computer with this name",
        )],
        fix: vec![Fix::new(
            "Look at frames with the same IP identification in this capture: a device that sends packets twice shows there",
            None,
        )],
        evidence: [finding.evidence.clone(), sent_again].concat(),
        ..finding
    })
}
