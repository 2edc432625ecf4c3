//! Where an attempt stands in the capture: its frames and its times.
//!
//! Never says anything about what is in them.

use crate::frame::{FrameNumber, Timestamp};
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::neighbour_lookup::NeighbourLookup;

impl Attempt {
    /// The first frame of anything in it.
    pub fn first_frame(&self) -> FrameNumber {
        self.spans()
            .map(|(first, _, _)| first)
            .min()
            .unwrap_or(FrameNumber(0))
    }

    /// The last frame of anything in it.
    pub fn last_frame(&self) -> FrameNumber {
        self.spans()
            .map(|(_, last, _)| last)
            .max()
            .unwrap_or(FrameNumber(0))
    }

    /// When the first thing in it begins.
    pub fn first_time(&self) -> Timestamp {
        let messages = self.message_spans().map(|span| span.time);
        let lookups = self
            .lookups
            .iter()
            .chain(&self.kdc_lookups)
            .map(|lookup| lookup.asked.time);
        let neighbours = self
            .around
            .neighbours
            .iter()
            .map(|lookup| lookup.asked.time);
        let connects = self
            .connects
            .iter()
            .chain(&self.kdc_connects)
            .map(|connect| connect.first().time);
        messages
            .chain(lookups)
            .chain(neighbours)
            .chain(connects)
            .chain(self.tls.iter().map(|start| start.span.time))
            .min()
            .unwrap_or(self.visibility.from)
    }

    /// When the last message of it ended.
    pub fn last_time(&self) -> Timestamp {
        self.spans()
            .map(|(_, _, time)| time)
            .max()
            .unwrap_or(self.visibility.until)
    }

    /// Where its messages stand, in no particular order.
    pub fn message_spans(&self) -> impl Iterator<Item = &Span> {
        let exchanges = self
            .http
            .iter()
            .flat_map(|exchange| std::iter::once(exchange).chain(exchange.passed_on.as_deref()));
        let http = exchanges.flat_map(|exchange| {
            let answer = exchange.answer.as_ref().map(|answer| &answer.span);
            std::iter::once(&exchange.asked).chain(answer)
        });
        let tickets = self.tickets.iter().flat_map(|request| {
            let answer = request.answer.as_ref().map(|answer| &answer.span);
            std::iter::once(&request.asked).chain(answer)
        });
        http.chain(tickets)
    }

    /// First frame, last frame and last time of everything in it.
    fn spans(&self) -> impl Iterator<Item = (FrameNumber, FrameNumber, Timestamp)> {
        let of_span = |first: &Span, last: &Span| (first.first(), last.last(), last.last_time);
        let http = self
            .http
            .iter()
            .map(move |exchange| of_span(&exchange.asked, exchange.last_span()));
        let tickets = self
            .tickets
            .iter()
            .map(move |request| of_span(&request.asked, request.last_span()));
        let lookups = self
            .lookups
            .iter()
            .chain(&self.kdc_lookups)
            .map(move |lookup| of_span(&lookup.asked, lookup.last_span()));
        let neighbours = self.around.neighbours.iter();
        let neighbours = neighbours
            .flat_map(NeighbourLookup::spans)
            .map(move |span| of_span(span, span));
        let connects = self
            .connects
            .iter()
            .chain(&self.kdc_connects)
            .map(|connect| {
                let last = if connect.is_failed() {
                    connect.last
                } else {
                    connect.first()
                };
                (connect.first().frame, last.frame, last.time)
            });
        let tls = self
            .tls
            .iter()
            .map(move |start| of_span(&start.span, &start.span));
        http.chain(tickets)
            .chain(lookups)
            .chain(neighbours)
            .chain(connects)
            .chain(tls)
    }
}
