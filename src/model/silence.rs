//! Whether silence after a moment means something: the end of a capture proves nothing, a client that goes on does.
//!
//! Never says what should have come.

use crate::endpoint::ConnectionId;
use crate::frame::{FrameNumber, Timestamp};
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::http_exchange::HttpExchange;
use crate::model::lookup::Lookup;
use crate::model::ticket_request::TicketRequest;

/// A copy of a datagram by a mirror port comes at once; a client that repeats its question waits longer than this.
const COPY_NANOS: i64 = 500_000_000;

/// No client waits less for a KDC before it turns to something else.
const WAIT_NANOS: i64 = 1_000_000_000;
/// No client waits longer before it sends a SYN again.
const SYN_NANOS: i64 = 3_000_000_000;

impl Attempt {
    /// Whether the client waited no longer for what should have come after `time`: it was watched for `patience`
    /// nanoseconds more, it ended a connection to the server, or it showed the server a token. A capture
    /// that does not hold what came to the client cannot tell, nor can one with messages after `time` that cannot be read.
    pub fn is_given_up_after(&self, time: Timestamp, patience: i64) -> bool {
        let unread = self.visibility.unread;
        if self.unheard().is_some() || unread.is_some_and(|unread| unread.time > time) {
            return false;
        }
        let ended = self.closes().any(|end| end > time);
        let went_on = self
            .http
            .iter()
            .any(|exchange| exchange.asked.time > time && exchange.windows_token().is_some());
        ended || went_on || self.watched_since(time) >= patience
    }

    /// Whether the client waited in vain for the answer to `request`: it has given up after `patience` nanoseconds or for good,
    /// and it did nothing else at once, as a client does that was answered.
    pub fn waited_in_vain(&self, request: &TicketRequest, patience: i64) -> bool {
        let asked = request.last_span().last_time;
        let steps = self
            .message_spans()
            .map(|span| span.time)
            .chain(self.closes())
            .filter(|time| *time > asked);
        let goes_on_at_once = steps
            .min()
            .is_some_and(|next| next.since(asked) < WAIT_NANOS);
        !goes_on_at_once && self.is_given_up_after(asked, patience)
    }

    /// When the client ended its connections to the server.
    fn closes(&self) -> impl Iterator<Item = Timestamp> {
        self.connects
            .iter()
            .filter(|connect| !self.is_of_proxy(connect.id))
            .flat_map(|connect| [connect.closed_by_client, connect.reset_by_client])
            .flatten()
            .map(|end| end.time)
    }

    /// Whether who asks over `connection` only passes on: that it closes the connection does not tell what its client does.
    pub fn is_of_proxy(&self, connection: ConnectionId) -> bool {
        let mut requests = self.http.iter();
        requests.any(|it| it.connection == Some(connection) && it.request.head.via_proxy)
    }

    /// Whether the client repeated `request`, which stayed without an answer, or repeats with it an earlier one, in a capture
    /// that holds what came to the client.
    pub fn is_repeated(&self, request: &TicketRequest) -> bool {
        if self.unheard().is_some() {
            return false;
        }
        let sent_again = request
            .again
            .iter()
            .any(|span| span.time.since(request.asked.time) >= COPY_NANOS);
        sent_again
            || self.tickets.iter().any(|other| {
                other.asked.first() != request.asked.first()
                    && other.is_unanswered()
                    && other.asks_the_same(request)
            })
    }

    /// Whether nobody took up `connect`, as far as this capture can tell: no answer to its SYN, and no request over it, which
    /// would show that only the answers were not captured.
    pub fn is_ignored(&self, connect: &Connect) -> bool {
        connect.is_silent() && !self.is_used(connect) && self.unheard().is_none()
    }

    /// Whether the capture ends so soon after the only SYN of `connect` that an answer may yet come.
    pub fn is_still_connecting(&self, connect: &Connect) -> bool {
        connect.is_silent()
            && connect.syns.len() < 2
            && connect.dropped().is_none()
            && self.watched_since(connect.first().time) < SYN_NANOS
    }

    /// Whether a request went over `connect`.
    pub fn is_used(&self, connect: &Connect) -> bool {
        self.first_request_over(connect.id).is_some()
    }

    /// The frame that shows that what was sent to the client is not in the capture, so that silence means nothing: a request
    /// over a connection whose SYN nobody answers here, and nothing after it from the other side; or, where nothing at all
    /// came back, the first of questions to servers of different kinds.
    pub fn unheard(&self) -> Option<FrameNumber> {
        self.used_unopened().or_else(|| self.deaf())
    }

    fn used_unopened(&self) -> Option<FrameNumber> {
        self.connects
            .iter()
            .chain(&self.kdc_connects)
            .filter(|connect| !connect.is_heard() && !self.is_answered_over(connect.id))
            .filter(|connect| !connect.syns.is_empty())
            .find_map(|connect| self.first_request_over(connect.id))
    }

    /// The first frame of the attempt, if DNS servers, KDCs and web servers were asked, two of these kinds at least, and none
    /// of them is heard of. One dead server leaves less silence than that, and what was dropped is not answered.
    fn deaf(&self) -> Option<FrameNumber> {
        let lookups = || self.lookups.iter().chain(&self.kdc_lookups);
        let connects = || self.connects.iter().chain(&self.kdc_connects);
        let heard = lookups().any(Lookup::is_heard)
            || connects().any(Connect::is_heard)
            || self.tickets.iter().any(TicketRequest::is_heard)
            || self.http.iter().any(|exchange| exchange.answer.is_some());
        let dropped = lookups().any(|it| it.dropped().is_some())
            || connects().any(|it| it.dropped().is_some())
            || self.tickets.iter().any(|it| it.dropped().is_some());
        let kinds = [
            lookups().next().is_some(),
            !self.tickets.is_empty() || !self.kdc_connects.is_empty(),
            !self.http.is_empty() || !self.connects.is_empty(),
        ];
        let asked = kinds.into_iter().filter(|asked| *asked).count();
        (!heard && !dropped && asked >= 2).then(|| self.first_frame())
    }

    fn is_answered_over(&self, id: ConnectionId) -> bool {
        let ticket =
            |request: &TicketRequest| request.connection == Some(id) && request.answer.is_some();
        let web =
            |exchange: &HttpExchange| exchange.connection == Some(id) && exchange.answer.is_some();
        self.tickets.iter().any(ticket) || self.http.iter().any(web)
    }

    fn first_request_over(&self, id: ConnectionId) -> Option<FrameNumber> {
        let tickets = self
            .tickets
            .iter()
            .filter(|request| request.connection == Some(id))
            .map(|request| request.asked.first());
        let web = self
            .http
            .iter()
            .filter(|exchange| exchange.connection == Some(id))
            .map(|exchange| exchange.asked.first());
        tickets.chain(web).min()
    }
}
