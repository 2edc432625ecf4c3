//! LDAP (RFC 4511): what a directory server says of itself in its root entry (MS-ADTS section 3.1.1.3.2).
//!
//! Never reads any other entry, and keeps no attribute but those named here.

use crate::text::WireText;
use crate::wire::der::{self, OCTET_STRING, SEQUENCE, Tlv};

/// Tag of a searchResEntry.
const SEARCH_ENTRY: u8 = 0x64;
/// Attributes that are looked at: a root entry has some thirty.
const ATTRIBUTES: usize = 256;

/// What a server says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RootDse {
    /// `currentTime`: its clock in whole seconds, in nanoseconds since 1970.
    pub current_time: Option<i64>,
    /// `dnsHostName`.
    pub host: Option<WireText>,
    /// The DNS name that `defaultNamingContext` stands for: its domain.
    pub domain: Option<WireText>,
    /// The DNS name that `rootDomainNamingContext` stands for: its forest.
    pub forest: Option<WireText>,
}

/// The length of the message that `bytes` begin with; `None` where they hold less than its header, or begin none.
pub fn message_len(bytes: &[u8]) -> Option<usize> {
    Tlv::read(bytes)
        .filter(|message| message.tag == SEQUENCE)
        .map(|message| message.total())
}

/// Whether `bytes` begin with a message: a number, then an operation with a tag of the application class.
pub fn is_message(bytes: &[u8]) -> bool {
    let parts = Tlv::read(bytes).filter(|message| message.tag == SEQUENCE);
    parts.is_some_and(|message| {
        let mut parts = message.children();
        let number = parts.next().and_then(|number| number.integer());
        let operation = parts.next();
        number.is_some_and(|number| number >= 0)
            && operation.is_some_and(|operation| operation.tag & 0xc0 == 0x40)
    })
}

/// Whether the message that `bytes` begin is of a server: a result, an entry or a reference; `None` where that cannot be read.
pub fn is_answer(bytes: &[u8]) -> Option<bool> {
    let operation = Tlv::read(bytes)?.children().nth(1)?;
    Some(matches!(
        operation.tag & 0x1f,
        1 | 4 | 5 | 7 | 9 | 11 | 13 | 15 | 19 | 24 | 25
    ))
}

/// Reads a message as far as it is there; `None` where it is no root entry with anything of interest.
pub fn root_dse(bytes: &[u8]) -> Option<RootDse> {
    let message = Tlv::read(bytes).filter(|message| message.tag == SEQUENCE)?;
    let entry = message.children().nth(1)?;
    if entry.tag != SEARCH_ENTRY {
        return None;
    }
    let mut parts = entry.children();
    let name = parts.next().filter(|name| name.tag == OCTET_STRING)?;
    if name.stated != 0 {
        return None;
    }
    let mut told = RootDse::default();
    for attribute in parts.next()?.children().take(ATTRIBUTES) {
        told.add(attribute);
    }
    (told != RootDse::default()).then_some(told)
}

impl RootDse {
    /// Takes in an attribute: its name, then a set of values.
    fn add(&mut self, attribute: Tlv<'_>) {
        let mut parts = attribute.children();
        let name = parts.next();
        let value = parts.next().and_then(|values| values.children().next());
        let (Some(name), Some(value)) = (name, value.filter(|value| !value.is_cut())) else {
            return;
        };
        let is = |known: &str| name.value.eq_ignore_ascii_case(known.as_bytes());
        if is("currentTime") {
            self.current_time = der::generalized_time(value.value);
        } else if is("dnsHostName") {
            self.host = Some(WireText::from_bytes(value.value));
        } else if is("defaultNamingContext") {
            self.domain = dns_name(value.value);
        } else if is("rootDomainNamingContext") {
            self.forest = dns_name(value.value);
        }
    }
}

/// `a2003.vm.local` for `DC=a2003,DC=vm,DC=local`; `None` for a name with anything else in it.
fn dns_name(distinguished: &[u8]) -> Option<WireText> {
    let text = WireText::from_bytes(distinguished);
    let labels: Option<Vec<&str>> = text
        .as_str()
        .split(',')
        .map(|part| {
            let (kind, label) = part.split_once('=')?;
            let is_label = kind.trim().eq_ignore_ascii_case("DC") && !label.contains('\\');
            is_label.then_some(label)
        })
        .collect();
    labels.map(|labels| WireText::from(labels.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
        let len = u8::try_from(value.len()).unwrap();
        [&[tag, 0x81, len][..], value].concat()
    }

    fn attribute(name: &str, value: &str) -> Vec<u8> {
        let values = tlv(0x31, &tlv(OCTET_STRING, value.as_bytes()));
        tlv(
            SEQUENCE,
            &[tlv(OCTET_STRING, name.as_bytes()), values].concat(),
        )
    }

    fn entry(name: &str) -> Vec<u8> {
        let attributes = [
            attribute("currentTime", "20090520193512.0Z"),
            attribute("rootDomainNamingContext", "DC=a2003,DC=vm,DC=local"),
        ];
        let parts = [
            tlv(OCTET_STRING, name.as_bytes()),
            tlv(SEQUENCE, &attributes.concat()),
        ];
        let operation = tlv(SEARCH_ENTRY, &parts.concat());
        tlv(SEQUENCE, &[tlv(2, &[1]), operation].concat())
    }

    #[test]
    fn the_root_entry_tells_the_time_and_the_forest() {
        let bytes = entry("");
        assert!(is_message(&bytes));
        assert_eq!(message_len(&bytes), Some(bytes.len()));
        let told = root_dse(&bytes).unwrap();
        assert_eq!(told.current_time, Some(1_242_848_112_000_000_000));
        assert_eq!(told.forest, Some("a2003.vm.local".into()));
        assert_eq!(root_dse(&entry("DC=lab")), None);
    }

    #[test]
    fn a_cut_entry_tells_what_stands_whole_before_the_cut() {
        let bytes = entry("");
        for len in 0..bytes.len() {
            let forest = root_dse(&bytes[..len]).and_then(|told| told.forest);
            assert_eq!(forest, None, "{len}");
        }
        let told = root_dse(&bytes[..bytes.len() - 1]).unwrap();
        assert!(told.current_time.is_some());
    }

    #[test]
    fn a_name_of_other_parts_is_no_domain() {
        assert_eq!(dns_name(b"DC=lab,DC=example"), Some("lab.example".into()));
        assert_eq!(dns_name(b"CN=x,DC=lab"), None);
        assert_eq!(dns_name(b"DC=a\\,b"), None);
    }
}
