//! The connections of a capture that are open. Idle ones leave by capture time.

use crate::net::packet::{Origin, TcpSegment};
use crate::net::tcp::connection::{Connection, Event};

/// All open connections, each with the state `T` that the dissectors keep for it.
#[derive(Debug, Default)]
pub struct Table<T> {
    open: Vec<Connection<T>>,
}

impl<T: Default> Table<T> {
    /// Feeds a segment and tells `sink` what it did to its connection, in order.
    pub fn segment(
        &mut self,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        sink: &mut impl FnMut(&mut Connection<T>, Event<'_>),
    ) {
        let _ = (segment, origin, sink, &self.open);
    }

    /// The capture is over: ends every open connection, in the order of their numbers.
    pub fn finish(&mut self, sink: &mut impl FnMut(&mut Connection<T>, Event<'_>)) {
        let _ = (sink, &self.open);
    }
}
