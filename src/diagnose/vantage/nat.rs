//! Connections whose addresses were rewritten between two places: known by what they carry.
//!
//! Never takes connections for the same that are alike by chance: sequence numbers and bytes have to be equal in both directions. A
//! device that rewrites sequence numbers too, as a proxy does, leaves two connections.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::endpoint::Endpoint;
use crate::net::packet::{Packet, TcpSegment};

/// Shorter payloads are no evidence.
const LEAST: usize = 16;
/// Pairs of addresses that are named.
const NAMED: usize = 3;

/// Who sends to whom.
pub(super) type Ends = (Endpoint, Endpoint);

/// What the connections of a capture are at the place of the first one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rewritten {
    /// By what they are at the place of this capture.
    here: BTreeMap<Ends, Ends>,
    /// What they are at the place of the first.
    there: BTreeSet<Ends>,
}

/// Segments of a capture by what they carry, with their ends; `None` for what several connections carry.
#[derive(Debug, Default)]
pub(super) struct Carried(FxHashMap<u64, Option<Ends>>);

impl Carried {
    pub(super) fn add(&mut self, packet: &Packet<'_>, room: usize) {
        let Packet::Tcp(segment) = packet else {
            return;
        };
        if segment.payload.len() < LEAST || segment.cut > 0 || self.0.len() >= room {
            return;
        }
        let ends = (segment.src, segment.dst);
        let known = self.0.entry(mark(segment)).or_insert(Some(ends));
        if *known != Some(ends) {
            *known = None;
        }
    }
}

fn mark(segment: &TcpSegment<'_>) -> u64 {
    let hasher = BuildHasherDefault::<FxHasher>::default();
    hasher.hash_one((segment.sequence, segment.payload))
}

impl Rewritten {
    /// The connections of `second` that are others of `first`.
    pub(super) fn of(first: &Carried, second: &Carried) -> Self {
        let mut said: BTreeMap<Ends, Option<Ends>> = BTreeMap::new();
        let mut marks: Vec<&u64> = second.0.keys().collect();
        marks.sort_unstable();
        for mark in marks {
            let (Some(Some(here)), Some(Some(there))) = (second.0.get(mark), first.0.get(mark))
            else {
                continue;
            };
            let known = said.entry(*here).or_insert(Some(*there));
            if *known != Some(*there) {
                *known = None;
            }
        }
        let back = |(src, dst): Ends| (dst, src);
        let agree = |here: &Ends, there: &Ends| {
            here != there && said.get(&back(*here)) == Some(&Some(back(*there)))
        };
        let mut rewritten = Self::default();
        for (here, there) in &said {
            // Two connections are not one: the second of them is left as it is.
            if let Some(there) = there.filter(|there| agree(here, there))
                && rewritten.there.insert(there)
            {
                rewritten.here.insert(*here, there);
            }
        }
        rewritten
    }

    /// `packet` as it is at the place of the first capture, where it is another one there.
    pub(in crate::diagnose) fn seen_there<'p>(&self, packet: &Packet<'p>) -> Option<Packet<'p>> {
        let Packet::Tcp(segment) = packet else {
            return None;
        };
        let (src, dst) = *self.here.get(&(segment.src, segment.dst))?;
        Some(Packet::Tcp(TcpSegment {
            src,
            dst,
            ..*segment
        }))
    }

    /// What `ends` are at the place of the first capture.
    pub(super) fn ends_there(&self, ends: Ends) -> Ends {
        self.here.get(&ends).copied().unwrap_or(ends)
    }

    /// Whether `ends` are those of such a connection at the place of the first capture.
    pub(super) fn has(&self, ends: Ends) -> bool {
        self.there.contains(&ends)
    }

    /// What is rewritten between the capture `first` and `other`, in a sentence; `None` where nothing is.
    pub(super) fn told(&self, first: &str, other: &str) -> Option<String> {
        let mut pairs: BTreeSet<Ends> = BTreeSet::new();
        for (here, there) in &self.here {
            let both = [(there.0, here.0), (there.1, here.1)];
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
