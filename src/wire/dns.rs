//! DNS messages (RFC 1035, RFC 2782): the question, the code and the answers before any cut.
//!
//! Never keeps authority and additional records, and never resolves anything.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use smallvec::SmallVec;

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// A name has at most 127 labels; more pointers than that go in circles.
const JUMPS: usize = 127;
/// Records that are read of one answer: a message of 64 KiB holds at most some 5,000.
const RECORDS: usize = 5_000;

/// A query or a response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DnsMessage {
    /// The identifier that joins query and response.
    pub id: u16,
    /// Whether it is a response.
    pub is_response: bool,
    /// The answer did not fit and is to be asked again over TCP.
    pub truncated: bool,
    /// The response code.
    pub rcode: Rcode,
    /// The name of the first question, without the last dot.
    pub name: WireText,
    /// The type of the first question.
    pub qtype: RecordType,
    /// Records of the answer section, in order.
    pub answers: Vec<Answer>,
    /// Whether the message states more answers than are here: they stand behind a cut, or could not be read.
    pub lacks_answers: bool,
}

/// A response code (RFC 1035 section 4.1.1 and its registry).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Rcode(pub u8);

/// A type of record (the IANA registry).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RecordType(pub u16);

/// One record of the answer section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The name it is about.
    pub name: WireText,
    /// What it says.
    pub data: RecordData,
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordData {
    /// A or AAAA.
    Address(IpAddr),
    /// CNAME.
    Alias(WireText),
    /// SRV.
    Service {
        /// Lower first.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: WireText,
    },
    /// PTR.
    Pointer(WireText),
    /// Any other type: not read.
    Other(RecordType),
}

impl Rcode {
    /// Codes from 0 on: number, name, meaning.
    pub const TABLE: &'static [(u8, &'static str, &'static str)] = &[
        (
            0,
            "NOERROR",
            "no error; without records there is none of that type",
        ),
        (1, "FORMERR", "the server cannot read the query"),
        (2, "SERVFAIL", "the server failed"),
        (3, "NXDOMAIN", "there is no such name"),
        (4, "NOTIMP", "the server does not do this"),
        (5, "REFUSED", "the server refuses"),
        (6, "YXDOMAIN", "a name exists that should not"),
        (7, "YXRRSET", "records exist that should not"),
        (8, "NXRRSET", "records that should exist do not"),
        (
            9,
            "NOTAUTH",
            "the server is not in charge, or may not answer",
        ),
        (10, "NOTZONE", "the name is not in the zone"),
    ];

    /// No error.
    pub const NO_ERROR: Self = Self(0);
    /// The server failed.
    pub const SERVER_FAILURE: Self = Self(2);
    /// There is no such name.
    pub const NAME_ERROR: Self = Self(3);
    /// The server refuses.
    pub const REFUSED: Self = Self(5);
}

impl fmt::Display for Rcode {
    /// `NXDOMAIN`, `RCODE12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TABLE.get(usize::from(self.0)) {
            Some((_, name, _)) => f.write_str(name),
            None => write!(f, "RCODE{}", self.0),
        }
    }
}

impl RecordType {
    /// IPv4 address.
    pub const A: Self = Self(1);
    /// Alias.
    pub const CNAME: Self = Self(5);
    /// Name of an address.
    pub const PTR: Self = Self(12);
    /// IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Where a service is.
    pub const SRV: Self = Self(33);
    /// Records of any type.
    pub const ANY: Self = Self(255);
}

impl fmt::Display for RecordType {
    /// `AAAA`, `TYPE4711` (RFC 3597 section 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "A",
            2 => "NS",
            5 => "CNAME",
            6 => "SOA",
            12 => "PTR",
            15 => "MX",
            16 => "TXT",
            28 => "AAAA",
            33 => "SRV",
            64 => "SVCB",
            65 => "HTTPS",
            251 => "IXFR",
            252 => "AXFR",
            255 => "ANY",
            256 => "URI",
            other => return write!(f, "TYPE{other}"),
        })
    }
}

impl fmt::Display for Answer {
    /// `A 10.0.0.1`, `CNAME host.example.com`, `SRV 0 100 88 dc.example.com`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data {
            RecordData::Address(IpAddr::V4(address)) => write!(f, "A {address}"),
            RecordData::Address(IpAddr::V6(address)) => write!(f, "AAAA {address}"),
            RecordData::Alias(name) => write!(f, "CNAME {name}"),
            RecordData::Service {
                priority,
                weight,
                port,
                target,
            } => write!(f, "SRV {priority} {weight} {port} {target}"),
            RecordData::Pointer(name) => write!(f, "PTR {name}"),
            RecordData::Other(kind) => kind.fmt(f),
        }
    }
}

/// Whether the message that `bytes` begin is a lookup or the answer to one (opcode 0), and not an update, a notification or
/// another thing that asks for no name (RFC 1035 section 4.1.1, RFC 2136).
pub fn is_lookup(bytes: &[u8]) -> bool {
    bytes.get(2).is_some_and(|flags| flags & 0x78 == 0)
}

/// Decodes a message. Answers behind a cut, or behind one that cannot be read, are left out.
///
/// # Errors
///
/// [`DecodeError`] where the header or the first question is not whole, or no DNS.
pub fn decode(bytes: &[u8]) -> Result<DnsMessage, DecodeError> {
    let mut reader = Reader::new(bytes);
    let id = reader.u16_be("DNS id")?;
    let flags = reader.u16_be("DNS flags")?;
    let questions = reader.u16_be("DNS question count")?;
    let answers = reader.u16_be("DNS answer count")?;
    reader.bytes(4, "DNS other counts")?;
    if questions > 16 || flags & 0x7800 != 0 {
        return Err(reader.error("DNS query", DecodeErrorKind::Malformed));
    }
    let mut message = DnsMessage {
        id,
        is_response: flags & 0x8000 != 0,
        truncated: flags & 0x0200 != 0,
        rcode: Rcode(flags.to_be_bytes()[1] & 0x0f),
        ..DnsMessage::default()
    };
    for number in 0..questions {
        let name = name(bytes, &mut reader)?;
        let qtype = reader.u16_be("DNS question type")?;
        reader.u16_be("DNS question class")?;
        if number == 0 {
            message.name = name;
            message.qtype = RecordType(qtype);
        }
    }
    if message.is_response {
        message.answers = (0..answers)
            .take(RECORDS)
            .map_while(|_| answer(bytes, &mut reader).ok())
            .collect();
        message.lacks_answers = message.answers.len() < usize::from(answers);
    }
    Ok(message)
}

fn answer<'a>(bytes: &'a [u8], reader: &mut Reader<'a>) -> Result<Answer, DecodeError> {
    let name = name(bytes, reader)?;
    let kind = RecordType(reader.u16_be("DNS record type")?);
    reader.bytes(6, "DNS record class and lifetime")?;
    let len = usize::from(reader.u16_be("DNS record length")?);
    let begin = reader.offset();
    let data = reader.bytes(len, "DNS record data")?;
    let data = match kind {
        RecordType::A => data
            .try_into()
            .ok()
            .map(|octets: [u8; 4]| RecordData::Address(IpAddr::V4(Ipv4Addr::from(octets)))),
        RecordType::AAAA => data
            .try_into()
            .ok()
            .map(|octets: [u8; 16]| RecordData::Address(IpAddr::V6(Ipv6Addr::from(octets)))),
        RecordType::CNAME => name_at(bytes, begin).ok().map(RecordData::Alias),
        RecordType::PTR => name_at(bytes, begin).ok().map(RecordData::Pointer),
        RecordType::SRV => service(bytes, begin, data),
        _ => None,
    };
    Ok(Answer {
        name,
        data: data.unwrap_or(RecordData::Other(kind)),
    })
}

/// RFC 2782.
fn service(bytes: &[u8], begin: usize, data: &[u8]) -> Option<RecordData> {
    let mut reader = Reader::new(data);
    Some(RecordData::Service {
        priority: reader.u16_be("SRV priority").ok()?,
        weight: reader.u16_be("SRV weight").ok()?,
        port: reader.u16_be("SRV port").ok()?,
        target: name_at(bytes, begin + 6).ok()?,
    })
}

fn name_at(bytes: &[u8], at: usize) -> Result<WireText, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.bytes(at, "DNS name")?;
    name(bytes, &mut reader)
}

/// Reads a name of the message `bytes` and leaves `reader` behind it; pointers (RFC 1035 section 4.1.4) are followed in a copy.
pub(in crate::wire) fn name<'a>(
    bytes: &'a [u8],
    reader: &mut Reader<'a>,
) -> Result<WireText, DecodeError> {
    let mut text: SmallVec<[u8; 64]> = SmallVec::new();
    let mut jumped: Option<Reader<'a>> = None;
    let mut jumps = 0;
    loop {
        let here = jumped.as_mut().unwrap_or(reader);
        let first = here.u8("DNS label")?;
        match first {
            0 => break,
            1..=63 => {
                let label = here.bytes(usize::from(first), "DNS label")?;
                if !text.is_empty() {
                    text.push(b'.');
                }
                text.extend_from_slice(label);
            }
            0xc0..=0xff => {
                let low = here.u8("DNS pointer")?;
                let target = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                jumps += 1;
                let mut next = Reader::new(bytes);
                next.bytes(target, "DNS pointer")?;
                if jumps > JUMPS {
                    return Err(next.error("DNS pointer", DecodeErrorKind::Malformed));
                }
                jumped = Some(next);
            }
            _ => return Err(here.error("DNS label", DecodeErrorKind::Malformed)),
        }
        if text.len() > 255 {
            return Err(reader.error("DNS name", DecodeErrorKind::Malformed));
        }
    }
    Ok(WireText::from_bytes(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response with an alias and, by a pointer, its address.
    const RESPONSE: &[u8] = &[
        0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, // header
        2, b'm', b'p', 3, b'l', b'a', b'b', 0, 0, 1, 0, 1, // mp.lab A
        0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3, b's', b'r', b'v', 0xc0,
        15, // CNAME srv.lab
        0xc0, 36, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1, // A 10.0.0.1
    ];

    #[test]
    fn aliases_and_addresses_are_read_through_pointers() {
        let message = decode(RESPONSE).unwrap();
        assert_eq!((message.id, message.name.as_str()), (0x1234, "mp.lab"));
        let answers: Vec<String> = message.answers.iter().map(ToString::to_string).collect();
        assert_eq!(answers, ["CNAME srv.lab", "A 10.0.0.1"]);
    }

    #[test]
    fn answers_before_a_cut_are_kept() {
        let message = decode(&RESPONSE[..RESPONSE.len() - 1]).unwrap();
        assert_eq!(message.answers.len(), 1);
        for len in 0..RESPONSE.len() {
            let _ = decode(&RESPONSE[..len]);
        }
    }

    #[test]
    fn an_update_is_no_lookup() {
        assert!(is_lookup(RESPONSE));
        assert!(!is_lookup(&[0x12, 0x34, 0x28, 0]));
        assert!(!is_lookup(&[0x12, 0x34]));
    }

    #[test]
    fn pointers_that_go_in_circles_have_an_end() {
        let mut bytes = RESPONSE[..12].to_vec();
        bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
        assert!(decode(&bytes).is_err());
    }
}
