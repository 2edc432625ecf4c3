//! Which two addresses, one of each version of IP, are one machine's: it asks KDCs from the one and posts from the other.
//!
//! Never joins two addresses of one version, and never by anything but the computer's own name, a ticket that was issued to the
//! one and is shown by the other, or a ticket that the one asks for just when the other, and nobody else, is challenged for it.
//! Never holds more than the budget.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::limits::Budget;

/// Where a machine was heard.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// It asks a KDC.
    Kdc,
    /// It posts to a web server.
    Web,
}

/// Two addresses of one machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The one that KDCs are asked from.
    pub other: IpAddr,
    /// The one that posts: the machine is known by it.
    pub main: IpAddr,
}

/// The names that addresses gave themselves, and which addresses belong together.
#[derive(Debug, Default)]
pub struct Stacks {
    heard: FxHashMap<(Side, String), IpAddr>,
    same: FxHashMap<IpAddr, IpAddr>,
}

impl Stacks {
    /// The address by which the machine of `address` is known.
    pub fn main(&self, address: IpAddr) -> IpAddr {
        self.same.get(&address).copied().unwrap_or(address)
    }

    /// Hears the computer `name` at `address`; gives the pair where that makes one.
    pub fn hear(&mut self, side: Side, name: &str, address: IpAddr) -> Option<Pair> {
        let name = name.trim_end_matches('$').to_ascii_uppercase();
        let across = match side {
            Side::Kdc => Side::Web,
            Side::Web => Side::Kdc,
        };
        let found = self.heard.get(&(across, name.clone())).copied();
        if self.heard.len() < Budget::IDENTITIES {
            self.heard.insert((side, name), address);
        }
        match side {
            Side::Kdc => self.pair(address, found?),
            Side::Web => self.pair(found?, address),
        }
    }

    /// Joins two addresses, unless they are of one version or belong elsewhere.
    pub fn pair(&mut self, other: IpAddr, main: IpAddr) -> Option<Pair> {
        let is_free = !self.same.contains_key(&other) && !self.same.contains_key(&main);
        let leads = self.same.values().any(|known| *known == other);
        let is_joined = other.is_ipv4() != main.is_ipv4()
            && is_free
            && !leads
            && self.same.len() < Budget::CLIENTS;
        is_joined.then(|| {
            self.same.insert(other, main);
            Pair { other, main }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_computer_that_asks_over_one_version_and_posts_over_the_other_is_one() {
        let (six, four) = (address("fd00::51"), address("10.0.0.51"));
        let mut stacks = Stacks::default();
        assert_eq!(stacks.hear(Side::Kdc, "WK02$", six), None);
        let pair = stacks.hear(Side::Web, "wk02", four);
        assert_eq!(
            pair,
            Some(Pair {
                other: six,
                main: four
            })
        );
        assert_eq!(stacks.main(six), four);
    }

    #[test]
    fn namesakes_of_one_version_stay_apart() {
        let mut stacks = Stacks::default();
        stacks.hear(Side::Kdc, "WK02$", address("10.0.0.52"));
        assert_eq!(stacks.hear(Side::Web, "WK02", address("10.0.0.51")), None);
        assert_eq!(stacks.main(address("10.0.0.52")), address("10.0.0.52"));
    }
}
