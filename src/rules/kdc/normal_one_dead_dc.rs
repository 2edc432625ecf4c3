//! Rule `normal-one-dead-dc`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// DNS names several domain controllers; one of them does not answer, and the client asks the next.
    ///
    /// ## How it shows
    ///
    /// A request to one KDC without an answer, and an answer of another one to the same question.
    ///
    /// ## What else it could be
    ///
    /// Where the first one is always dead, it costs time.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_ONE_DEAD_DC = {
        id: "normal-one-dead-dc",
        summary: "one domain controller is silent and the next one answers",
        severity: Expected,
        stage: Net,
        owner: Client,
        sources: ["MS-ADTS section 6.3.6"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .tickets
        .iter()
        .filter(|request| request.is_unanswered())
        .filter(|request| {
            attempt.tickets.iter().any(|other| {
                other.kdc.addr != request.kdc.addr
                    && other.realm() == request.realm()
                    && other.answer.is_some()
                    && other.asks_the_same(request)
            })
        })
        .map(|request| {
            Evidence::new(
                request.asked.first(),
                "not answered; another domain controller answers",
            )
        });
    NORMAL_ONE_DEAD_DC.expected(
        "One domain controller does not answer, the next one does",
        "DNS lists several, and clients go through them.",
        evidence.collect(),
    )
}
