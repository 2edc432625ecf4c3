//! What messages tell about the clocks of the machines that wrote them.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::frame::{FrameNumber, Timestamp};
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::TicketRequest;
use crate::wire::filetime;
use crate::wire::kerberos::message::{KerberosTime, KrbError};
use crate::wire::ntlm::NtlmMessage;

/// What Kerberos allows between two clocks by default, with Windows and with MIT.
pub const TOLERANCE_NANOS: i64 = 300_000_000_000;
/// `Date` is cut to whole seconds: on the average half a second is missing.
const CUT_SECOND_NANOS: i64 = 500_000_000;
/// No clock of a machine stands before 1980 or behind 2100: such a value is something else.
const SANE_NANOS: std::ops::Range<i64> = 315_532_800_000_000_000..4_102_444_800_000_000_000;

/// Whether nanoseconds since 1970 can be what a machine's clock shows.
pub fn is_sane(nanos: i64) -> bool {
    SANE_NANOS.contains(&nanos)
}

/// One reading of a machine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockSample {
    /// Whose clock.
    pub host: IpAddr,
    /// The frame that holds the reading.
    pub frame: FrameNumber,
    /// Its clock minus the clock of the capture, in nanoseconds; the time on the way is not taken off.
    pub offset_nanos: i64,
    /// What holds it: `KRB-ERROR stime`, `HTTP Date`, `NTLM challenge`, `SMB negotiation`, `LDAP currentTime`, `NTP`.
    pub source: &'static str,
}

/// What is known of one machine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockReading {
    /// The median offset to the clock of the capture, in nanoseconds.
    pub offset_nanos: i64,
    /// The frame of the sample nearest to it.
    pub frame: FrameNumber,
    /// How many samples there are.
    pub samples: usize,
    /// The difference between the largest and the smallest offset, in nanoseconds.
    pub spread_nanos: i64,
}

impl ClockReading {
    /// This clock minus another one, in nanoseconds.
    pub const fn ahead_of(&self, other: &Self) -> i64 {
        self.offset_nanos.saturating_sub(other.offset_nanos)
    }

    /// Whether two clocks differ by more than Kerberos allows by default.
    pub const fn is_apart_from(&self, other: &Self) -> bool {
        self.ahead_of(other).saturating_abs() > TOLERANCE_NANOS
    }
}

/// The reading of `host` in `samples`.
pub fn reading(samples: &[ClockSample], host: IpAddr) -> Option<ClockReading> {
    let mut of_host: Vec<_> = samples
        .iter()
        .filter(|sample| sample.host == host)
        .collect();
    of_host.sort_by_key(|sample| (sample.offset_nanos, sample.frame));
    let middle = of_host.get(of_host.len() / 2)?;
    Some(ClockReading {
        offset_nanos: middle.offset_nanos,
        frame: middle.frame,
        samples: of_host.len(),
        spread_nanos: of_host.last().map_or(0, |last| {
            last.offset_nanos
                .saturating_sub(of_host.first().map_or(0, |first| first.offset_nanos))
        }),
    })
}

/// The client's clock minus that of the KDC that refused `request`, in nanoseconds: from the two times in the error, else
/// from the KDC's time against the clock of the capture, which is the client's where the capture was taken there.
pub fn client_ahead(attempt: &Attempt, request: &TicketRequest) -> Option<ClientAhead> {
    let error = request.error()?;
    if let (Some(client), Some(kdc)) = (error.ctime, error.stime)
        && !is_nonce(client, request)
    {
        return Some(ClientAhead::InError(client.nanos.saturating_sub(kdc.nanos)));
    }
    let kdc = reading(&attempt.clocks, request.kdc.addr)?.offset_nanos;
    Some(match reading(&attempt.clocks, request.client.addr) {
        Some(client) => ClientAhead::InMessages(client.offset_nanos.saturating_sub(kdc)),
        None => ClientAhead::OfCapture(kdc.saturating_neg()),
    })
}

/// Some KDCs echo the nonce of the request in place of the client's time.
fn is_nonce(time: KerberosTime, request: &TicketRequest) -> bool {
    let seconds = i64::from(request.request.nonce.unwrap_or_default());
    time.nanos == seconds.saturating_mul(1_000_000_000)
}

/// By how many nanoseconds a client's clock is ahead of a KDC's, and where that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientAhead {
    /// In the KDC's error, which holds both times.
    InError(i64),
    /// In the client's own time in a message, and the KDC's in its error.
    InMessages(i64),
    /// In the KDC's time against the clock of the capture.
    OfCapture(i64),
}

impl ClientAhead {
    /// The nanoseconds; negative where the client is behind.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::InError(nanos) | Self::InMessages(nanos) | Self::OfCapture(nanos) => nanos,
        }
    }
}

/// All readings in the messages of `attempt`.
pub fn samples(attempt: &Attempt) -> Vec<ClockSample> {
    let of_kdcs = attempt.tickets.iter().flat_map(of_ticket_request);
    let of_server = attempt.http.iter().flat_map(of_exchange);
    let begun = first_step(attempt);
    let of_client = attempt
        .http
        .iter()
        .filter_map(|exchange| of_client(exchange, begun));
    of_kdcs.chain(of_server).chain(of_client).collect()
}

/// A KDC's error holds its own time, and sometimes the client's as the KDC read it in the request.
fn of_ticket_request(request: &TicketRequest) -> Vec<ClockSample> {
    let (Some(answer), Some(error)) = (&request.answer, request.error()) else {
        return Vec::new();
    };
    let of_client = error
        .ctime
        .filter(|time| !is_nonce(*time, request))
        .and_then(|time| {
            sample(
                request.client.addr,
                &request.asked,
                time.nanos,
                "KRB-ERROR ctime",
            )
        });
    of_error(error, request.kdc.addr, &answer.span)
        .into_iter()
        .chain(of_client)
        .collect()
}

fn of_error(error: &KrbError, host: IpAddr, span: &Span) -> Option<ClockSample> {
    let nanos = error.stime?.nanos;
    sample(host, span, nanos, "KRB-ERROR stime")
}

/// When the client first asked for the server's name, or tried to connect.
fn first_step(attempt: &Attempt) -> Option<Timestamp> {
    let lookups = attempt.lookups.iter().map(|lookup| lookup.asked.time);
    let syns = attempt.connects.iter().flat_map(|connect| &connect.syns);
    lookups.chain(syns.map(|syn| syn.time)).min()
}

/// When the client made a message, by its own clock; a request that was sent again says when it was made. One that waited since
/// the client's first step towards the server (`begun`), for a name or a connection, may have been made at any time since.
fn of_client(exchange: &HttpExchange, begun: Option<Timestamp>) -> Option<ClockSample> {
    let message = exchange
        .request
        .ccm
        .as_ref()
        .filter(|_| exchange.shows_no_token())?;
    let sent = message
        .sent_time
        .as_ref()?
        .as_str()
        .parse::<DateTime<Utc>>()
        .ok()?;
    let nanos = sent.timestamp_nanos_opt()?.checked_add(CUT_SECOND_NANOS)?;
    let mut sample = sample(exchange.client.addr, &exchange.asked, nanos, "CCM SentTime")?;
    let waited = begun.map_or(0, |begun| exchange.asked.time.since(begun).max(0));
    if sample.offset_nanos < 0 {
        sample.offset_nanos = sample.offset_nanos.saturating_add(waited).min(0);
    }
    Some(sample)
}

fn of_exchange(exchange: &HttpExchange) -> Vec<ClockSample> {
    let Some(answer) = &exchange.answer else {
        return Vec::new();
    };
    let host = exchange.server.addr;
    let error = exchange
        .krb_error()
        .and_then(|error| of_error(error, host, &answer.span));
    let head = &answer.response.head;
    let date = head
        .date
        .as_ref()
        .filter(|_| !exchange.is_through_proxy())
        .and_then(|date| http_date(date.as_str()))
        .and_then(|nanos| {
            let nanos = nanos.checked_add(CUT_SECOND_NANOS)?;
            sample(host, &answer.span, nanos, "HTTP Date")
        });
    let challenge = match exchange
        .answer_token()
        .and_then(|token| token.ntlm.as_ref())
    {
        Some(NtlmMessage::Challenge(challenge)) => challenge.av.timestamp,
        _ => None,
    };
    let challenge = challenge
        .and_then(filetime::nanos)
        .and_then(|nanos| sample(host, &answer.span, nanos, "NTLM challenge"));
    [error, date, challenge].into_iter().flatten().collect()
}

fn sample(
    host: IpAddr,
    span: &Span,
    clock_nanos: i64,
    source: &'static str,
) -> Option<ClockSample> {
    is_sane(clock_nanos).then(|| ClockSample {
        host,
        frame: span.first(),
        offset_nanos: Timestamp::from_nanos(clock_nanos).since(span.time),
        source,
    })
}

/// The IMF-fixdate of RFC 9110 section 5.6.7.
fn http_date(text: &str) -> Option<i64> {
    NaiveDateTime::parse_from_str(text.trim(), "%a, %d %b %Y %H:%M:%S GMT")
        .ok()?
        .and_utc()
        .timestamp_nanos_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_rfc_9110_is_read() {
        assert_eq!(
            http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000_000_000)
        );
    }
}
