//! Kerberos, SPNEGO and LDAP: all are trees of tags and lengths, of which numbers, times and flags stay.
//!
//! Never changes a tag or a length.

use crate::hide::{Hider, part};
use crate::wire::der::{
    BIT_STRING, ENUMERATED, GENERALIZED_TIME, INTEGER, MAX_DEPTH, OBJECT_IDENTIFIER, OCTET_STRING,
    SEQUENCE, Tlv, is_sound,
};
use crate::wire::kerberos::mit_words;
use crate::wire::ntlm;

const BOOLEAN: u8 = 1;
const UTC_TIME: u8 = 0x17;
const CONSTRUCTED: u8 = 0x20;
/// GSS-API's wrapping: a mechanism, then two bytes, then a message of Kerberos (RFC 4121 section 4.1).
const GSS: u8 = 0x60;
/// A longer number is a part of a key or a signature; longer flags are one, too.
const NUMBER: usize = 8;
/// Types of addresses (RFC 4120 section 7.5.3).
const INTERNET: i64 = 2;
const NETBIOS: i64 = 20;
const INTERNET_6: i64 = 24;

/// Words of LDAP that name nobody, in lower case.
const WORDS: [&[u8]; 18] = [
    b"netlogon",
    b"dnsdomain",
    b"host",
    b"user",
    b"aac",
    b"ntver",
    b"domainsid",
    b"domainguid",
    b"objectclass",
    b"currenttime",
    b"dnshostname",
    b"defaultnamingcontext",
    b"rootdomainnamingcontext",
    b"supportedsaslmechanisms",
    b"gss-spnego",
    b"gssapi",
    b"*",
    b"",
];

impl Hider<'_> {
    /// Edits the element at the front of `bytes`, and zeroes what follows it.
    pub(super) fn der(&mut self, bytes: &mut [u8]) {
        let Some(total) = Tlv::read(bytes).map(|it| it.total()) else {
            bytes.fill(0);
            return;
        };
        self.list(part(bytes, 0, total), 0);
        part(bytes, total, usize::MAX).fill(0);
    }

    /// A token of an authentication: GSS-API, SPNEGO, NTLM or bare Kerberos.
    pub(super) fn token(&mut self, bytes: &mut [u8]) {
        if bytes.starts_with(ntlm::SIGNATURE) {
            self.ntlm(bytes);
        } else if matches!(bytes.first(), Some(0x60..=0x7f | 0xa0..=0xa1)) {
            self.der(bytes);
        } else {
            bytes.fill(0);
        }
    }

    /// Elements one after another; what is none is zeroed.
    fn list(&mut self, mut rest: &mut [u8], depth: usize) {
        while let Some(tlv) = Tlv::read(rest) {
            let (tag, header, total) = (tlv.tag, tlv.header, tlv.total().min(rest.len()));
            let (element, behind) = rest.split_at_mut(total);
            rest = behind;
            self.element(tag, part(element, header, total), depth + 1);
        }
        rest.fill(0);
    }

    fn element(&mut self, tag: u8, value: &mut [u8], depth: usize) {
        match tag {
            _ if depth > MAX_DEPTH => value.fill(0),
            GSS if value.first() == Some(&OBJECT_IDENTIFIER) => self.gss(value, depth),
            SEQUENCE if is_address(value) => self.host_address(value),
            tag if tag & CONSTRUCTED != 0 => self.list(value, depth),
            INTEGER | ENUMERATED | BIT_STRING if value.len() <= NUMBER => {}
            OBJECT_IDENTIFIER | BOOLEAN | UTC_TIME => {}
            GENERALIZED_TIME if is_time(value) => {}
            0x1b if mit_words::is_one(value) => {}
            0x0c | 0x13 | 0x14 | 0x16 | 0x1a | 0x1b => self.name(value),
            OCTET_STRING => self.octets(value, depth),
            0x80..=0x9f => self.context(value, depth),
            BIT_STRING => part(value, 1, usize::MAX).fill(0),
            _ => value.fill(0),
        }
    }

    /// A mechanism, and what is for it: elements, or two bytes and a message.
    fn gss(&mut self, value: &mut [u8], depth: usize) {
        let oid = Tlv::read(value).map_or(0, |oid| oid.total());
        let inner = part(value, oid, usize::MAX);
        let is_kerberos = matches!(inner, [1..=3, 0, ..]);
        self.list(
            part(inner, if is_kerberos { 2 } else { 0 }, usize::MAX),
            depth,
        );
    }

    /// The type and the address, each in its wrapping.
    fn host_address(&mut self, value: &mut [u8]) {
        let kind = kind_of_address(value);
        let len = match kind {
            Some(INTERNET) => 4,
            _ => 16,
        };
        let from = value.len().saturating_sub(len);
        let address = part(value, from, usize::MAX);
        if kind == Some(NETBIOS) {
            self.name(address);
        } else {
            self.address_bytes(address);
        }
    }

    fn octets(&mut self, value: &mut [u8], depth: usize) {
        if value.starts_with(ntlm::SIGNATURE) {
            self.ntlm(value);
        } else if is_nested(value) {
            self.list(value, depth);
        } else if is_text(value) && !is_kept(value) {
            self.distinguished(value);
        } else if !is_kept(value) && !self.netlogon(value) {
            self.secret(value);
        }
    }

    /// A primitive value with a tag of its context: a word of LDAP, a token, or a password.
    fn context(&mut self, value: &mut [u8], depth: usize) {
        if value.starts_with(ntlm::SIGNATURE) {
            self.ntlm(value);
        } else if is_nested(value) {
            self.list(value, depth);
        } else if !is_word(value) {
            value.fill(0);
        }
    }

    /// A name, of which `DC=` and its kin stay.
    fn distinguished(&mut self, value: &mut [u8]) {
        for term in value.split_mut(|byte| *byte == b',') {
            let is_kind = |kind: &[u8]| {
                let kind = kind.to_ascii_lowercase();
                [&b"dc"[..], b"cn", b"ou"].contains(&kind.as_slice())
            };
            let equals = term.iter().position(|byte| *byte == b'=');
            let from = equals.filter(|at| is_kind(term.get(..*at).unwrap_or_default()));
            self.name(part(term, from.map_or(0, |at| at + 1), usize::MAX));
        }
    }
}

/// Whether an octet string holds elements that are sound and fill it.
fn is_nested(value: &[u8]) -> bool {
    let Some(outer) = Tlv::read(value) else {
        return false;
    };
    let is_tree = outer.tag & CONSTRUCTED != 0;
    let may_be_gss = outer.tag == GSS && outer.value.first() == Some(&OBJECT_IDENTIFIER);
    is_tree && outer.total() == value.len() && (may_be_gss || is_sound(value))
}

/// Numbers, words of the protocol, times, and the status that Windows adds to an error (MS-KILE 2.2.1).
fn is_kept(value: &[u8]) -> bool {
    let is_status =
        value.len() == 12 && value.get(3) == Some(&0xc0) && value.get(4..8) == Some(&[0; 4]);
    let is_number = value.len() == 4 && value.get(1..3) == Some(&[0; 2]);
    is_status || is_number || is_word(value) || is_ldap_time(value)
}

fn is_word(value: &[u8]) -> bool {
    WORDS.contains(&value.to_ascii_lowercase().as_slice())
}

fn is_text(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

fn is_time(value: &[u8]) -> bool {
    value
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'Z'))
}

fn is_ldap_time(value: &[u8]) -> bool {
    value.len() >= 15 && value.ends_with(b"Z") && is_time(value)
}

/// A type between 2 and 24 in `[0]` and as many octets in `[1]` as such an address has.
fn is_address(value: &[u8]) -> bool {
    kind_of_address(value).is_some()
}

fn kind_of_address(value: &[u8]) -> Option<i64> {
    let list = Tlv {
        tag: SEQUENCE,
        value,
        stated: value.len(),
        header: 0,
    };
    let mut parts = list.children();
    let kind = Tlv::read(parts.next().filter(|it| it.tag == 0xa0)?.value)?.integer()?;
    let octets = Tlv::read(parts.next().filter(|it| it.tag == 0xa1)?.value)?;
    let len = octets.octets()?.len();
    let fits = matches!((kind, len), (INTERNET, 4) | (NETBIOS | INTERNET_6, 16));
    (fits && parts.next().is_none()).then_some(kind)
}
