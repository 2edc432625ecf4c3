//! The name service of NetBIOS over TCP/IP (RFC 1002 section 4.2): who is asked for a name, and what came back.
//!
//! Never reads registrations and releases of names, nor the list of names that a machine has.

use std::fmt;
use std::net::Ipv4Addr;

use crate::text::WireText;
use crate::wire::dns;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// Length of a name, its last byte being the kind of service (RFC 1001 section 14).
const NAME: usize = 16;
/// Addresses that are read of one answer: a group has 25 at most.
const ADDRESSES: usize = 64;
/// Records that are read of one answer; a name has one.
const RECORDS: u16 = 16;

/// A query or a response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NbnsMessage {
    /// The identifier that joins query and response.
    pub id: u16,
    /// Whether it is a response.
    pub is_response: bool,
    /// Whether everybody on the network is asked, and no server.
    pub is_broadcast: bool,
    /// The result.
    pub result: NbnsResult,
    /// The name that is asked for, or answered.
    pub name: NetbiosName,
    /// What is asked for.
    pub qtype: NbnsType,
    /// The addresses in a response.
    pub addresses: Vec<Ipv4Addr>,
    /// Whether the response states more than is here: it stands behind a cut, or could not be read.
    pub lacks_answers: bool,
}

/// A name with the kind of service it is for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NetbiosName {
    /// The name without the spaces behind it.
    pub name: WireText,
    /// The kind: 0x00 a machine, 0x20 its file service, 0x1b and 0x1c domain controllers.
    pub suffix: u8,
}

/// A result code (RFC 1002 section 4.2.14).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NbnsResult(pub u8);

/// A type of question (RFC 1002 section 4.2.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NbnsType(pub u16);

impl NetbiosName {
    /// Whether it is the name of a machine, and not that of a domain or another group.
    pub const fn is_machine(&self) -> bool {
        matches!(self.suffix, 0x00 | 0x20)
    }
}

impl fmt::Display for NetbiosName {
    /// `MP<00>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}<{:02x}>", self.name, self.suffix)
    }
}

impl NbnsResult {
    /// The name was found.
    pub const NO_ERROR: Self = Self(0);
    /// Nobody has the name.
    pub const NAME_ERROR: Self = Self(3);
}

impl fmt::Display for NbnsResult {
    /// `NAM_ERR`, `RCODE12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "NO_ERR",
            1 => "FMT_ERR",
            2 => "SRV_ERR",
            3 => "NAM_ERR",
            4 => "IMP_ERR",
            5 => "RFS_ERR",
            6 => "ACT_ERR",
            7 => "CFT_ERR",
            other => return write!(f, "RCODE{other}"),
        })
    }
}

impl NbnsType {
    /// The address of a name.
    pub const NB: Self = Self(0x20);
    /// The names that a machine has.
    pub const NBSTAT: Self = Self(0x21);
}

impl fmt::Display for NbnsType {
    /// `NB`, `TYPE4711`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0x0a => "NULL",
            0x20 => "NB",
            0x21 => "NBSTAT",
            other => return write!(f, "TYPE{other}"),
        })
    }
}

/// Decodes a query or the response to one; `None` for registrations, releases and all else.
///
/// # Errors
///
/// [`DecodeError`] where the header or the name is not whole, or no name of NetBIOS.
pub fn decode(bytes: &[u8]) -> Result<Option<NbnsMessage>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let id = reader.u16_be("NBNS id")?;
    let flags = reader.u16_be("NBNS flags")?;
    if flags & 0x7800 != 0 {
        return Ok(None);
    }
    let questions = reader.u16_be("NBNS question count")?;
    let answers = reader.u16_be("NBNS answer count")?;
    reader.bytes(4, "NBNS other counts")?;
    let mut message = NbnsMessage {
        id,
        is_response: flags & 0x8000 != 0,
        is_broadcast: flags & 0x0010 != 0,
        result: NbnsResult(flags.to_be_bytes()[1] & 0x0f),
        ..NbnsMessage::default()
    };
    if questions > 0 {
        (message.name, message.qtype) = head(bytes, &mut reader)?;
    } else if message.is_response {
        // A response repeats the name in its record alone, a refusal too (RFC 1002 sections 4.2.13 and 4.2.14).
        let mut ahead = reader;
        (message.name, message.qtype) = head(bytes, &mut ahead)?;
    } else {
        return Err(reader.error("NBNS question count", DecodeErrorKind::Malformed));
    }
    if message.is_response && questions <= 1 {
        message.read_answers(bytes, reader, answers);
    }
    Ok(Some(message))
}

impl NbnsMessage {
    fn read_answers<'a>(&mut self, bytes: &'a [u8], mut reader: Reader<'a>, stated: u16) {
        for _ in 0..stated.min(RECORDS) {
            let Ok((kind, data, is_whole)) = record(bytes, &mut reader) else {
                self.lacks_answers = true;
                return;
            };
            if kind == NbnsType::NB {
                // Two bytes of flags before each address (RFC 1002 section 4.2.13).
                let entries = data.chunks_exact(6).filter_map(|entry| entry.get(2..6));
                let addresses = entries.filter_map(|octets| <[u8; 4]>::try_from(octets).ok());
                let room = ADDRESSES.saturating_sub(self.addresses.len());
                self.addresses
                    .extend(addresses.map(Ipv4Addr::from).take(room));
            }
            self.lacks_answers |= !is_whole;
        }
    }
}

/// A name and a type; the class behind them is always that of the Internet.
fn head<'a>(
    bytes: &'a [u8],
    reader: &mut Reader<'a>,
) -> Result<(NetbiosName, NbnsType), DecodeError> {
    let name = name(bytes, reader)?;
    let kind = NbnsType(reader.u16_be("NBNS type")?);
    reader.u16_be("NBNS class")?;
    Ok((name, kind))
}

/// The type and the data of a record, as far as they are there, and whether that is all.
fn record<'a>(
    bytes: &'a [u8],
    reader: &mut Reader<'a>,
) -> Result<(NbnsType, &'a [u8], bool), DecodeError> {
    let (_, kind) = head(bytes, reader)?;
    reader.u32_be("NBNS lifetime")?;
    let len = usize::from(reader.u16_be("NBNS record length")?);
    let here = len.min(reader.rest().len());
    Ok((kind, reader.bytes(here, "NBNS record data")?, here == len))
}

/// A name in the first-level encoding: each half byte is a letter from A on; a scope may follow it (RFC 1001 section 14.1).
fn name<'a>(bytes: &'a [u8], reader: &mut Reader<'a>) -> Result<NetbiosName, DecodeError> {
    let encoded = dns::name(bytes, reader)?;
    let letters = encoded.as_str().split('.').next().unwrap_or_default();
    decode_name(letters.as_bytes())
        .ok_or_else(|| reader.error("NetBIOS name", DecodeErrorKind::Malformed))
}

fn decode_name(letters: &[u8]) -> Option<NetbiosName> {
    let half = |letter: &u8| letter.checked_sub(b'A').filter(|half| *half < 16);
    let decoded: Option<Vec<u8>> = letters
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(half(high)? << 4 | half(low)?),
            _ => None,
        })
        .collect();
    let decoded = decoded.filter(|bytes| bytes.len() == NAME)?;
    let (suffix, name) = decoded.split_last()?;
    let end = name.iter().rposition(|byte| !matches!(byte, b' ' | 0));
    let name = name.get(..end.map_or(0, |last| last + 1))?;
    Some(NetbiosName {
        name: WireText::from_bytes(name),
        suffix: *suffix,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `MP<00>` in the first-level encoding.
    const MP: &[u8] = b"\x20ENFACACACACACACACACACACACACACAAA\0";

    /// `captures/60-samba-short-name-clocks.pcap`, frames 82 and 83.
    fn query() -> Vec<u8> {
        let head = b"\x63\xf0\x01\x10\0\x01\0\0\0\0\0\0";
        [head, MP, b"\0\x20\0\x01"].concat()
    }

    fn answer() -> Vec<u8> {
        let head = b"\x63\xf0\x85\x80\0\0\0\x01\0\0\0\0";
        let record = b"\0\x20\0\x01\0\x04\x93\xe0\0\x06\x44\0\x0a\x4d\0\x0a";
        [head, MP, record].concat()
    }

    /// A refusal by a name server: no record is counted, one of type NULL follows (RFC 1002 section 4.2.14).
    fn refusal() -> Vec<u8> {
        let head = b"\x63\xf0\x85\x83\0\0\0\0\0\0\0\0";
        [head, MP, b"\0\x0a\0\x01\0\0\0\0\0\0"].concat()
    }

    fn read(bytes: &[u8]) -> NbnsMessage {
        decode(bytes).unwrap().unwrap()
    }

    #[test]
    fn a_broadcast_question_names_what_it_is_for() {
        let asked = read(&query());
        assert!(!asked.is_response && asked.is_broadcast);
        assert_eq!((asked.id, asked.qtype), (0x63f0, NbnsType::NB));
        assert_eq!(asked.name.to_string(), "MP<00>");
        assert!(asked.name.is_machine());
    }

    #[test]
    fn an_answer_has_its_name_in_the_record() {
        let told = read(&answer());
        assert!(told.is_response && !told.is_broadcast && !told.lacks_answers);
        assert_eq!(told.name, read(&query()).name);
        assert_eq!(told.addresses, [Ipv4Addr::new(10, 77, 0, 10)]);
        assert_eq!(told.result, NbnsResult::NO_ERROR);
    }

    #[test]
    fn a_refusal_says_that_nobody_has_the_name() {
        let told = read(&refusal());
        assert_eq!(told.result, NbnsResult::NAME_ERROR);
        assert_eq!(told.result.to_string(), "NAM_ERR");
        assert_eq!(told.name.name.as_str(), "MP");
        assert!(told.addresses.is_empty() && !told.lacks_answers);
    }

    #[test]
    fn an_answer_that_was_cut_lacks_something() {
        let whole = answer();
        let cut = read(&whole[..whole.len() - 1]);
        assert!(cut.lacks_answers && cut.addresses.is_empty());
        for len in 0..whole.len() {
            let _ = decode(&whole[..len]);
        }
        assert!(decode(&whole[..40]).is_err());
    }

    #[test]
    fn registrations_and_names_of_another_form_are_none() {
        let mut registration = query();
        registration[2] = 0x29;
        assert_eq!(decode(&registration), Ok(None));
        let mut letters = query();
        letters[13] = b'Q';
        assert!(decode(&letters).is_err());
        let mut itself = query()[..12].to_vec();
        itself.extend_from_slice(&[0xc0, 12, 0, 0x20, 0, 1]);
        assert!(decode(&itself).is_err());
    }

    #[test]
    fn a_scope_and_a_pointer_change_no_name() {
        let mut scoped = query()[..46].to_vec();
        scoped[45] = 3;
        scoped.extend_from_slice(b"lab\0\0\x20\0\x01");
        assert_eq!(read(&scoped).name.to_string(), "MP<00>");
        let mut pointed = query();
        pointed[2] = 0x85;
        pointed[7] = 1;
        pointed.extend_from_slice(b"\xc0\x0c\0\x20\0\x01\0\0\0\0\0\x06\0\0\x0a\0\0\x01");
        let told = read(&pointed);
        assert_eq!(told.addresses, [Ipv4Addr::new(10, 0, 0, 1)]);
    }
}
