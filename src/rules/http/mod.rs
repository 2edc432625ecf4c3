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
mod unanswered;

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
    /// The answer that decided `attempt`, if it failed with a status that `is_meant`. What a proxy answers itself says nothing of
    /// the server: that is http-proxy-in-path.
    fn of(attempt: &'a Attempt, is_meant: impl Fn(u16) -> bool) -> Option<Self> {
        let exchange = attempt.deciding_exchange()?;
        let answer = exchange.answer.as_ref()?;
        let may_be_proxys = exchange.is_through_proxy() && answer.response.head.is_cut;
        if exchange.is_answered_by_proxy() || may_be_proxys {
            return None;
        }
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

    /// Who answered so, as the beginning of a sentence.
    fn who(&self) -> &'static str {
        if self.is_doubtful() {
            "The server, or a proxy before it,"
        } else {
            "The server"
        }
    }

    /// Whether a proxy that stands between may have given the answer: nothing in it says that the server did.
    fn is_doubtful(&self) -> bool {
        self.exchange.is_through_proxy() && !self.exchange.is_answered_by_windows()
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
        let confidence = if self.is_doubtful() {
            Confidence::Likely
        } else {
            Confidence::Proven
        };
        let finding = rule.finding(confidence);
        let severity = if self.kind == AttemptKind::Ccm {
            finding.severity
        } else {
            Severity::Warning
        };
        let by_proxy = self.is_doubtful().then(|| {
            Rival::new(
                "http-proxy-in-path",
                "a proxy that stands between may have given this answer itself: its log tells",
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
