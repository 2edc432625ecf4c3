//! The connections of a capture that are open. Idle ones leave by capture time.
//!
//! Never looks at a payload. Connections that nobody wants shrink to a few counters.

use rustc_hash::FxHashMap;

use crate::endpoint::{ConnectionId, Direction, Endpoint};
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::{Budget, Limitation};
use crate::net::packet::{Origin, TcpFlags, TcpSegment};
use crate::net::tcp::connection::{Connection, Event, Live, Sink};

/// Slots that are looked at for idle connections with each segment: the table is gone round long before it fills.
const SWEEP: usize = 2;
/// How long a connection that is over is kept, so that a late copy of its bytes begins no other one.
const LINGER_NANOS: i64 = 10_000_000_000;

/// All open connections, each with the state `T` that the dissectors keep for it.
#[derive(Debug)]
pub struct Table<T> {
    places: FxHashMap<Pair, u32>,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    hand: usize,
    begun: u64,
    early_bytes: usize,
    driven_out: u64,
    first_driven_out: Option<FrameNumber>,
}

/// Both ends, the lower one first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Pair(Endpoint, Endpoint);

#[derive(Debug)]
struct Slot<T> {
    pair: Pair,
    last: Timestamp,
    entry: Entry<T>,
}

#[derive(Debug)]
enum Entry<T> {
    Free,
    /// Nobody wants it.
    Quiet,
    Live(Box<Live<T>>),
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            places: FxHashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
            begun: 0,
            early_bytes: 0,
            driven_out: 0,
            first_driven_out: None,
        }
    }
}

impl Pair {
    fn of(a: Endpoint, b: Endpoint) -> Self {
        if a <= b { Self(a, b) } else { Self(b, a) }
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
        let pair = Pair::of(segment.src, segment.dst);
        self.sweep(run.time, sink);
        let place = self.places.get(&pair).copied();
        let Some(place) = self.current(place, pair, segment, run.frame, sink) else {
            return;
        };
        let crowded = self.early_bytes > Budget::EARLY_BYTES;
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return;
        };
        slot.last = run.time;
        let Entry::Live(live) = &mut slot.entry else {
            if segment.flags.has(TcpFlags::FIN) || segment.flags.has(TcpFlags::RST) {
                slot.last = nearly_idle(run.time);
            }
            return;
        };
        let direction = direction(live, segment);
        let early = live.early_bytes();
        live.segment(direction, segment, origin, crowded, sink);
        let early_now = live.early_bytes();
        if live.is_over() {
            slot.last = nearly_idle(run.time);
        }
        if live.connection.is_ignored() {
            slot.entry = Entry::Quiet;
            self.early_bytes -= early;
        } else {
            self.early_bytes = self.early_bytes + early_now - early;
        }
    }

    /// The capture is over: ends every open connection, in the order of their numbers.
    pub fn finish(&mut self, sink: &mut impl FnMut(&mut Connection<T>, Event<'_, '_>)) {
        let mut open: Vec<&mut Box<Live<T>>> = self
            .slots
            .iter_mut()
            .filter_map(|slot| match &mut slot.entry {
                Entry::Live(live) => Some(live),
                Entry::Free | Entry::Quiet => None,
            })
            .collect();
        open.sort_by_key(|live| live.connection.id);
        for live in open {
            live.finish(sink);
        }
        self.places.clear();
        self.slots.clear();
    }

    /// What could not be kept.
    pub fn limitation(&self) -> Option<Limitation> {
        self.first_driven_out.map(|first| {
            Limitation::since(
                first,
                format!(
                    "More connections were open at once than are kept: {} that were still being read were let go early.",
                    self.driven_out
                ),
            )
        })
    }

    /// The slot of the segment's connection. A new one is made where it begins one; `None` where the segment says nothing.
    fn current(
        &mut self,
        place: Option<u32>,
        pair: Pair,
        segment: &TcpSegment<'_>,
        frame: FrameNumber,
        sink: &mut impl Sink<T>,
    ) -> Option<u32> {
        let syn = segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK);
        let Some(place) = place else {
            return begins(segment).then(|| self.open(pair, segment, frame, sink));
        };
        let slot = self.slots.get_mut(place as usize)?;
        let another = syn
            && match &slot.entry {
                Entry::Live(live) => live.is_another(direction(live, segment), segment.sequence),
                Entry::Free | Entry::Quiet => true,
            };
        if !another {
            return Some(place);
        }
        if let Entry::Live(live) = &mut slot.entry {
            self.early_bytes -= live.early_bytes();
            live.finish(sink);
        }
        self.begun += 1;
        let slot = self.slots.get_mut(place as usize)?;
        slot.entry = Entry::Live(Box::new(Live::new(
            ConnectionId(self.begun),
            segment.src,
            segment.dst,
        )));
        Some(place)
    }

    fn open(
        &mut self,
        pair: Pair,
        segment: &TcpSegment<'_>,
        frame: FrameNumber,
        sink: &mut impl Sink<T>,
    ) -> u32 {
        self.begun += 1;
        let (client, server) = ends(segment);
        let slot = Slot {
            pair,
            last: Timestamp::from_nanos(i64::MAX),
            entry: Entry::Live(Box::new(Live::new(
                ConnectionId(self.begun),
                client,
                server,
            ))),
        };
        if self.places.len() >= Budget::CONNECTIONS {
            self.drive_out(frame, sink);
        }
        let place = if let Some(place) = self.free.pop() {
            if let Some(free) = self.slots.get_mut(place as usize) {
                *free = slot;
            }
            place
        } else {
            self.slots.push(slot);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        self.places.insert(pair, place);
        place
    }

    /// Looks at the next few slots and lets idle connections go.
    fn sweep(&mut self, now: Timestamp, sink: &mut impl Sink<T>) {
        for _ in 0..SWEEP.min(self.slots.len()) {
            self.hand = (self.hand + 1) % self.slots.len().max(1);
            let idle = self.slots.get(self.hand).is_some_and(|slot| {
                !matches!(slot.entry, Entry::Free)
                    && now.since(slot.last) > Budget::CONNECTION_IDLE_NANOS
            });
            if idle {
                self.let_go(self.hand, sink);
            }
        }
    }

    fn let_go(&mut self, place: usize, sink: &mut impl Sink<T>) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        if let Entry::Live(live) = &mut slot.entry {
            self.early_bytes -= live.early_bytes();
            live.finish(sink);
        }
        slot.entry = Entry::Free;
        self.places.remove(&slot.pair);
        self.free.extend(u32::try_from(place));
    }

    /// Makes room: of the next few connections the one that was silent longest goes.
    fn drive_out(&mut self, frame: FrameNumber, sink: &mut impl Sink<T>) {
        let count = self.slots.len().max(1);
        let oldest = (0..64)
            .map(|step| (self.hand + step) % count)
            .filter_map(|place| Some((place, self.slots.get(place)?)))
            .filter(|(_, slot)| !matches!(slot.entry, Entry::Free))
            .min_by_key(|(_, slot)| (matches!(slot.entry, Entry::Live(_)), slot.last))
            .map(|(place, _)| place);
        self.hand = (self.hand + 64) % count;
        if let Some(place) = oldest {
            if self
                .slots
                .get(place)
                .is_some_and(|slot| matches!(slot.entry, Entry::Live(_)))
            {
                self.driven_out += 1;
                self.first_driven_out.get_or_insert(frame);
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

/// Client and server of a connection that `segment` is the first of. Without a SYN the lower port is taken for the server's.
fn ends(segment: &TcpSegment<'_>) -> (Endpoint, Endpoint) {
    let (src, dst) = (segment.src, segment.dst);
    let from_server = if segment.flags.has(TcpFlags::SYN) {
        segment.flags.has(TcpFlags::ACK)
    } else {
        src.port < dst.port
    };
    if from_server { (dst, src) } else { (src, dst) }
}

fn direction<T>(live: &Live<T>, segment: &TcpSegment<'_>) -> Direction {
    if segment.src == live.connection.client {
        Direction::ToServer
    } else {
        Direction::ToClient
    }
}
