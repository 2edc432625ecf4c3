//! Rule `mp-reset-after-token`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Moment;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The bare request passes and the one with the token does not: something on the way cuts the connection, or
    /// swallows large packets, or the server gives up on that request.
    ///
    /// ## How it shows
    ///
    /// A request without proof is answered. The request with the token is answered by a RST; or it is sent again and again
    /// without an acknowledgement; or it is acknowledged whole, and then the server's side closes the connection without a byte
    /// of an answer.
    ///
    /// ## What else it could be
    ///
    /// A server whose process ends at that moment resets connections too. A connection that ends before the request was
    /// acknowledged was closed for having been idle, and a FIN behind bytes that the capture lacks is the end of an answer.
    ///
    /// ## What to do
    ///
    /// Look for a device that inspects HTTP, and for a smaller packet size on the way. Where the request was acknowledged whole,
    /// begin with the logs of the server.
    pub(in crate::rules) static MP_RESET_AFTER_TOKEN = {
        id: "mp-reset-after-token",
        summary: "the connection is cut when the request with the token is sent",
        severity: Error,
        stage: Http,
        owner: Network,
        sources: ["RFC 9293 section 3.10.7"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

/// So long after bytes were sent again an acknowledgement is not on the way any more (in nanoseconds).
const LONG: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let sent = attempt.last_token().filter(|sent| sent.answer.is_none())?;
    let bare_passed = attempt.http.iter().any(|earlier| {
        let is_bare = earlier.shows_no_token() && earlier.answer.is_some();
        is_bare && earlier.asked.first() < sent.asked.first()
    });
    let unread = attempt.visibility.unread;
    let may_be_answered = unread.is_some_and(|unread| unread.frame > sent.asked.first());
    if !bare_passed || may_be_answered || attempt.is_accepted() {
        return None;
    }
    let end = End::of(attempt, sent)?;
    let server = sent.server.addr;
    Some(Finding {
        title: end.title().to_owned(),
        explanation: format!(
            "The server answered an earlier request without proof. The one with the token got no answer: {}.",
            end.text()
        ),
        evidence: vec![
            Evidence::new(end.at().frame, end.seen()),
            Evidence::new(sent.asked.first(), "the request with the token"),
        ],
        rivals: vec![end.rival()],
        fix: end.fix(server),
        owner: end.owner(),
        ..MP_RESET_AFTER_TOKEN.finding(Confidence::Likely)
    })
}

/// How the request with the token failed.
#[derive(Clone, Copy)]
enum End {
    Reset(Moment),
    Unacknowledged(Moment),
    Closed(Moment),
}

impl End {
    fn of(attempt: &Attempt, sent: &HttpExchange) -> Option<Self> {
        let asked = sent.asked.first();
        let connect = attempt
            .connects
            .iter()
            .find(|connect| Some(connect.id) == sent.connection)?;
        let reset = connect.reset_by_server.filter(|reset| reset.frame > asked);
        let again = unacknowledged(connect).filter(|(first, last)| {
            last.frame > asked && attempt.watched_since(first.time) >= LONG
        });
        let closed = || closed_after(connect, asked).filter(|_| sent.asked.loss.is_none());
        reset
            .map(Self::Reset)
            .or_else(|| again.map(|(_, last)| Self::Unacknowledged(last)))
            .or_else(|| closed().map(Self::Closed))
    }

    const fn at(self) -> Moment {
        match self {
            Self::Reset(at) | Self::Unacknowledged(at) | Self::Closed(at) => at,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => {
                "The connection fails when the request with the token is sent"
            }
            Self::Closed(_) => {
                "The server takes the request with the token and closes the connection without an answer"
            }
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Reset(_) => "the connection was reset",
            Self::Unacknowledged(_) => "its bytes were sent again, and nothing acknowledged them",
            Self::Closed(_) => {
                "it was acknowledged whole, so that it arrived, and then the server's side closed the connection without a byte of an answer. A server that refuses a token answers 401; this one, or what stands before it, gave up on the request. Why, these frames do not say"
            }
        }
    }

    const fn seen(self) -> &'static str {
        match self {
            Self::Reset(_) => "RST instead of an answer",
            Self::Unacknowledged(_) => {
                "the client sends the same bytes once more: nobody acknowledged them"
            }
            Self::Closed(_) => "FIN instead of an answer",
        }
    }

    /// Who acknowledges a whole request has it: nothing on the way swallowed it.
    const fn owner(self) -> Owner {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => Owner::Network,
            Self::Closed(_) => Owner::Mp,
        }
    }

    fn rival(self) -> Rival {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => Rival::new(
                "http-5xx",
                "a server whose process fails at that moment cuts connections too: its event log tells",
            ),
            Self::Closed(_) => Rival::new(
                "http-proxy-in-path",
                "a device on the way that speaks for the server closes connections too: a capture at the server shows whether the request reaches it",
            ),
        }
    }

    fn fix(self, server: IpAddr) -> Vec<Fix> {
        match self {
            Self::Reset(_) | Self::Unacknowledged(_) => vec![Fix::new(
                "Try the largest packet, from the client",
                Some(format!("ping -f -l 1472 {server}")),
            )],
            Self::Closed(_) => vec![
                Fix::new(
                    "Read what the kernel's part of the web server says of that moment, on the server",
                    Some(
                        r"Get-Content C:\Windows\System32\LogFiles\HTTPERR\httperr*.log -Tail 50"
                            .to_owned(),
                    ),
                ),
                Fix::new(
                    "See whether a pool's process ended then: events of WAS in the System log, and crashes of w3wp.exe in the Application log",
                    None,
                ),
            ],
        }
    }
}

/// The server's FIN, where it had acknowledged a whole request after `asked` and the client had not ended the connection.
fn closed_after(connect: &Connect, asked: FrameNumber) -> Option<Moment> {
    let closed = connect.closed_by_server?;
    let acknowledged = connect.acknowledged?;
    let is_own_end = connect
        .closed_by_client
        .or(connect.reset_by_client)
        .is_some_and(|own| own.time < closed.time);
    let took_it = acknowledged.frame > asked && acknowledged.frame <= closed.frame;
    (took_it && !is_own_end).then_some(closed)
}

/// The first and the last time that the client sent the same bytes again, if nothing acknowledged them afterwards.
fn unacknowledged(connect: &Connect) -> Option<(Moment, Moment)> {
    let (first, last) = connect.retransmitted?;
    let is_healed = connect
        .acknowledged
        .is_some_and(|acknowledged| acknowledged.frame > last.frame);
    (!is_healed).then_some((first, last))
}
