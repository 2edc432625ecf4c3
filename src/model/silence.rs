//! Whether silence after a moment means something: the end of a capture proves nothing, a client that goes on does.
//!
//! Never says what should have come.

use crate::frame::Timestamp;
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::ticket_request::TicketRequest;

/// A copy of a datagram by a mirror port comes at once; a client that repeats its question waits longer than this.
const COPY_NANOS: i64 = 500_000_000;

impl Attempt {
    /// Whether the client waited no longer for what should have come after `time`: it was watched for `patience`
    /// nanoseconds more, it ended a connection to the server, or it showed the server a token.
    pub fn is_given_up_after(&self, time: Timestamp, patience: i64) -> bool {
        let ended = self
            .connects
            .iter()
            .flat_map(|connect| [connect.closed_by_client, connect.reset_by_client])
            .flatten()
            .any(|end| end.time > time);
        let went_on = self
            .http
            .iter()
            .any(|exchange| exchange.asked.time > time && exchange.windows_token().is_some());
        ended || went_on || self.watched_since(time) >= patience
    }

    /// Whether the client repeated `request`, which stayed without an answer, or repeats with it an earlier one.
    pub fn is_repeated(&self, request: &TicketRequest) -> bool {
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
        connect.is_silent()
            && !self
                .tickets
                .iter()
                .any(|request| request.connection == Some(connect.id))
    }
}
