//! Rule `normal-too-big`.

use crate::finding::{Confidence, Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// An answer that does not fit into a datagram is refused with an error, and the client asks again over TCP.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 52 over UDP, then the same question with an answer.
    ///
    /// ## What else it could be
    ///
    /// Where the answer over TCP fails, `kdc-too-big-no-tcp` says so.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_TOO_BIG = {
        id: "normal-too-big",
        summary: "the KDC asks for TCP",
        severity: Expected,
        stage: Net,
        owner: Network,
        sources: ["RFC 4120 section 7.2.1"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence: Vec<Evidence> = attempt
        .tickets
        .iter()
        .filter(|request| {
            request.is_refused_with(ErrorCode::RESPONSE_TOO_BIG)
                && attempt.is_answered_later(request)
        })
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "the answer needs TCP, and comes over TCP",
            ))
        })
        .collect();
    (!evidence.is_empty()).then(|| Finding {
        title: "The KDC asks for TCP, because its answer does not fit into a datagram".to_owned(),
        explanation: "This is how Kerberos goes over from UDP to TCP.".to_owned(),
        evidence,
        ..NORMAL_TOO_BIG.finding(Confidence::Proven)
    })
}
