//! The shapes of names and addresses, and what else has the same one.
//!
//! Never knows what stands for what.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) fn subnet(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// An address for examples: of 198.18.0.0/15 (RFC 2544), or of 240.0.0.0/4 (RFC 1112), the address of the number `count`, where
/// there are more subnets, or more hosts in one, than that has.
pub(super) fn example_v4(subnet: u32, host: u32, count: usize) -> Ipv4Addr {
    const FIRST: u32 = 0xc612_0000;
    const RESERVED: u32 = 0xf000_0000;
    let fits = subnet < 512 && host < 255;
    let count = u32::try_from(count).unwrap_or(u32::MAX) & !RESERVED;
    Ipv4Addr::from_bits(if fits {
        FIRST + subnet * 256 + host
    } else {
        RESERVED | count
    })
}

/// An address for examples (RFC 3849).
pub(super) fn example_v6(subnet: u32, host: u32) -> Ipv6Addr {
    const FIRST: u128 = 0x2001_0db8 << 96;
    Ipv6Addr::from_bits(FIRST | u128::from(subnet) << 64 | u128::from(host))
}

/// Signs of the kinds that `label` has, where it has them: the number `count` in letters and digits.
pub(super) fn shaped(label: &str, count: u64) -> String {
    let mut left = count;
    let signs: Vec<char> = label
        .chars()
        .rev()
        .map(|sign| {
            let (first, base) = if sign.is_ascii_digit() {
                (b'0', 10)
            } else if sign.is_alphabetic() {
                (b'a', 26)
            } else {
                return sign;
            };
            let place = u8::try_from(left % base).unwrap_or(0);
            left /= base;
            char::from(first + place)
        })
        .collect();
    signs.into_iter().rev().collect()
}

/// `pseudonym` in capitals where `name` has them.
pub(super) fn in_case_of(name: &str, pseudonym: &str) -> String {
    let is_upper = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
    if is_upper {
        return pseudonym.to_uppercase();
    }
    let mut signs = name.chars();
    pseudonym
        .chars()
        .map(|sign| match signs.next() {
            Some(model) if model.is_uppercase() => sign.to_ascii_uppercase(),
            _ => sign,
        })
        .collect()
}
