//! The web server's answers that are not about a ticket's worth.
//!
//! Never looks at KDCs.

pub(in crate::rules) mod http_400_header_too_long;
pub(in crate::rules) mod http_403;
pub(in crate::rules) mod http_404;
pub(in crate::rules) mod http_4xx;
pub(in crate::rules) mod http_5xx;
pub(in crate::rules) mod http_body_twice;
pub(in crate::rules) mod http_client_stays_silent;
pub(in crate::rules) mod http_no_answer;
pub(in crate::rules) mod http_no_challenge;
pub(in crate::rules) mod http_no_negotiate_offered;
pub(in crate::rules) mod http_other_proof;
pub(in crate::rules) mod http_proxy_in_path;
pub(in crate::rules) mod http_redirected;
pub(in crate::rules) mod http_verb_blocked;
pub(in crate::rules) mod loopback_check;
pub(in crate::rules) mod mp_reset_after_token;
pub(in crate::rules) mod normal_first_401;
pub(in crate::rules) mod normal_first_request_token_401;
pub(in crate::rules) mod normal_second_401_per_connection;

use crate::finding::{Confidence, Evidence, Finding, Rival, Severity};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::outcome::Outcome;
use crate::rules::rule::Rule;

/// An answer that ended the attempt with a status that is not about the proof.
struct Failure<'a> {
    exchange: &'a HttpExchange,
    answer: &'a HttpAnswer,
    kind: AttemptKind,
}

impl<'a> Failure<'a> {
    /// The answer that decided `attempt`, if it failed with a status that `is_meant`.
    fn of(attempt: &'a Attempt, is_meant: impl Fn(u16) -> bool) -> Option<Self> {
        let exchange = attempt.deciding_exchange()?;
        let answer = exchange.answer.as_ref()?;
        let failed = matches!(attempt.outcome, Outcome::ServerError | Outcome::Rejected);
        (failed && is_meant(answer.response.head.status)).then_some(Self {
            exchange,
            answer,
            kind: attempt.kind,
        })
    }

    /// Status and reason, as they were answered.
    fn said(&self) -> String {
        let head = &self.answer.response.head;
        format!("{} {}", head.status, head.reason.as_str())
    }

    /// What was answered so.
    fn asked(&self) -> &'static str {
        if self.exchange.windows_token().is_some() {
            "the request with the proof"
        } else {
            "the request"
        }
    }

    /// The finding of `rule`, with its evidence. Elsewhere than at a management point it is less grave.
    fn finding(&self, rule: &'static Rule) -> Finding {
        let finding = rule.finding(Confidence::Proven);
        let severity = if self.kind == AttemptKind::Ccm {
            finding.severity
        } else {
            Severity::Warning
        };
        let by_proxy = self.exchange.is_for_proxy().then(|| {
            Rival::new(
                "http-proxy-in-path",
                "the request goes to a proxy, which may have given this answer itself: its log tells",
            )
        });
        Finding {
            severity,
            rivals: by_proxy.into_iter().collect(),
            evidence: vec![
                Evidence::new(self.answer.span.first(), self.said()),
                Evidence::new(self.exchange.asked.first(), self.asked()),
            ],
            ..finding
        }
    }
}
