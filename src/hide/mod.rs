//! Messages without what must not leave the house, in exactly as many bytes: names become pseudonyms, secrets become nothing.
//!
//! Never lets a byte through that it does not know to be harmless: what cannot be read is zeroed.
#![deny(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::panic,
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may fail loudly"
    )
)]

mod der;
mod dhcp;
mod dns;
mod http;
mod multipart;
mod nbns;
mod netlogon;
mod ntlm;
mod ntp;
mod smb;
mod sql;
mod stream;
mod tds;
mod tls;
mod xml;

pub use http::is_known_product;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use memchr::memchr_iter;

use crate::privacy::Pseudonyms;

/// Longer numbers are those of a machine or a person.
const LONGEST_NUMBER: usize = 6;

/// What a message is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// HTTP.
    Http,
    /// Kerberos.
    Kerberos,
    /// DNS or LLMNR.
    Dns,
    /// The name service of NetBIOS.
    Nbns,
    /// A ping of a domain controller, or LDAP.
    Ldap,
    /// DHCP.
    Dhcp,
    /// A question about the time.
    Ntp,
    /// SMB.
    Smb,
    /// TLS.
    Tls,
    /// A session with SQL Server.
    Tds,
}

/// A piece of one direction of a connection: bytes without a gap between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where it begins in its stream.
    pub offset: i64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Whether digits in a name stand for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Digits {
    /// They are of addresses.
    Hidden,
    /// They are numbers.
    Kept,
}

/// Edits messages: the same name gets the same pseudonym, and the same cipher the same bytes.
#[derive(Debug)]
pub struct Hider<'n> {
    names: &'n mut Pseudonyms,
    ciphers: HashMap<Vec<u8>, u32>,
}

impl<'n> Hider<'n> {
    /// One that knows `names`, and learns more.
    pub fn new(names: &'n mut Pseudonyms) -> Self {
        Self {
            names,
            ciphers: HashMap::new(),
        }
    }

    /// What stands for an address.
    pub fn address(&mut self, address: IpAddr) -> IpAddr {
        self.names.address(address)
    }

    /// Edits a datagram.
    pub fn datagram(&mut self, kind: Option<Kind>, bytes: &mut [u8]) {
        match kind {
            Some(Kind::Kerberos | Kind::Ldap) => self.der(bytes),
            Some(Kind::Dns) => self.dns(bytes),
            Some(Kind::Nbns) => self.nbns(bytes),
            Some(Kind::Ntp) => ntp::ntp(bytes),
            Some(Kind::Dhcp) => self.dhcp(bytes),
            Some(Kind::Http | Kind::Smb | Kind::Tls | Kind::Tds) | None => bytes.fill(0),
        }
    }

    /// Edits one direction of a connection.
    pub fn stream(&mut self, kind: Option<Kind>, pieces: &mut [Piece]) {
        stream::edit(self, kind, pieces);
    }

    /// Replaces an address of four or sixteen bytes.
    fn address_bytes(&mut self, bytes: &mut [u8]) {
        if let Ok(octets) = <[u8; 4]>::try_from(&*bytes) {
            if let IpAddr::V4(it) = self.address(Ipv4Addr::from(octets).into()) {
                bytes.copy_from_slice(&it.octets());
            }
        } else if let Ok(octets) = <[u8; 16]>::try_from(&*bytes) {
            if let IpAddr::V6(it) = self.address(Ipv6Addr::from(octets).into()) {
                bytes.copy_from_slice(&it.octets());
            }
        } else {
            bytes.fill(0);
        }
    }

    /// Replaces all parts of a name in ASCII.
    fn name(&mut self, bytes: &mut [u8]) {
        self.words(bytes, Digits::Hidden);
    }

    fn words(&mut self, bytes: &mut [u8], digits: Digits) {
        let port = place_of_port(bytes);
        let mut at = 0;
        for part in bytes.split_inclusive_mut(|byte| !is_of_label(*byte)) {
            let is_port = port.is_some_and(|port| at > port);
            at += part.len();
            let len = part.len() - usize::from(part.last().is_some_and(|it| !is_of_label(*it)));
            let digits = if is_port { Digits::Kept } else { digits };
            self.word(part.get_mut(..len).unwrap_or_default(), digits);
        }
    }

    fn word(&mut self, label: &mut [u8], digits: Digits) {
        if label.is_empty() {
            return;
        }
        if label.iter().all(u8::is_ascii_digit) {
            if digits == Digits::Hidden || label.len() > LONGEST_NUMBER {
                number(label);
            }
            return;
        }
        if !label.iter().any(u8::is_ascii_alphabetic) && label.is_ascii() {
            serial(label);
            return;
        }
        let text: String = label
            .iter()
            .map(|byte| {
                if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    'x'
                }
            })
            .collect();
        let pseudonym = self.names.exact(&text);
        label.copy_from_slice(pseudonym.as_bytes());
    }

    /// Replaces all parts of a name in UTF-16LE.
    fn wide_name(&mut self, bytes: &mut [u8]) {
        self.wide(bytes, &mut |hider, text| hider.name(text));
    }

    /// Edits UTF-16LE as if it were ASCII. Signs beyond that are lost.
    fn wide(&mut self, bytes: &mut [u8], edit: &mut dyn FnMut(&mut Self, &mut [u8])) {
        let (units, _) = bytes.as_chunks::<2>();
        let mut narrow: Vec<u8> = units
            .iter()
            .map(|unit| match unit {
                [low @ 0..=127, 0] => *low,
                _ => b'x',
            })
            .collect();
        edit(self, &mut narrow);
        bytes.fill(0);
        for (unit, byte) in bytes.chunks_exact_mut(2).zip(narrow) {
            unit.copy_from_slice(&[byte, 0]);
        }
    }

    /// Replaces a secret by bytes that tell only whether it is the same one.
    fn secret(&mut self, bytes: &mut [u8]) {
        let stamp = self.stamp(bytes);
        for (byte, mark) in bytes.iter_mut().zip(stamp.iter().cycle()) {
            *byte = *mark;
        }
    }

    /// Four bytes that are no text: the number of what is hidden.
    fn stamp(&mut self, bytes: &[u8]) -> [u8; 4] {
        let next = u32::try_from(self.ciphers.len()).unwrap_or(u32::MAX);
        let number = *self.ciphers.entry(bytes.to_vec()).or_insert(next);
        [21, 14, 7, 0].map(|shift| 0x80 | u8::try_from(number >> shift & 0x7f).unwrap_or(0))
    }
}

/// The colon before a port: the only one but that of a scheme, or the one behind the bracket of an address.
fn place_of_port(name: &[u8]) -> Option<usize> {
    let is_port = |at: usize| name.get(at + 1..at + 3) != Some(b"//");
    let colons = || memchr_iter(b':', name).filter(|at| is_port(*at));
    let last = colons().next_back()?;
    let is_bracketed = last.checked_sub(1).and_then(|at| name.get(at)) == Some(&b']');
    (is_bracketed || colons().count() == 1).then_some(last)
}

fn is_of_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || !byte.is_ascii()
}

/// Digits of an address may stand for another one.
fn number(digits: &mut [u8]) {
    digits.fill(b'9');
    if let [first, _, _] = digits {
        *first = b'1';
    }
}

/// Numbers with hyphens between them are the serial of a machine, if they are long, or its address.
fn serial(label: &mut [u8]) {
    let digits = || label.iter().filter(|byte| byte.is_ascii_digit());
    let is_address = label.split(|byte| *byte == b'-').count() == 4;
    if is_address || digits().count() > LONGEST_NUMBER {
        let digits = label.iter_mut().filter(|byte| byte.is_ascii_digit());
        digits.for_each(|digit| *digit = b'9');
    }
}

/// The part of `bytes` between two places, as far as it is there.
fn part(bytes: &mut [u8], from: usize, to: usize) -> &mut [u8] {
    let to = to.min(bytes.len());
    bytes.get_mut(from..to).unwrap_or_default()
}

/// Zeroes the part between two places.
fn zero(bytes: &mut [u8], from: usize, to: usize) {
    part(bytes, from, to).fill(0);
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes(pair.try_into().ok()?)))
}

fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(pair.try_into().ok()?)))
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests;
