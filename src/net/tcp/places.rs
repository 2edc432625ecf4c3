//! Which connection two endpoints have: found with every segment, so that what is looked at stays in a processor's cache.
//!
//! Never lists what it holds: the order of a hash table means nothing.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::IpAddr;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::endpoint::Endpoint;

/// Both ends as plain numbers, the lower one first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    low: [u64; 2],
    high: [u64; 2],
    ports: u32,
    is_v6: bool,
}

/// One of the two ends of a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Low,
    High,
}

/// Places by pairs. The pairs themselves stand at the places.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: HashTable<u32>,
}

impl Pair {
    /// The pair that a segment from `src` to `dst` belongs to, and its end that has sent it.
    #[inline]
    pub(super) fn of(src: Endpoint, dst: Endpoint) -> (Self, End) {
        let (from, to) = (bits(src.addr), bits(dst.addr));
        let end = if (from, src.port) <= (to, dst.port) {
            End::Low
        } else {
            End::High
        };
        let (low, high, ports) = match end {
            End::Low => (from, to, [src.port, dst.port]),
            End::High => (to, from, [dst.port, src.port]),
        };
        let pair = Self {
            low,
            high,
            ports: u32::from(ports[0]) << 16 | u32::from(ports[1]),
            is_v6: src.addr.is_ipv6() || dst.addr.is_ipv6(),
        };
        (pair, end)
    }

    #[inline]
    fn hash_number(self) -> u64 {
        FxBuildHasher.hash_one(self)
    }
}

impl Hash for Pair {
    /// Two words are enough for IPv4.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ([low_high, low], [high_high, high]) = (self.low, self.high);
        if self.is_v6 {
            state.write_u64(low_high);
            state.write_u64(high_high);
            state.write_u64(high);
            state.write_u64(low);
        } else {
            state.write_u64(low << 32 | high);
        }
        state.write_u32(self.ports);
    }
}

impl Places {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The place of `pair`, where `pair_at` tells which pair stands at a place.
    #[inline]
    pub(super) fn find(&self, pair: Pair, pair_at: impl Fn(u32) -> Option<Pair>) -> Option<u32> {
        self.places
            .find(pair.hash_number(), |&place| pair_at(place) == Some(pair))
            .copied()
    }

    /// `pair`, which has none yet, gets a place.
    pub(super) fn insert(&mut self, pair: Pair, place: u32, pair_at: impl Fn(u32) -> Option<Pair>) {
        self.places
            .insert_unique(pair.hash_number(), place, |&place| {
                pair_at(place).map_or(0, Pair::hash_number)
            });
    }

    pub(super) fn remove(&mut self, pair: Pair, place: u32) {
        if let Ok(entry) = self
            .places
            .find_entry(pair.hash_number(), |&other| other == place)
        {
            entry.remove();
        }
    }
}

#[inline]
fn bits(addr: IpAddr) -> [u64; 2] {
    match addr {
        IpAddr::V4(addr) => [0, u64::from(addr.to_bits())],
        IpAddr::V6(addr) => {
            let bits = addr.to_bits();
            [high_half(bits), low_half(bits)]
        }
    }
}

const fn high_half(bits: u128) -> u64 {
    (bits >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
const fn low_half(bits: u128) -> u64 {
    bits as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        let socket: std::net::SocketAddr = text.parse().unwrap();
        Endpoint::new(socket.ip(), socket.port())
    }

    #[test]
    fn both_directions_are_one_pair_and_each_end_is_known_by_its_side() {
        for (a, b) in [
            ("10.0.0.1:80", "10.0.0.2:1025"),
            ("10.0.0.1:80", "10.0.0.1:81"),
            ("[fd00::1]:80", "[fd00::2]:80"),
        ] {
            let there = Pair::of(endpoint(a), endpoint(b));
            let back = Pair::of(endpoint(b), endpoint(a));
            assert_eq!(there, (back.0, End::Low), "{a} {b}");
            assert_eq!(back.1, End::High, "{a} {b}");
        }
    }

    #[test]
    fn a_mapped_address_is_not_the_address_that_it_maps() {
        let plain = Pair::of(endpoint("10.0.0.1:80"), endpoint("10.0.0.2:1025"));
        let mapped = Pair::of(endpoint("[::10.0.0.1]:80"), endpoint("[::10.0.0.2]:1025"));
        assert_ne!(plain.0, mapped.0);
    }
}
