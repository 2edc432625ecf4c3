//! Connections whose addresses were rewritten between two places: known by what they carry.
//!
//! Never takes connections for the same that are alike by chance: sequence numbers and bytes have to be equal in both directions. A
//! device that rewrites sequence numbers too, as a proxy does, leaves two connections.

use std::cmp::Ordering;
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

/// What the connections of one capture are at the place of another one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rewritten {
    /// By what they are at the place of the one.
    here: BTreeMap<Ends, There>,
    /// What they are at the place of the other.
    there: BTreeSet<Ends>,
}

/// Which of two captures was taken nearer to the clients of the connections that are rewritten between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nearer {
    /// The first.
    First,
    /// The second.
    Second,
    /// Their packets do not say.
    Unknown,
}

impl Nearer {
    /// Of the captures `first` and `second`: a packet may pass fewer routers the further it is from its sender, and a client's port is
    /// higher than a server's.
    pub(super) fn of(first: &Carried, second: &Carried) -> Self {
        let both = first.0.iter().filter_map(|(mark, one)| {
            let other = second.0.get(mark).copied().flatten();
            one.zip(other).filter(|(one, other)| one.ends != other.ends)
        });
        let say = both.map(|(one, other)| {
            let by_hops = one.hops.cmp(&other.hops);
            let (src, dst) = one.ends;
            match src.port.cmp(&dst.port) {
                Ordering::Greater => by_hops,
                Ordering::Less => by_hops.reverse(),
                Ordering::Equal => Ordering::Equal,
            }
        });
        match say.map(|said| said as i64).sum::<i64>().cmp(&0) {
            Ordering::Greater => Self::First,
            Ordering::Less => Self::Second,
            Ordering::Equal => Self::Unknown,
        }
    }
}

/// What a connection is at the other place, and when: before and after, its ends are another one's.
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

/// Segments of a capture by what they carry; `None` for what several connections carry.
#[derive(Debug, Default)]
pub(super) struct Carried(FxHashMap<u64, Option<Carrier>>);

/// What carried it: its ends, the time of the last segment, and how many routers the first one might still pass.
#[derive(Clone, Copy, Debug)]
struct Carrier {
    ends: Ends,
    time: Timestamp,
    hops: u8,
}

impl Carried {
    pub(super) fn add(&mut self, packet: &Packet<'_>, time: Timestamp, room: usize) {
        let Packet::Tcp(segment) = packet else {
            return;
        };
        if segment.payload.len() < LEAST || segment.cut > 0 || self.0.len() >= room {
            return;
        }
        let carrier = Carrier {
            ends: (segment.src, segment.dst),
            time,
            hops: segment.hops,
        };
        let known = self.0.entry(mark(segment)).or_insert(Some(carrier));
        *known = known
            .filter(|known| known.ends == carrier.ends)
            .map(|known| Carrier { time, ..known });
    }
}

fn mark(segment: &TcpSegment<'_>) -> u64 {
    let hasher = BuildHasherDefault::<FxHasher>::default();
    hasher.hash_one((segment.sequence, segment.payload))
}

impl Rewritten {
    /// What the connections of the capture `one` are in `other`, where they are others there.
    pub(super) fn of(one: &Carried, other: &Carried) -> Self {
        let mut said: BTreeMap<Ends, Option<There>> = BTreeMap::new();
        let mut marks: Vec<&u64> = one.0.keys().collect();
        marks.sort_unstable();
        for mark in marks {
            let (Some(Some(here)), Some(Some(there))) = (one.0.get(mark), other.0.get(mark)) else {
                continue;
            };
            let first = There {
                ends: there.ends,
                from: here.time,
                to: here.time,
            };
            let known = said.entry(here.ends).or_insert(Some(first));
            *known = known
                .filter(|known| known.ends == there.ends)
                .map(|known| There {
                    from: known.from.min(here.time),
                    to: known.to.max(here.time),
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
            // Two connections are not one: the later of them is left as it is.
            if let Some(there) = there.and_then(|there| agrees(here, &there))
                && rewritten.there.insert(there.ends)
            {
                rewritten.here.insert(*here, there);
            }
        }
        rewritten
    }

    /// Takes what `other` has.
    pub(in crate::diagnose) fn merge(&mut self, other: &Self) {
        self.here
            .extend(other.here.iter().map(|(ends, there)| (*ends, *there)));
        self.there.extend(&other.there);
    }

    /// What connections are at the place of the one, by what they are at the other.
    pub(in crate::diagnose) fn by_ends_there(&self) -> impl Iterator<Item = (Ends, Ends)> {
        self.here.iter().map(|(here, there)| (there.ends, *here))
    }

    /// The same, by the clock of the first capture, which is `offset` nanoseconds behind.
    pub(super) fn by_first_clock(mut self, offset: i64) -> Self {
        let moved = |time: Timestamp| Timestamp::from_nanos(time.nanos().saturating_sub(offset));
        for there in self.here.values_mut() {
            (there.from, there.to) = (moved(there.from), moved(there.to));
        }
        self
    }

    /// `packet`, which is seen at `time`, as it is at the other place, where it is another one there.
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

    /// What `ends` are at the other place, at `time`.
    pub(super) fn ends_there(&self, ends: Ends, time: Timestamp) -> Ends {
        let there = self.here.get(&ends).filter(|there| there.holds(time));
        there.map_or(ends, |there| there.ends)
    }

    /// Whether `ends` are those of such a connection at the other place.
    pub(super) fn has(&self, ends: Ends) -> bool {
        self.there.contains(&ends)
    }

    /// What is rewritten between the captures, in a sentence; `None` where nothing is. The names are those of the capture whose
    /// addresses are told and of the other one; `is_nearer`: the former is known to be nearer to the clients.
    pub(super) fn told(&self, first: &str, other: &str, is_nearer: bool) -> Option<String> {
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
        let side = if is_nearer {
            "which is nearer to the client, as the hop counts of their packets say."
        } else {
            "which should be the capture of the client's side: what a client asks others beside these connections has its address there."
        };
        Some(format!(
            "Addresses are rewritten on the way between the two: {}{more}. The connections have equal sequence numbers and bytes in both directions; they are told with the addresses at {first}, {side}",
            named.join("; ")
        ))
    }
}
