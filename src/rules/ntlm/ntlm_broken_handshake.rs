//! Rule `ntlm-broken-handshake`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// NTLM proves itself over several legs of one connection. Here a leg came over another one, so the server cannot
    /// know what it belongs to.
    ///
    /// ## How it shows
    ///
    /// The challenge comes over one connection and the proof goes over another.
    ///
    /// ## What else it could be
    ///
    /// A new handshake that begins anew on the new connection is normal.
    ///
    /// ## What to do
    ///
    /// Look for a proxy or load balancer that closes or mixes connections.
    pub(in crate::rules) static NTLM_BROKEN_HANDSHAKE = {
        id: "ntlm-broken-handshake",
        summary: "the legs of NTLM go over different connections",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["RFC 4559 section 6"],
        since: "0.1.0",
        supersedes: ["ntlm-rejected", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() {
        return None;
    }
    let (at, proof) = attempt
        .http
        .iter()
        .enumerate()
        .rev()
        .find(|(_, exchange)| exchange.ntlm_type() == Some(3))?;
    let earlier = attempt.http.get(..at)?;
    let is_challenged = |same: bool| {
        earlier
            .iter()
            .rev()
            .find(move |leg| leg.is_ntlm_leg() && (leg.connection == proof.connection) == same)
    };
    let is_hidden = earlier.iter().any(|leg| {
        leg.connection == proof.connection && leg.status() == Some(401) && !leg.gives_no_reason()
    });
    if is_challenged(true).is_some() || is_hidden {
        return None;
    }
    let challenge = is_challenged(false)?;
    let answer = challenge.answer.as_ref()?;
    Some(Finding {
        title: "The legs of the NTLM handshake go over different connections".to_owned(),
        explanation: "The server's challenge came over one connection, the client's proof went over another. NTLM is bound to its connection, so the server cannot accept it.".to_owned(),
        evidence: vec![
            Evidence::new(proof.asked.first(), "the proof, over another connection"),
            Evidence::new(answer.span.first(), "the challenge"),
        ],
        rivals: vec![
            Rival::new("http-proxy-in-path", "a proxy that shares connections among clients tears handshakes apart: its headers, or the client's settings, tell"),
            Rival::new("nlb-name-computer-spn", "a load balancer may send each connection to another server: their names in the challenges, or its setting for persistence, tell"),
        ],
        fix: vec![Fix::new("See whether a proxy stands between", Some("netsh winhttp show proxy".to_owned()))],
        ..NTLM_BROKEN_HANDSHAKE.finding(Confidence::Proven)
    })
}
