//! The connections of a capture that are open. Idle ones leave by capture time.
//!
//! Never looks at a payload. Connections that nobody wants shrink to a few counters.

use crate::endpoint::ConnectionId;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::{Budget, Limitation};
use crate::net::packet::{Origin, TcpFlags, TcpSegment};
use crate::net::provenance::Run;
use crate::net::tcp::connection::{Connection, Event, Sink};
use crate::net::tcp::live::Live;
use crate::net::tcp::places::{End, Pair, Places};
use crate::net::tcp::refused::Refused;

/// Segments between two looks for idle connections: many slots in a row cost less than a few each time.
const SWEEP_EVERY: usize = 64;
/// Time after which the next segment looks for them in any case.
const SWEEP_NANOS: i64 = 1_000_000_000;
/// Slots that are looked at then. Each segment adds one at most: the table is gone round before it fills.
const SWEPT: usize = SWEEP_EVERY + SWEEP_EVERY / 4;
/// Slots that are looked into where there are too many connections: a quarter of them is let go.
const LOOKED_AT: usize = 4_096;
/// How long a connection that is over is kept, so that a late copy of its bytes begins no other one.
const LINGER_NANOS: i64 = 10_000_000_000;

/// All open connections, each with the state `T` that the dissectors keep for it.
#[derive(Debug)]
pub struct Table<T> {
    places: Places,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    hand: usize,
    unswept: usize,
    swept: Option<Timestamp>,
    begun: u64,
    held_bytes: usize,
    driven_out: DrivenOut,
    refused: Refused,
}

/// Connections that had to go although they were being read.
#[derive(Clone, Copy, Debug, Default)]
struct DrivenOut {
    count: u64,
    first: Option<FrameNumber>,
}

/// A line of a processor's cache: with most segments nothing else of a table is touched.
#[derive(Debug)]
#[repr(align(64))]
struct Slot<T> {
    pair: Pair,
    last: Timestamp,
    entry: Entry<T>,
}

#[derive(Debug)]
enum Entry<T> {
    Free,
    Quiet(Quiet),
    Live(Box<Live<T>>),
}

/// What is left of a connection that nobody wants, or that is over.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    /// The number of the SYN that began it, to tell a late copy of that from another connection's.
    first: Option<u32>,
    is_over: bool,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            places: Places::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
            unswept: 0,
            swept: None,
            begun: 0,
            held_bytes: 0,
            driven_out: DrivenOut::default(),
            refused: Refused::default(),
        }
    }
}

impl<T> Slot<T> {
    /// Whether somebody waits for more of it.
    fn is_read(&self) -> bool {
        matches!(&self.entry, Entry::Live(live) if !live.is_over())
    }

    fn is_idle(&self, now: Timestamp) -> bool {
        !matches!(self.entry, Entry::Free) && now.since(self.last) > Budget::CONNECTION_IDLE_NANOS
    }
}

impl DrivenOut {
    fn add(&mut self, frame: FrameNumber) {
        self.count += 1;
        self.first.get_or_insert(frame);
    }
}

impl<T: Default> Table<T> {
    /// Feeds a segment and tells `sink` what it did to its connection, in order.
    pub fn segment(
        &mut self,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        sink: &mut impl FnMut(&mut Connection<T>, Event<'_, '_>),
    ) {
        let Some(run) = origin.last() else {
            return;
        };
        let (pair, from) = Pair::of(segment.src, segment.dst);
        self.sweep(run.time, sink);
        self.place(pair, from, segment, origin, *run, sink);
        if is_syn(segment)
            && let Some((reset, seen)) = self.refused.take(pair, segment, *run)
        {
            self.segment(&reset, &[seen], sink);
        }
    }

    /// Gives a segment to its connection.
    fn place(
        &mut self,
        pair: Pair,
        from: End,
        segment: &TcpSegment<'_>,
        origin: Origin<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) {
        let Some(place) = self.current(pair, from, segment, run, sink) else {
            self.refused.note(pair, segment, run);
            return;
        };
        let crowded = self.held_bytes > Budget::EARLY_BYTES;
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return;
        };
        slot.last = run.time;
        let live = match &mut slot.entry {
            Entry::Live(live) => live,
            Entry::Quiet(quiet) => {
                quiet.is_over |= segment.flags.has(TcpFlags::FIN | TcpFlags::RST);
                if quiet.is_over {
                    slot.last = nearly_idle(run.time);
                }
                return;
            }
            Entry::Free => return,
        };
        self.held_bytes -= live.held_bytes();
        live.segment(from, segment, origin, crowded, sink);
        if live.is_over() {
            slot.last = nearly_idle(run.time);
        }
        if live.is_given_up {
            self.driven_out.add(run.frame);
        }
        if live.connection.is_ignored() || live.is_done() {
            slot.entry = Entry::Quiet(Quiet {
                first: live.begins_after(),
                is_over: live.is_over(),
            });
        } else {
            self.held_bytes += live.held_bytes();
        }
    }

    /// The capture is over: ends every open connection, in the order of their numbers.
    pub fn finish(&mut self, sink: &mut impl FnMut(&mut Connection<T>, Event<'_, '_>)) {
        let mut open: Vec<&mut Box<Live<T>>> = self
            .slots
            .iter_mut()
            .filter_map(|slot| match &mut slot.entry {
                Entry::Live(live) => Some(live),
                Entry::Free | Entry::Quiet(_) => None,
            })
            .collect();
        open.sort_by_key(|live| live.connection.id);
        for live in open {
            live.finish(sink);
        }
        *self = Self {
            begun: self.begun,
            driven_out: self.driven_out,
            ..Self::default()
        };
    }

    /// What could not be kept.
    pub fn limitation(&self) -> Option<Limitation> {
        let DrivenOut { count, first } = self.driven_out;
        first.map(|first| {
            Limitation::since(
                first,
                format!(
                    "More was open at once than is kept: {count} connections that were still being read were let go early."
                ),
            )
        })
    }

    /// The slot of the segment's connection. A new one is made where it begins one; `None` where the segment says nothing.
    fn current(
        &mut self,
        pair: Pair,
        from: End,
        segment: &TcpSegment<'_>,
        run: Run,
        sink: &mut impl Sink<T>,
    ) -> Option<u32> {
        let Some(place) = self.places.find(pair, pair_at(&self.slots)) else {
            return begins(segment).then(|| self.open(pair, from, segment, run.frame, sink));
        };
        let slot = self.slots.get_mut(place as usize)?;
        let is_another = match &slot.entry {
            Entry::Live(live) => live.is_another(from, segment, run),
            Entry::Quiet(quiet) => is_syn(segment) && quiet.first != Some(segment.sequence),
            Entry::Free => true,
        };
        if is_another {
            if let Entry::Live(live) = &mut slot.entry {
                self.held_bytes -= live.held_bytes();
                live.finish(sink);
            }
            let live = self.begin(from, segment);
            self.slots.get_mut(place as usize)?.entry = Entry::Live(live);
        }
        Some(place)
    }

    fn begin(&mut self, from: End, segment: &TcpSegment<'_>) -> Box<Live<T>> {
        self.begun += 1;
        let id = ConnectionId(self.begun);
        let (src, dst) = (segment.src, segment.dst);
        Box::new(match (is_from_server(segment), from) {
            (true, End::Low) => Live::new(id, dst, src, End::High),
            (true, End::High) => Live::new(id, dst, src, End::Low),
            (false, end) => Live::new(id, src, dst, end),
        })
    }

    fn open(
        &mut self,
        pair: Pair,
        from: End,
        segment: &TcpSegment<'_>,
        frame: FrameNumber,
        sink: &mut impl Sink<T>,
    ) -> u32 {
        if self.places.len() >= Budget::CONNECTIONS {
            self.drive_out(frame, sink);
        }
        let slot = Slot {
            pair,
            last: Timestamp::from_nanos(i64::MAX),
            entry: Entry::Live(self.begin(from, segment)),
        };
        let place = if let Some(place) = self.free.pop() {
            if let Some(free) = self.slots.get_mut(place as usize) {
                *free = slot;
            }
            place
        } else {
            self.slots.push(slot);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        self.places.insert(pair, place, pair_at(&self.slots));
        place
    }

    /// Now and then, looks at the next slots and lets idle connections go.
    fn sweep(&mut self, now: Timestamp, sink: &mut impl Sink<T>) {
        self.unswept += 1;
        let swept = *self.swept.get_or_insert(now);
        if self.unswept < SWEEP_EVERY && now.since(swept) < SWEEP_NANOS {
            return;
        }
        self.unswept = 0;
        self.swept = Some(now);
        let end = self.slots.len().min(self.hand + SWEPT);
        for place in self.hand..end {
            let slot = self.slots.get(place);
            if slot.is_some_and(|slot| slot.is_idle(now)) {
                self.let_go(place, sink);
            }
        }
        self.hand = if end < self.slots.len() { end } else { 0 };
    }

    fn let_go(&mut self, place: usize, sink: &mut impl Sink<T>) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        if let Entry::Live(live) = &mut slot.entry {
            self.held_bytes -= live.held_bytes();
            live.finish(sink);
        }
        slot.entry = Entry::Free;
        if let Ok(place) = u32::try_from(place) {
            self.places.remove(slot.pair, place);
            self.free.push(place);
        }
    }

    /// Makes room: of the next connections those go that were silent longest, first of all such as nobody reads. To look into one costs
    /// as much as all else that a SYN costs, so many go at once.
    fn drive_out(&mut self, frame: FrameNumber, sink: &mut impl Sink<T>) {
        let count = self.slots.len();
        let next = (self.hand..count).chain(0..self.hand.min(count));
        let known = next.take(LOOKED_AT).filter_map(|place| {
            let slot = self.slots.get(place)?;
            let is_used = !matches!(slot.entry, Entry::Free);
            is_used.then(|| (slot.is_read(), slot.last, place))
        });
        let mut known: Vec<(bool, Timestamp, usize)> = known.collect();
        self.hand = (self.hand + LOOKED_AT) % count.max(1);
        known.sort_unstable();
        known.truncate(known.len().div_ceil(4));
        for (is_read, _, place) in known {
            if is_read {
                self.driven_out.add(frame);
            }
            self.let_go(place, sink);
        }
    }
}

/// The last time of a connection that is over: it is let go soon, and its late copies still find it.
fn nearly_idle(now: Timestamp) -> Timestamp {
    let earlier = Budget::CONNECTION_IDLE_NANOS - LINGER_NANOS;
    Timestamp::from_nanos(now.nanos().saturating_sub(earlier))
}

/// Whether a segment of an unknown connection is worth a new one: it opens it, or brings bytes.
fn begins(segment: &TcpSegment<'_>) -> bool {
    let flags = segment.flags;
    flags.has(TcpFlags::SYN)
        || (!flags.has(TcpFlags::RST) && (!segment.payload.is_empty() || segment.cut > 0))
}

/// Whether the first segment of a connection comes from its server. Without a SYN the lower port is taken for the server's.
fn is_from_server(segment: &TcpSegment<'_>) -> bool {
    if segment.flags.has(TcpFlags::SYN) {
        segment.flags.has(TcpFlags::ACK)
    } else {
        segment.src.port < segment.dst.port
    }
}

/// Which pair has a place.
fn pair_at<T>(slots: &[Slot<T>]) -> impl Fn(u32) -> Option<Pair> {
    |place| slots.get(place as usize).map(|slot| slot.pair)
}

/// Whether it opens a connection.
fn is_syn(segment: &TcpSegment<'_>) -> bool {
    segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_as_large_as_a_line_of_a_cache() {
        assert_eq!(size_of::<Slot<()>>(), 64);
    }
}
