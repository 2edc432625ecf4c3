//! A request that got no answer, and what the frames show in its place.
//!
//! Never takes an answer that the capture lacks for one that was not sent.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::Rule;
use crate::rules::words;

/// So long after bytes were sent again an acknowledgement is not on the way any more (in nanoseconds).
const LONG: i64 = 3_000_000_000;
/// So long a client waits for an answer by default (WinHTTP), in nanoseconds.
const PATIENCE: i64 = 30_000_000_000;
/// A client that ends the connection after so long has waited for the answer (in nanoseconds).
const WAITED: i64 = 10_000_000_000;

/// A request without an answer.
pub(super) struct Unanswered<'a> {
    exchange: &'a HttpExchange,
    end: End,
}

/// What came instead of an answer.
#[derive(Clone, Copy)]
enum End {
    /// The server's side reset the connection.
    Reset(Moment),
    /// The request was sent again and again.
    Unacknowledged(Moment),
    /// The server's side acknowledged the request and closed the connection.
    Closed(Moment),
    /// The server's side acknowledged the request, and that was all for so many nanoseconds.
    Silent(Moment, i64),
}

impl<'a> Unanswered<'a> {
    /// How `exchange` of `attempt` was left without an answer; `None` where it has one, or may have one that the capture lacks.
    pub(super) fn of(attempt: &'a Attempt, exchange: &'a HttpExchange) -> Option<Self> {
        let asked = exchange.asked.first();
        let unread = attempt.visibility.unread;
        let may_be_answered = unread.is_some_and(|unread| unread.frame > asked);
        if exchange.answer.is_some() || may_be_answered || attempt.unheard().is_some() {
            return None;
        }
        let connect = attempt
            .connects
            .iter()
            .find(|connect| Some(connect.id) == exchange.connection)?;
        let end = End::of(attempt, exchange, connect)?;
        Some(Self { exchange, end })
    }

    /// The finding of `rule`, which says it of `what`: `the request with the token`. `before` is told first.
    pub(super) fn finding(&self, rule: &'static Rule, what: &str, before: &str) -> Finding {
        let asked = Evidence::new(self.exchange.asked.first(), what);
        Finding {
            title: self.end.title(what),
            explanation: format!("{before} {}.", self.end.text()),
            evidence: vec![Evidence::new(self.end.at().frame, self.end.seen()), asked],
            rivals: vec![self.end.rival()],
            fix: self.end.fix(self.exchange.server.addr),
            owner: self.end.owner(),
            ..rule.finding(Confidence::Likely)
        }
    }

    /// Whether the connection was reset.
    pub(super) const fn is_reset(&self) -> bool {
        matches!(self.end, End::Reset(_))
    }
}

impl End {
    fn of(attempt: &Attempt, exchange: &HttpExchange, connect: &Connect) -> Option<Self> {
        let asked = exchange.asked.first();
        let reset = connect.reset_by_server.filter(|reset| reset.frame > asked);
        let again = unacknowledged(connect).filter(|(first, last)| {
            last.frame > asked && attempt.watched_since(first.time) >= LONG
        });
        let took = || taken_after(connect, asked).filter(|_| exchange.asked.loss.is_none());
        reset
            .map(Self::Reset)
            .or_else(|| again.map(|(_, last)| Self::Unacknowledged(last)))
            .or_else(|| closed_after(connect, took()?).map(Self::Closed))
            .or_else(|| Self::silent(attempt, exchange, connect, took()?))
    }

    /// Of services other than management points it is not known how long an answer may take.
    fn silent(
        attempt: &Attempt,
        exchange: &HttpExchange,
        connect: &Connect,
        took: Moment,
    ) -> Option<Self> {
        let asked = exchange.asked.last_time;
        let own_end = connect.closed_by_client.or(connect.reset_by_client);
        let (waited, least) = own_end.map_or_else(
            || (attempt.watched_since(asked), PATIENCE),
            |own| (own.time.since(asked), WAITED),
        );
        let is_long = waited >= least && connect.closed_by_server.is_none();
        (is_long && attempt.kind == AttemptKind::Ccm).then_some(Self::Silent(took, waited))
    }

    const fn at(self) -> Moment {
        match self {
            Self::Reset(at) | Self::Unacknowledged(at) | Self::Closed(at) | Self::Silent(at, _) => {
                at
            }
        }
    }

    fn title(self, what: &str) -> String {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => {
                format!("The connection fails when {what} is sent")
            }
            Self::Closed(_) => {
                format!("The server takes {what} and closes the connection without an answer")
            }
            Self::Silent(..) => format!("The server takes {what} and does not answer it"),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Reset(_) => "the connection was reset".to_owned(),
            Self::Unacknowledged(_) => {
                "its bytes were sent again, and nothing acknowledged them. The packets that opened the connection passed; these, which are larger, did not".to_owned()
            }
            Self::Closed(_) => "it was acknowledged whole, so that it arrived, and then the server's side closed the connection without a byte of an answer. A server that refuses a request says so; this one, or what stands before it, gave up. Why, these frames do not say".to_owned(),
            Self::Silent(_, waited) => format!(
                "it was acknowledged whole, so that it arrived, and in the {} after it no byte of an answer came. Why, these frames do not say",
                words::duration(waited)
            ),
        }
    }

    const fn seen(self) -> &'static str {
        match self {
            Self::Reset(_) => "RST instead of an answer",
            Self::Unacknowledged(_) => {
                "the client sends the same bytes once more: nobody acknowledged them"
            }
            Self::Closed(_) => "FIN instead of an answer",
            Self::Silent(..) => "the server's side acknowledges it, and no answer follows",
        }
    }

    /// Who acknowledges a whole request has it: nothing on the way swallowed it.
    const fn owner(self) -> Owner {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => Owner::Network,
            Self::Closed(_) | Self::Silent(..) => Owner::Mp,
        }
    }

    fn rival(self) -> Rival {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => Rival::new(
                "http-5xx",
                "a server whose process fails at that moment cuts connections too: its event log tells",
            ),
            Self::Closed(_) | Self::Silent(..) => Rival::new(
                "http-proxy-in-path",
                "a device on the way that speaks for the server acknowledges requests too: a capture at the server shows whether they reach it",
            ),
        }
    }

    fn fix(self, server: IpAddr) -> Vec<Fix> {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => vec![Fix::new(
                "Try the largest packet, from the client",
                Some(format!("ping -f -l 1472 {server}")),
            )],
            Self::Closed(_) | Self::Silent(..) => vec![
                Fix::new(
                    "Read what HTTP.sys logged of that moment, on the server",
                    Some(
                        r"Get-Content C:\Windows\System32\LogFiles\HTTPERR\httperr*.log -Tail 50"
                            .to_owned(),
                    ),
                ),
                Fix::new(
                    "See whether the pools run and answer, on the server",
                    Some("appcmd list apppool".to_owned()),
                ),
            ],
        }
    }
}

/// The first and the last time that the client sent the same bytes again, if nothing acknowledged them afterwards.
fn unacknowledged(connect: &Connect) -> Option<(Moment, Moment)> {
    let (first, last) = connect.retransmitted.filter(|_| connect.is_heard())?;
    let is_healed = connect
        .acknowledged
        .is_some_and(|acknowledged| acknowledged.frame > last.frame);
    (!is_healed).then_some((first, last))
}

/// When the server's side acknowledged all that the client had sent, if it did so after `asked`.
fn taken_after(connect: &Connect, asked: FrameNumber) -> Option<Moment> {
    connect.acknowledged.filter(|at| at.frame > asked)
}

/// The server's FIN after it `took` the request, where the client had not ended the connection before.
fn closed_after(connect: &Connect, took: Moment) -> Option<Moment> {
    let closed = connect.closed_by_server?;
    let is_own_end = connect
        .closed_by_client
        .or(connect.reset_by_client)
        .is_some_and(|own| (own.time, own.frame) < (closed.time, closed.frame));
    (took.frame <= closed.frame && !is_own_end).then_some(closed)
}
