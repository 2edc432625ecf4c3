//! Rule `http-other-proof`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client showed a proof that is none of Windows, such as a name and a password (Basic), and the server refused it.
    /// Kerberos was not tried in that request.
    ///
    /// ## How it shows
    ///
    /// A request with an Authorization header of another scheme than Negotiate, NTLM or Kerberos is answered 401 or 403.
    ///
    /// ## What else it could be
    ///
    /// A client that tries one scheme after another is judged by its last one.
    ///
    /// ## What to do
    ///
    /// See whether the server takes that scheme, and what its log says of the account.
    pub(in crate::rules) static HTTP_OTHER_PROOF = {
        id: "http-other-proof",
        summary: "the server refuses a proof that is none of Windows, such as Basic",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["RFC 9110 section 11", "RFC 7617"],
        since: "0.1.0",
        supersedes: ["http-403", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .deciding_exchange()
        .filter(|_| attempt.outcome == Outcome::Rejected)?;
    let scheme = refused.other_proof()?;
    let answer = refused.answer.as_ref()?;
    let status = answer.response.head.status;
    Some(Finding {
        title: format!(
            "The server answers {status} to a proof of the kind {}",
            scheme.0
        ),
        explanation: format!(
            "The client did not show a ticket but a proof of the kind {}, which has nothing to do with Kerberos, and the server answered {status}.",
            scheme.0
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("answers {status}")),
            Evidence::new(
                refused.asked.first(),
                format!("the request, with a proof of the kind {}", scheme.0),
            ),
        ],
        fix: vec![
            Fix::new("See what the server's log says of that request", None),
            Fix::new(
                "If Windows proof is meant, let the client use it: curl has --negotiate -u : for it",
                None,
            ),
        ],
        ..HTTP_OTHER_PROOF.finding(Confidence::Proven)
    })
}
