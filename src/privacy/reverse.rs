//! Names of addresses in the tree of reverse look-ups (RFC 1035 section 3.5, RFC 3596 section 2.5).
//!
//! Never takes the name of a part of an address for that of an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const V4: &str = ".in-addr.arpa";
const V6: &str = ".ip6.arpa";
/// Hexadecimal digits of an address of IPv6.
const NIBBLES: usize = 32;

/// A name in the tree.
pub(super) struct Reverse<'n> {
    /// What is before the address, with the dot behind it.
    pub(super) front: &'n str,
    /// The address, or a part of one, the last part first.
    parts: &'n str,
    tree: &'static str,
}

impl<'n> Reverse<'n> {
    /// `name`, if it stands in the tree.
    pub(super) fn of(name: &'n str) -> Option<Self> {
        let (before, tree, most) =
            [(V4, 4), (V6, NIBBLES)]
                .into_iter()
                .find_map(|(tree, most)| {
                    let at = name.len().checked_sub(tree.len())?;
                    let behind = name.get(at..)?;
                    let before = name.get(..at)?;
                    behind
                        .eq_ignore_ascii_case(tree)
                        .then_some((before, tree, most))
                })?;
        let labels = before.rsplit('.').take(most);
        let digits = labels.take_while(|label| is_digits(label, tree));
        let len: usize = digits.map(|label| label.len() + 1).sum();
        let begin = (before.len() + 1).checked_sub(len)?;
        Some(Self {
            front: before.get(..begin)?,
            parts: before.get(begin..)?,
            tree,
        })
    }

    /// The address, if all of it is there.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let parts: Vec<&str> = self.parts.rsplit('.').collect();
        if self.tree == V4 {
            return parts.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4);
        }
        let digits = parts.concat();
        let whole = digits.len() == NIBBLES && parts.len() == NIBBLES;
        let bits = u128::from_str_radix(&digits, 16).ok().filter(|_| whole)?;
        Some(IpAddr::V6(Ipv6Addr::from_bits(bits)))
    }

    /// The parts without a digit of the address.
    pub(super) fn blank(&self) -> String {
        let is_digit = |sign: char| sign.is_ascii_hexdigit();
        format!("{}{}", self.parts.replace(is_digit, "0"), self.tree)
    }

    /// The name of an address.
    pub(super) fn name_of(address: IpAddr) -> String {
        match address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}{V4}")
            }
            IpAddr::V6(address) => {
                let digits = format!("{:032x}", address.to_bits());
                let digits: Vec<String> = digits.chars().rev().map(String::from).collect();
                format!("{}{V6}", digits.join("."))
            }
        }
    }
}

/// Whether a label may be a part of an address: a number of at most three digits, a digit, or the range of a subnet (RFC 2317).
fn is_digits(label: &str, tree: &str) -> bool {
    let is_of = |byte: u8| match tree {
        V4 => byte.is_ascii_digit() || matches!(byte, b'-' | b'/'),
        _ => byte.is_ascii_hexdigit(),
    };
    !label.is_empty() && label.bytes().all(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::{Markup, Pseudonyms};

    #[test]
    fn a_name_of_a_reverse_look_up_is_that_of_the_pseudonym() {
        let mut known = Pseudonyms::default();
        assert_eq!(known.text("10.1.2.3"), "198.18.0.1");
        for (name, expected) in [
            ("PTR 3.2.1.10.in-addr.arpa", "PTR 1.0.18.198.in-addr.arpa"),
            ("3.2.1.10.IN-ADDR.ARPA.", "1.0.18.198.in-addr.arpa."),
            (
                "_dns-sd._udp.0.2.1.10.in-addr.arpa",
                "_dns-sd._udp.2.0.18.198.in-addr.arpa",
            ),
            ("2.1.10.in-addr.arpa", "0.0.00.in-addr.arpa"),
            ("a.b.ip6.arpa", "0.0.ip6.arpa"),
        ] {
            assert_eq!(known.text(name), expected);
        }
        let nibbles = Reverse::name_of("fd00:20::51".parse().unwrap());
        let address = known.text("fd00:20::51").parse().unwrap();
        assert_eq!(known.text(&nibbles), Reverse::name_of(address));
        assert!(known.leak(nibbles.as_bytes(), Markup::None).is_some());
        assert!(known.leak(b"3.2.1.10.in-addr.arpa", Markup::None).is_some());
    }
}
