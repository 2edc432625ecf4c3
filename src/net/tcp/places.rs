//! Which connection two endpoints have: found with every segment, so what is compared is as short as it can be.
//!
//! Never lists what it holds: the order of a hash table means nothing.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::endpoint::Endpoint;

/// Both ends, the lower one first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair(Endpoint, Endpoint);

/// Places by pairs.
#[derive(Debug, Default)]
pub(super) struct Places {
    v4: FxHashMap<(u64, u64), u32>,
    v6: FxHashMap<[u128; 3], u32>,
}

/// A pair as it is compared.
enum Key {
    V4((u64, u64)),
    V6([u128; 3]),
}

impl Pair {
    pub(super) fn of(a: Endpoint, b: Endpoint) -> Self {
        if a <= b { Self(a, b) } else { Self(b, a) }
    }

    fn key(self) -> Key {
        let Self(low, high) = self;
        if let (IpAddr::V4(a), IpAddr::V4(b)) = (low.addr, high.addr) {
            let joined = |addr: u32, port: u16| u64::from(addr) << 16 | u64::from(port);
            return Key::V4((
                joined(a.to_bits(), low.port),
                joined(b.to_bits(), high.port),
            ));
        }
        let ports = u128::from(low.port) << 16 | u128::from(high.port);
        Key::V6([bits(low.addr), bits(high.addr), ports])
    }
}

impl Places {
    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    pub(super) fn find(&self, pair: Pair) -> Option<u32> {
        match pair.key() {
            Key::V4(key) => self.v4.get(&key).copied(),
            Key::V6(key) => self.v6.get(&key).copied(),
        }
    }

    pub(super) fn insert(&mut self, pair: Pair, place: u32) {
        match pair.key() {
            Key::V4(key) => self.v4.insert(key, place),
            Key::V6(key) => self.v6.insert(key, place),
        };
    }

    pub(super) fn remove(&mut self, pair: Pair) {
        match pair.key() {
            Key::V4(key) => self.v4.remove(&key),
            Key::V6(key) => self.v6.remove(&key),
        };
    }
}

fn bits(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped().to_bits(),
        IpAddr::V6(addr) => addr.to_bits(),
    }
}
