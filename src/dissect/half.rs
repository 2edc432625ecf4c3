//! One direction of a connection that speaks HTTP.
//!
//! Never reads a head.

use crate::dissect::opened::Opened;
use crate::dissect::outlet::Out;
use crate::dissect::step;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;

/// What is under way in one direction.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) open: Option<Opened>,
    /// Bytes of an unfinished head that were searched for its end.
    pub(super) searched: usize,
    /// Whether the next byte behind the open message begins another one.
    pub(super) in_step: bool,
    /// Its FIN was seen.
    pub(super) is_closed: bool,
    /// Bytes of a message whose head is not there were passed over, and that was told.
    pub(super) is_lost: bool,
}

impl Half {
    /// `in_step`: the first bytes begin a message.
    pub(super) const fn new(in_step: bool) -> Self {
        Self {
            open: None,
            searched: 0,
            in_step,
            is_closed: false,
            is_lost: false,
        }
    }

    /// Passes over bytes that begin no message, up to the next segment; tells it where a message was due.
    pub(super) fn lose_step(&mut self, ready: &mut Ready<'_>, out: &mut Out<'_>) {
        if self.in_step {
            step::lose(&mut self.in_step, "HTTP head", ready, out);
        } else {
            ready.take(usize::MAX, &mut FrameList::default());
        }
    }
}
