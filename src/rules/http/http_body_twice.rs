//! Rule `http-body-twice`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client sends its whole message with the request that is only asked for proof, and again with the proof.
    ///
    /// ## How it shows
    ///
    /// A request with a body of more than 64 KiB is answered by a challenge, and is sent again.
    ///
    /// ## What else it could be
    ///
    /// A retransmission has the same sequence numbers and is no second message. It costs time in every sign-on, those that
    /// succeed too, and there is nothing to mend: so it is expected, and no warning.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static HTTP_BODY_TWICE = {
        id: "http-body-twice",
        summary: "a large message is sent twice",
        severity: Expected,
        stage: Http,
        owner: Client,
        sources: ["RFC 4559 section 6"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    /// A message of this size is felt.
    const LARGE: u64 = 64 << 10;
    let evidence = attempt
        .http
        .iter()
        .filter(|exchange| exchange.is_challenged() && exchange.request.body_bytes > LARGE)
        .filter(|exchange| {
            attempt.http.iter().any(|later| {
                later.asked.first() > exchange.asked.first()
                    && later.request.body_bytes == exchange.request.body_bytes
            })
        })
        .map(|exchange| {
            Evidence::new(
                exchange.asked.first(),
                "the whole message, before proof was asked for",
            )
        });
    HTTP_BODY_TWICE.expected(
        "A large message is sent once in vain, and again with the proof",
        "It costs time and nothing else.",
        evidence.collect(),
    )
}
