//! Rule `normal-ntlm-second-401`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// NTLM has three legs; the server's challenge comes with a 401.
    ///
    /// ## How it shows
    ///
    /// The answer to an NTLM token of type 1 is a 401 with a challenge.
    ///
    /// ## What else it could be
    ///
    /// A 401 to the token of type 3 is a refusal.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_NTLM_SECOND_401 = {
        id: "normal-ntlm-second-401",
        summary: "the second 401 is a leg of NTLM",
        severity: Expected,
        stage: Http,
        owner: Client,
        sources: ["RFC 4559 section 4", "MS-NTHT"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .http
        .iter()
        .filter(|exchange| exchange.ntlm_type() == Some(1) && exchange.is_ntlm_leg())
        .filter_map(|exchange| {
            Some(Evidence::new(
                exchange.answer.as_ref()?.span.first(),
                "the NTLM challenge, a leg",
            ))
        });
    NORMAL_NTLM_SECOND_401.expected(
        "The server answers with its NTLM challenge",
        "This is the second of three legs, no refusal.",
        evidence.collect(),
    )
}
