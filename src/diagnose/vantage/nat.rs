//! Connections whose addresses were rewritten between two places: known by what they carry.
//!
//! Never takes connections for the same that are alike by chance: sequence numbers and bytes have to be equal in both directions. A
//! device that rewrites sequence numbers too, as a proxy does, leaves two connections.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::endpoint::Endpoint;
use crate::frame::Timestamp;
use crate::net::packet::{Packet, TcpSegment};

/// Shorter payloads are no evidence.
const LEAST: usize = 16;
/// Pairs of addresses that are named.
const NAMED: usize = 3;
/// So long before the first packet that is known, and behind the last one, a port of such a device is that of the same connection, in
/// nanoseconds: further off it may be another client's. Web servers close what is idle after two minutes, and a device keeps a port
/// for four (RFC 5382 section 5).
const MARGIN: i64 = 150_000_000_000;

/// Who sends to whom.
pub(super) type Ends = (Endpoint, Endpoint);

/// What the connections of a capture are at the place of the first one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rewritten {
    /// By what they are at the place of this capture.
    here: BTreeMap<Ends, There>,
    /// What they are at the place of the first.
    there: BTreeSet<Ends>,
}

/// What a connection is at the place of the first capture, and when: before and after, its ends are another one's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct There {
    ends: Ends,
    from: Timestamp,
    to: Timestamp,
}

impl There {
    fn holds(&self, time: Timestamp) -> bool {
        self.from.since(time) <= MARGIN && time.since(self.to) <= MARGIN
    }
}

/// Segments of a capture by what they carry, with their ends and the time of the last of them; `None` for what several connections carry.
#[derive(Debug, Default)]
pub(super) struct Carried(FxHashMap<u64, Option<(Ends, Timestamp)>>);

impl Carried {
    pub(super) fn add(&mut self, packet: &Packet<'_>, time: Timestamp, room: usize) {
        let Packet::Tcp(segment) = packet else {
            return;
        };
        if segment.payload.len() < LEAST || segment.cut > 0 || self.0.len() >= room {
            return;
        }
        let ends = (segment.src, segment.dst);
        let known = self.0.entry(mark(segment)).or_insert(Some((ends, time)));
        *known = known.filter(|known| known.0 == ends).map(|_| (ends, time));
    }
}

fn mark(segment: &TcpSegment<'_>) -> u64 {
    let hasher = BuildHasherDefault::<FxHasher>::default();
    hasher.hash_one((segment.sequence, segment.payload))
}

impl Rewritten {
    /// The connections of `second` that are others of `first`.
    pub(super) fn of(first: &Carried, second: &Carried) -> Self {
        let mut said: BTreeMap<Ends, Option<There>> = BTreeMap::new();
        let mut marks: Vec<&u64> = second.0.keys().collect();
        marks.sort_unstable();
        for mark in marks {
            let (Some(Some((here, time))), Some(Some((ends, _)))) =
                (second.0.get(mark), first.0.get(mark))
            else {
                continue;
            };
            let there = There {
                ends: *ends,
                from: *time,
                to: *time,
            };
            let known = said.entry(*here).or_insert(Some(there));
            *known = known
                .filter(|known| known.ends == *ends)
                .map(|known| There {
                    from: known.from.min(*time),
                    to: known.to.max(*time),
                    ..known
                });
        }
        let back = |(src, dst): Ends| (dst, src);
        let agrees = |here: &Ends, there: &There| {
            let other = said.get(&back(*here)).copied().flatten();
            let other = other.filter(|other| other.ends == back(there.ends));
            other.filter(|_| *here != there.ends).map(|other| There {
                from: there.from.min(other.from),
                to: there.to.max(other.to),
                ..*there
            })
        };
        let mut rewritten = Self::default();
        for (here, there) in &said {
            // Two connections are not one: the second of them is left as it is.
            if let Some(there) = there.and_then(|there| agrees(here, &there))
                && rewritten.there.insert(there.ends)
            {
                rewritten.here.insert(*here, there);
            }
        }
        rewritten
    }

    /// The same, by the clock of the first capture, which is `offset` nanoseconds behind.
    pub(super) fn by_first_clock(mut self, offset: i64) -> Self {
        let moved = |time: Timestamp| Timestamp::from_nanos(time.nanos().saturating_sub(offset));
        for there in self.here.values_mut() {
            (there.from, there.to) = (moved(there.from), moved(there.to));
        }
        self
    }

    /// `packet`, which is seen at `time`, as it is at the place of the first capture, where it is another one there.
    pub(in crate::diagnose) fn seen_there<'p>(
        &self,
        packet: &Packet<'p>,
        time: Timestamp,
    ) -> Option<Packet<'p>> {
        let Packet::Tcp(segment) = packet else {
            return None;
        };
        let there = self.here.get(&(segment.src, segment.dst))?;
        let (src, dst) = there.holds(time).then_some(there.ends)?;
        Some(Packet::Tcp(TcpSegment {
            src,
            dst,
            ..*segment
        }))
    }

    /// What `ends` are at the place of the first capture, at `time`.
    pub(super) fn ends_there(&self, ends: Ends, time: Timestamp) -> Ends {
        let there = self.here.get(&ends).filter(|there| there.holds(time));
        there.map_or(ends, |there| there.ends)
    }

    /// Whether `ends` are those of such a connection at the place of the first capture.
    pub(super) fn has(&self, ends: Ends) -> bool {
        self.there.contains(&ends)
    }

    /// What is rewritten between the capture `first` and `other`, in a sentence; `None` where nothing is.
    pub(super) fn told(&self, first: &str, other: &str) -> Option<String> {
        let mut pairs: BTreeSet<Ends> = BTreeSet::new();
        for (here, there) in &self.here {
            let both = [(there.ends.0, here.0), (there.ends.1, here.1)];
            pairs.extend(both.into_iter().filter(|(there, here)| there != here));
        }
        if pairs.is_empty() {
            return None;
        }
        let named = pairs
            .iter()
            .take(NAMED)
            .map(|(there, here)| format!("{there} at {first} is {here} at {other}"));
        let named: Vec<String> = named.collect();
        let more = match pairs.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        Some(format!(
            "Addresses are rewritten on the way between the two: {}{more}. The connections have equal sequence numbers and bytes in both directions; they are told with the addresses at {first}, which should be the capture of the client's side: what a client asks others beside these connections has its address there.",
            named.join("; ")
        ))
    }
}
