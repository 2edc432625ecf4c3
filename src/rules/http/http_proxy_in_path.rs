//! Rule `http-proxy-in-path`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A proxy answers for the server, or passes messages on. Proof that is bound to a connection breaks there, and the
    /// proxy may refuse the method.
    ///
    /// ## How it shows
    ///
    /// A 407, a request in absolute form, or the header Via.
    ///
    /// ## What else it could be
    ///
    /// A load balancer of the management point that only passes on adds Via too.
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
        sources: ["RFC 9110 section 7.6.3", "RFC 4559 section 6"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let (exchange, seen) = attempt
        .http
        .iter()
        .find_map(|exchange| Some((exchange, sign(exchange)?)))?;
    let frame = match seen {
        Sign::Asked => exchange.asked.first(),
        Sign::Demands | Sign::Passed => exchange.answer.as_ref()?.span.first(),
    };
    let severity = match (attempt.is_accepted(), seen) {
        (true, _) => Severity::Note,
        (false, Sign::Demands) => Severity::Error,
        (false, _) => Severity::Warning,
    };
    Some(Finding {
        severity,
        title: seen.title().to_owned(),
        explanation: format!(
            "{}. What the server itself says, its time for instance, may be the proxy's.",
            seen.text()
        ),
        evidence: vec![Evidence::new(frame, seen.text())],
        fix: vec![
            Fix::new(
                "See the client's proxy",
                Some("netsh winhttp show proxy".to_owned()),
            ),
            Fix::new("Put the management point on its list of exceptions", None),
        ],
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
}

impl Sign {
    const fn title(self) -> &'static str {
        match self {
            Self::Demands | Self::Asked => "A proxy stands between the client and the server",
            Self::Passed => "Something between the client and the server passes messages on",
        }
    }

    /// A balancer before the server adds the same header as a proxy.
    const fn confidence(self) -> Confidence {
        match self {
            Self::Demands | Self::Asked => Confidence::Proven,
            Self::Passed => Confidence::Possible,
        }
    }

    fn rivals(self) -> Vec<Rival> {
        match self {
            Self::Demands | Self::Asked => Vec::new(),
            Self::Passed => vec![Rival::new(
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
    ]
    .into_iter()
    .find_map(|(is_seen, sign)| is_seen.then_some(sign))
}
