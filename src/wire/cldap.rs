//! The locator's ping of a domain controller: an LDAP search over UDP for the attribute `netlogon` (MS-ADTS 6.3.3, 6.3.1.9).
//!
//! Never reads any other LDAP message.

use crate::text::WireText;
use crate::wire::der::{OCTET_STRING, SEQUENCE, Tlv};
use crate::wire::reader::Reader;

/// LDAP application tags (RFC 4511 section 4.2).
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
/// `LOGON_SAM_LOGON_RESPONSE_EX`, and the same without a user.
const RESPONSE_EX: [u16; 2] = [23, 25];
/// The controller is of the site that is next to the client (`DS_CLOSEST_FLAG`).
const CLOSEST: u32 = 0x80;
/// Labels of a name; more are none, or point at each other.
const MOST_LABELS: usize = 64;

/// A ping or its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cldap {
    /// A client looks for a controller.
    Ping {
        /// Of this domain, where it says so.
        domain: Option<WireText>,
    },
    /// A controller answers.
    Answer(Box<Netlogon>),
    /// An answer of which not all is there.
    CutAnswer,
}

/// What a domain controller says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Netlogon {
    /// Its forest, in DNS form.
    pub forest: WireText,
    /// Its domain, in DNS form.
    pub domain: WireText,
    /// The short name of its domain (NetBIOS).
    pub netbios_domain: WireText,
    /// Its name.
    pub host: WireText,
    /// Its site; `None` where it cannot be read.
    pub dc_site: Option<WireText>,
    /// The site that it takes the client to be in; empty where the client's network is in none, `None` where it cannot be read.
    pub client_site: Option<WireText>,
    /// Whether it is as near to the client as any.
    pub is_closest: bool,
}

/// Reads a datagram; `None` where it is no ping and no answer to one.
pub fn decode(bytes: &[u8]) -> Option<Cldap> {
    let message = Tlv::read(bytes).filter(|message| message.tag == SEQUENCE)?;
    let operation = message.children().nth(1)?;
    match operation.tag {
        SEARCH_REQUEST => ping(operation),
        SEARCH_ENTRY if message.is_cut() => Some(Cldap::CutAnswer),
        SEARCH_ENTRY => answer(operation),
        _ => None,
    }
}

/// The filter is the seventh field, the attributes are the last.
fn ping(request: Tlv<'_>) -> Option<Cldap> {
    let filter = request.children().nth(6)?;
    let attributes = request.children().nth(7)?;
    let is_ping = attributes
        .children()
        .any(|attribute| attribute.value.eq_ignore_ascii_case(b"netlogon"));
    let domain = filter.children().find_map(|term| {
        let mut parts = term.children();
        let name = parts.next()?.value;
        let value = parts.next()?.value;
        name.eq_ignore_ascii_case(b"DnsDomain")
            .then(|| WireText::from_bytes(value))
    });
    is_ping.then_some(Cldap::Ping { domain })
}

fn answer(entry: Tlv<'_>) -> Option<Cldap> {
    let attribute = entry.children().nth(1)?.children().next()?;
    let mut parts = attribute.children();
    let name = parts.next().filter(|name| name.tag == OCTET_STRING)?;
    let value = parts.next()?.children().next()?;
    if !name.value.eq_ignore_ascii_case(b"netlogon") {
        return None;
    }
    netlogon(value.value).map(|told| Cldap::Answer(Box::new(told)))
}

/// Operation, two bytes of nothing, flags, the domain's GUID, then names as DNS compresses them.
fn netlogon(bytes: &[u8]) -> Option<Netlogon> {
    let mut reader = Reader::new(bytes);
    let operation = reader.u16_le("netlogon operation").ok()?;
    if !RESPONSE_EX.contains(&operation) {
        return None;
    }
    reader.u16_le("netlogon padding").ok()?;
    let flags = reader.u32_le("netlogon flags").ok()?;
    let mut at = 24;
    let mut next = || {
        let (name, behind) = compressed(bytes, at)?;
        at = behind;
        Some(name)
    };
    let (forest, domain, host) = (next()?, next()?, next()?);
    let (netbios_domain, _netbios_host, _user) = (next()?, next()?, next()?);
    Some(Netlogon {
        forest,
        domain,
        netbios_domain,
        host,
        dc_site: next(),
        client_site: next(),
        is_closest: flags & CLOSEST != 0,
    })
}

/// The name at `at` (RFC 1035 section 4.1.4), and the place behind it.
fn compressed(bytes: &[u8], at: usize) -> Option<(WireText, usize)> {
    let mut labels: Vec<&[u8]> = Vec::new();
    let (mut here, mut behind) = (at, None);
    for _ in 0..MOST_LABELS {
        let len = usize::from(*bytes.get(here)?);
        match len {
            0 => {
                let name = labels.join(&b'.');
                return Some((WireText::from_bytes(&name), behind.unwrap_or(here + 1)));
            }
            1..=63 => {
                labels.push(bytes.get(here + 1..here + 1 + len)?);
                here += 1 + len;
            }
            0xc0.. => {
                behind.get_or_insert(here + 2);
                here = (len & 0x3f) << 8 | usize::from(*bytes.get(here + 1)?);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_a_snap_length_cut_is_an_answer() {
        let begun = b"\x30\x84\x00\x00\x00\xa0\x02\x01\x02\x64\x84\x00\x00\x00\x97\x04";
        assert_eq!(decode(begun), Some(Cldap::CutAnswer));
        let asked = b"\x30\x84\x00\x00\x00\xa0\x02\x01\x02\x63\x84\x00\x00\x00\x97\x04";
        assert_eq!(decode(asked), None);
    }

    #[test]
    fn a_name_that_points_at_itself_is_none() {
        assert!(compressed(&[0xc0, 0], 0).is_none());
        let (name, behind) = compressed(b"\x03lab\0\x02dc\xc0\0", 5).unwrap();
        assert_eq!((name.as_str(), behind), ("dc.lab", 10));
    }
}
