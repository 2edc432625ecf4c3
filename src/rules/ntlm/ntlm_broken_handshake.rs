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
        fix: vec![
            Fix::new("See whether a proxy stands between", Some("netsh winhttp show proxy".to_owned())),
            Fix::new("Let a balancer before the server keep one connection for each of a client's", None),
        ],
        ..NTLM_BROKEN_HANDSHAKE.finding(Confidence::Proven)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::ConnectionId;
    use crate::model::http_exchange::HttpExchange;
    use crate::outcome::Outcome;
    use crate::rules::testing::{answers, attempt, shows_ntlm, web};
    use crate::wire::ntlm::{NtlmAuthenticate, NtlmChallenge, NtlmMessage};

    /// A challenge over the connection `first`, and a proof over the connection `second`.
    fn torn(first: u64, second: u64) -> Attempt {
        let over = |mut exchange: HttpExchange, connection| {
            exchange.connection = Some(ConnectionId(connection));
            exchange
        };
        let challenge = NtlmMessage::Challenge(NtlmChallenge::default());
        let proof = NtlmMessage::Authenticate(NtlmAuthenticate::default());
        let mut seen = attempt(60);
        seen.http = vec![
            over(answers(web(1, 401), None, Some(challenge)), first),
            over(shows_ntlm(web(5, 401), proof), second),
        ];
        seen.outcome = Outcome::Rejected;
        seen
    }

    #[test]
    fn what_stands_between_is_named_with_what_would_tell() {
        let found = check(&torn(1, 2)).expect("a finding");
        let rivals: Vec<&str> = found.rivals.iter().map(|it| it.rule).collect();
        assert_eq!(rivals, ["http-proxy-in-path", "nlb-name-computer-spn"]);
        assert!(found.rivals.iter().all(|it| it.why.contains("tell")));
        assert!(check(&torn(1, 1)).is_none());
    }
}
