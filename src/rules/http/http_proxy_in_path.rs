//! Rule `http-proxy-in-path`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A proxy answers for the server, or passes messages on. Proof that is bound to a connection breaks there, and the
    /// proxy may refuse the method.
    ///
    /// ## How it shows
    ///
    /// A 407, a request in absolute form, or the header Via in an answer, or in a request where the capture was taken at the
    /// server. An answer that the proxy wrote itself, with X-Squid-Error or with the proxy's own name in the header Server, is the
    /// cause where it ends the sign-on: the management point did not give it. So is a token that is missing in what the proxy passes
    /// on, where the capture shows both sides of it.
    ///
    /// ## What else it could be
    ///
    /// A load balancer of the management point that only passes on adds Via too. An answer that a proxy passes on keeps the name of
    /// the web server in the header Server.
    ///
    /// ## What to do
    ///
    /// Put the management point on the list of hosts that are reached directly.
    pub(in crate::rules) static HTTP_PROXY_IN_PATH = {
        id: "http-proxy-in-path",
        summary: "a proxy stands between client and server",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["RFC 9110 section 7.6.3", "RFC 4559 section 6", "RFC 2616 section 14.38"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    own_answer(attempt)
        .or_else(|| drops_token(attempt))
        .or_else(|| in_path(attempt))
}

/// The capture shows both sides of the proxy, and what it passes on lacks the proof.
fn drops_token(attempt: &Attempt) -> Option<Finding> {
    let (shown, passed) = attempt
        .http
        .iter()
        .rev()
        .find_map(|exchange| Some((exchange, exchange.loses_token()?)))?;
    let refused = passed.answer.as_ref().filter(|_| !attempt.is_accepted())?;
    let status = refused.response.head.status;
    let (place, behind) = (shown.server.addr, passed.server);
    Some(Finding {
        title: format!("{place} passes the request on without the token"),
        explanation: format!(
            "The client shows its proof to {place}. That machine passes the request on to {behind} and leaves the field Authorization out: {behind} answers {status} to a request that shows nothing. Whatever the proof is worth, nobody judged it."
        ),
        evidence: vec![
            Evidence::new(
                passed.asked.first(),
                "the request is passed on, without the token",
            ),
            Evidence::new(shown.asked.first(), "the client shows the token"),
            Evidence::new(refused.span.first(), format!("{status} comes back")),
        ],
        fix: vec![
            Fix::new(
                format!("Let the proxy or balancer at {place} pass the field Authorization on"),
                None,
            ),
            Fix::new(
                "Negotiate and NTLM prove a connection: let it keep one connection to the server for each of a client's, or pass on TCP only",
                None,
            ),
        ],
        ..HTTP_PROXY_IN_PATH.finding(Confidence::Proven)
    })
}

/// The answer that ended the attempt is the proxy's own. A 407 is one too, and says more.
fn own_answer(attempt: &Attempt) -> Option<Finding> {
    let exchange = attempt.deciding_exchange()?;
    let answer = exchange.answer.as_ref()?;
    let head = &answer.response.head;
    let is_own = exchange.is_answered_by_proxy() && head.status != 407;
    let failed = matches!(attempt.outcome, Outcome::ServerError | Outcome::Rejected);
    if !is_own || !failed {
        return None;
    }
    let sign = match (&head.proxy_error, &head.server) {
        (Some(error), _) => format!("X-Squid-Error: {error}"),
        (None, Some(server)) => format!("Server: {server}"),
        (None, None) => "Proxy-Authenticate".to_owned(),
    };
    let said = format!("{} {}", head.status, head.reason);
    let place = exchange.server;
    let asked = Evidence::new(exchange.asked.first(), format!("the request, to {place}"));
    let proxy = if exchange.is_for_proxy() {
        format!("The client asked the proxy {place}")
    } else {
        format!("The client asked {place}")
    };
    Some(Finding {
        title: format!(
            "A proxy answers {} in the place of the server",
            head.status
        ),
        explanation: format!(
            "{proxy}, and {said} came back with the field {sign}: the proxy wrote this answer itself, the management point did not. Whatever the proof was worth, nobody judged it."
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), format!("{said}, with {sign}")),
            asked,
        ],
        fix: std::iter::once(Fix::new(
            "Read what the proxy's log says of that request: the rule that denied it, or what it could not reach",
            None,
        ))
        .chain(bypass())
        .collect(),
        ..HTTP_PROXY_IN_PATH.finding(Confidence::Proven)
    })
}

fn bypass() -> [Fix; 2] {
    [
        Fix::new(
            "See the client's proxy",
            Some("netsh winhttp show proxy".to_owned()),
        ),
        Fix::new("Put the management point on its list of exceptions", None),
    ]
}

fn in_path(attempt: &Attempt) -> Option<Finding> {
    let (exchange, seen) = attempt
        .http
        .iter()
        .find_map(|exchange| Some((exchange, sign(exchange)?)))?;
    let frame = match seen {
        Sign::Asked | Sign::Forwarded => exchange.asked.first(),
        Sign::Demands | Sign::Passed => exchange.answer.as_ref()?.span.first(),
    };
    // Where nothing is seen to fail, it is no cause.
    let is_no_failure = attempt.is_accepted() || attempt.outcome == Outcome::CutShort;
    let severity = match (is_no_failure, seen) {
        (true, _) => Severity::Note,
        (false, Sign::Demands) => Severity::Error,
        (false, _) => Severity::Warning,
    };
    Some(Finding {
        severity,
        title: seen.title().to_owned(),
        explanation: format!("{}. {}", seen.text(), seen.caution()),
        evidence: vec![Evidence::new(frame, seen.text())],
        fix: bypass().into(),
        rivals: seen.rivals(),
        ..HTTP_PROXY_IN_PATH.finding(seen.confidence())
    })
}

/// What gives a proxy away.
#[derive(Clone, Copy)]
enum Sign {
    Demands,
    Asked,
    Passed,
    Forwarded,
}

impl Sign {
    const fn title(self) -> &'static str {
        match self {
            Self::Demands | Self::Asked => "A proxy stands between the client and the server",
            Self::Passed | Self::Forwarded => {
                "Something between the client and the server passes messages on"
            }
        }
    }

    /// A balancer before the server adds the same header as a proxy.
    const fn confidence(self) -> Confidence {
        match self {
            Self::Demands | Self::Asked => Confidence::Proven,
            Self::Passed | Self::Forwarded => Confidence::Possible,
        }
    }

    fn rivals(self) -> Vec<Rival> {
        match self {
            Self::Demands | Self::Asked => Vec::new(),
            Self::Passed | Self::Forwarded => vec![Rival::new(
                "approval-ok",
                "a load balancer of the management point adds the same header: whoever runs the server knows whether there is one",
            )],
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Demands => "A proxy asks for proof for itself",
            Self::Asked => "The client asks in the form that is for proxies",
            Self::Passed => "The answer was passed on (Via, or a cache's mark)",
            Self::Forwarded => "The request was passed on (Via, or X-Forwarded-For)",
        }
    }

    /// What follows for other facts of the attempt.
    const fn caution(self) -> &'static str {
        match self {
            Self::Demands | Self::Asked | Self::Passed => {
                "What the server itself says, its time for instance, may be the proxy's."
            }
            Self::Forwarded => {
                "The address that asks here is that of whoever passed it on, and not of the client alone."
            }
        }
    }
}

fn sign(exchange: &HttpExchange) -> Option<Sign> {
    let answer = exchange.answer.as_ref().map(|answer| &answer.response.head);
    let demands =
        answer.is_some_and(|head| head.status == 407 || !head.proxy_challenges.is_empty());
    let passed = answer.is_some_and(|head| head.via_proxy);
    [
        (demands, Sign::Demands),
        (exchange.is_for_proxy(), Sign::Asked),
        (passed, Sign::Passed),
        (exchange.request.head.via_proxy, Sign::Forwarded),
    ]
    .into_iter()
    .find_map(|(is_seen, sign)| is_seen.then_some(sign))
}
