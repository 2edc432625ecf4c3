//! Rule `ap-mechanism-mismatch`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;
use crate::wire::auth_header::TokenForm;
use crate::wire::spnego::Oid;

declare_rule! {
    /// ## What it means
    ///
    /// The server chose a mechanism that the client did not offer, so nothing can go on.
    ///
    /// ## How it shows
    ///
    /// The mechanism in the server's reply is none of those in the client's list; no later request is accepted.
    ///
    /// ## What else it could be
    ///
    /// The two numbers of Kerberos stand for the same thing. A server that chooses NTLM steers the client; that is another
    /// rule's.
    ///
    /// ## What to do
    ///
    /// Look for a module or a filter on the server that does its own negotiation.
    pub(in crate::rules) static AP_MECHANISM_MISMATCH = {
        id: "ap-mechanism-mismatch",
        summary: "the two sides disagree about the mechanism",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["RFC 4178 section 4.2.2", "MS-SPNG"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() {
        return None;
    }
    let (exchange, chosen) = attempt
        .http
        .iter()
        .rev()
        .find_map(|exchange| Some((exchange, strange_choice(exchange)?)))?;
    let answer = exchange.answer.as_ref()?;
    Some(Finding {
        title: "The server chose a mechanism that the client did not offer".to_owned(),
        explanation: format!(
            "The client listed what it can do; the server chose {}, which is not among it.",
            chosen.0
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("chooses {}", chosen.0)),
            Evidence::new(exchange.asked.first(), "the client's list"),
        ],
        fix: vec![Fix::new(
            "See the modules of the web site, on the server",
            Some("appcmd list modules".to_owned()),
        )],
        ..AP_MECHANISM_MISMATCH.finding(Confidence::Likely)
    })
}

/// The mechanism that the answer names and the request did not offer. All numbers of Kerberos are one; NTLM is no strange
/// choice but a steer.
fn strange_choice(exchange: &HttpExchange) -> Option<&Oid> {
    let offered = &exchange.windows_token()?.mechs;
    let reply = exchange
        .answer_token()
        .filter(|token| token.form == TokenForm::SpnegoResp)?;
    let chosen = reply.mechs.first()?;
    let same = |oid: &Oid| oid == chosen || (oid.is_kerberos() && chosen.is_kerberos());
    let is_strange = !offered.is_empty() && !offered.iter().any(same) && !chosen.is_ntlm();
    is_strange.then_some(chosen)
}
