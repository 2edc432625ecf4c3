//! Rule `cap-https`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The web part of the sign-on is inside TLS: requests, answers, tokens and statuses cannot be seen. Only the Kerberos
    /// part can be judged.
    ///
    /// ## How it shows
    ///
    /// A TLS `ClientHello` to the server, and no HTTP in clear with it.
    ///
    /// ## What else it could be
    ///
    /// A cloud gateway, or a proxy that ends TLS, may stand at the other end.
    ///
    /// ## What to do
    ///
    /// Read the IIS log of the server, and the tickets of the computer account on the client.
    pub(in crate::rules) static CAP_HTTPS = {
        id: "cap-https",
        summary: "the server is reached over TLS",
        severity: Note,
        stage: Capture,
        owner: Client,
        sources: ["RFC 8446"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let start = attempt
        .tls
        .first()
        .filter(|_| attempt.outcome == Outcome::Encrypted)?;
    let name = attempt.target.name().unwrap_or("the server");
    Some(Finding {
        title: format!("The talk with {name} is encrypted"),
        explanation: "The client speaks TLS with the server, so the capture cannot show what was asked and answered there. What it shows of Kerberos is judged as usual.".to_owned(),
        evidence: vec![Evidence::new(start.span.first(), "TLS ClientHello")],
        fix: vec![Fix::new(
            "See on the client whether the computer holds the ticket",
            Some("klist -li 0x3e7".to_owned()),
        )],
        ..CAP_HTTPS.finding(Confidence::Proven)
    })
}
