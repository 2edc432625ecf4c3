//! What this capture was able to show of an attempt.
//!
//! Never says what is missing from the attempt: only whether it would have been seen.

use crate::dissect::message::Loss;
use crate::frame::{FrameNumber, Timestamp};
use crate::model::exchange::{Moment, Span};

/// Whether the capture could have shown a thing, so that its absence means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visibility {
    /// Some traffic between this client and a KDC, or this client and a DNS server, is in the capture: a request to a KDC
    /// would have been seen too. Otherwise the capture may have been taken at the server.
    pub sees_kdc_side: bool,
    /// The first message of the attempt that a snap length cut.
    pub snapped: Option<FrameNumber>,
    /// The first message of the attempt with bytes that the capture missed.
    pub missed: Option<FrameNumber>,
    /// The last message of the client to a KDC or a DNS server, or to it from one, that could not be read.
    pub unread: Option<Moment>,
    /// The last such message that came to the client.
    pub unread_answer: Option<Moment>,
    /// When the capture begins.
    pub from: Timestamp,
    /// Until when the client was watched after the attempt: the end of the capture, or of the client's window in it.
    pub until: Timestamp,
}

/// Where a message stands that could not be read, seen from the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The frame in which it begins, or the first one behind it.
    pub at: Moment,
    /// Whether it came to the client, by whichever of its addresses.
    pub is_answer: bool,
}

impl Visibility {
    /// Notes the first message among `spans` that a snap length cut, and the first with bytes that the capture missed.
    pub fn note_losses<'s>(&mut self, spans: impl Iterator<Item = &'s Span>) {
        for span in spans {
            let place = match span.loss {
                Some(Loss::Snapped) => &mut self.snapped,
                Some(Loss::Missed) => &mut self.missed,
                Some(Loss::Ended) | None => continue,
            };
            *place = Some(place.map_or(span.first(), |first| first.min(span.first())));
        }
    }
}
