//! TLS `ClientHello` (RFC 8446 section 4.1.2): the server's name, the protocols offered, and nothing more.
//!
//! Never reads another message of TLS.

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// A `ClientHello`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientHello {
    /// The server name indication.
    pub sni: Option<WireText>,
    /// Application protocols offered.
    pub alpn: Vec<WireText>,
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// The header of a record: type, version, length.
const RECORD: usize = 5;
/// The header of a handshake message: type and length.
const MESSAGE: usize = 4;
/// A `ClientHello` longer than this is none: post-quantum keys make it some kilobytes.
const LONGEST: usize = 64 << 10;

/// Whether `bytes`, the first of a direction, begin a TLS record with a hello; `None` while there are too few to tell.
pub fn looks_like_tls(bytes: &[u8]) -> Option<bool> {
    match bytes {
        []
        | [HANDSHAKE]
        | [HANDSHAKE, 3]
        | [HANDSHAKE, 3, 0..=4]
        | [HANDSHAKE, 3, 0..=4, _]
        | [HANDSHAKE, 3, 0..=4, _, _] => None,
        [HANDSHAKE, 3, 0..=4, _, _, kind, ..] => Some(matches!(*kind, CLIENT_HELLO | SERVER_HELLO)),
        _ => Some(false),
    }
}

/// Whether the hello that `bytes` begin is the client's; `None` while there are too few to tell.
pub fn is_client_hello(bytes: &[u8]) -> Option<bool> {
    bytes.get(RECORD).map(|kind| *kind == CLIENT_HELLO)
}

/// The handshake message in the records at the front of some bytes.
struct Flight {
    message: Vec<u8>,
    /// Bytes of those records, headers included.
    taken: usize,
    /// Nothing more belongs to it: it is whole, or what follows is no record of a handshake.
    is_over: bool,
}

impl Flight {
    fn read(bytes: &[u8]) -> Self {
        let mut flight = Self {
            message: Vec::new(),
            taken: 0,
            is_over: false,
        };
        while !flight.is_over && flight.add_record(bytes.get(flight.taken..).unwrap_or_default()) {}
        flight
    }

    /// Adds what is there of the record at the front of `bytes`; says whether the next record is there.
    fn add_record(&mut self, bytes: &[u8]) -> bool {
        let Some((header, rest)) = bytes.split_at_checked(RECORD) else {
            return false;
        };
        let [HANDSHAKE, 3, _, high, low] = *header else {
            self.is_over = true;
            return false;
        };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let part = rest.get(..len).unwrap_or(rest);
        self.message.extend_from_slice(part);
        self.taken += RECORD + part.len();
        self.is_over = len == 0 || self.is_whole();
        part.len() == len
    }

    fn is_whole(&self) -> bool {
        let stated = match *self.message.as_slice() {
            [_, a, b, c, ..] => usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c),
            _ => return false,
        };
        self.message.len() >= MESSAGE + stated || self.message.len() > LONGEST
    }
}

/// The length of the records that hold the `ClientHello` at the front of `bytes`, headers included, once they are all there.
pub fn hello_len(bytes: &[u8]) -> Option<usize> {
    let flight = Flight::read(bytes);
    flight.is_over.then_some(flight.taken)
}

/// Decodes the `ClientHello` in the first records; extensions behind a cut are left out.
///
/// # Errors
///
/// [`DecodeError`] where there is no `ClientHello`.
pub fn decode(bytes: &[u8]) -> Result<ClientHello, DecodeError> {
    let flight = Flight::read(bytes);
    let mut reader = Reader::new(&flight.message);
    if reader.u8("TLS handshake type")? != CLIENT_HELLO {
        return Err(reader.error("TLS handshake type", DecodeErrorKind::Malformed));
    }
    reader.bytes(3 + 2 + 32, "ClientHello length, version and random")?;
    let session = usize::from(reader.u8("ClientHello session")?);
    reader.bytes(session, "ClientHello session")?;
    let suites = usize::from(reader.u16_be("ClientHello suites")?);
    reader.bytes(suites, "ClientHello suites")?;
    let methods = usize::from(reader.u8("ClientHello compression")?);
    reader.bytes(methods, "ClientHello compression")?;
    let mut hello = ClientHello::default();
    if reader.u16_be("ClientHello extensions").is_ok() {
        while read_extension(&mut reader, &mut hello).is_ok() {}
    }
    Ok(hello)
}

fn read_extension(reader: &mut Reader<'_>, hello: &mut ClientHello) -> Result<(), DecodeError> {
    let kind = reader.u16_be("extension type")?;
    let len = usize::from(reader.u16_be("extension length")?);
    let mut value = Reader::new(reader.bytes(len, "extension")?);
    match kind {
        0 => hello.sni = server_name(&mut value).ok(),
        16 => hello.alpn = protocols(&mut value),
        _ => {}
    }
    Ok(())
}

/// RFC 6066 section 3.
fn server_name(value: &mut Reader<'_>) -> Result<WireText, DecodeError> {
    value.bytes(2 + 1, "server name list")?;
    let len = usize::from(value.u16_be("server name")?);
    Ok(WireText::from_bytes(value.bytes(len, "server name")?))
}

/// RFC 7301 section 3.1.
fn protocols(value: &mut Reader<'_>) -> Vec<WireText> {
    let mut names = Vec::new();
    if value.bytes(2, "protocol list").is_err() {
        return names;
    }
    while let Ok(len) = value.u8("protocol name")
        && let Ok(name) = value.bytes(usize::from(len), "protocol name")
    {
        names.push(WireText::from_bytes(name));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `ClientHello` for `mp.lab` that offers `h2`, made to RFC 8446 section 4.1.2, in one record.
    fn record() -> Vec<u8> {
        let extensions = [
            &[0, 0, 0, 11, 0, 9, 0, 0, 6][..],
            b"mp.lab",
            &[0, 16, 0, 5, 0, 3, 2],
            b"h2",
        ]
        .concat();
        let mut message = vec![1, 0, 0, 0, 3, 3];
        message.extend([7; 32]);
        message.extend([0, 0, 2, 0x13, 0x01, 1, 0, 0]);
        message.push(u8::try_from(extensions.len()).unwrap());
        message.extend(extensions);
        message[3] = u8::try_from(message.len() - 4).unwrap();
        let len = u8::try_from(message.len()).unwrap();
        [vec![22, 3, 1, 0, len], message].concat()
    }

    #[test]
    fn the_name_and_the_protocols_are_read() {
        let hello = decode(&record()).unwrap();
        assert_eq!(hello.sni.unwrap().as_str(), "mp.lab");
        assert_eq!(hello.alpn[0].as_str(), "h2");
        assert_eq!(hello_len(&record()), Some(record().len()));
    }

    #[test]
    fn a_hello_in_two_records_is_one() {
        let whole = record();
        let (first, second) = whole[RECORD..].split_at(30);
        let header = |part: &[u8]| vec![22, 3, 1, 0, u8::try_from(part.len()).unwrap()];
        let bytes = [
            header(first),
            first.to_vec(),
            header(second),
            second.to_vec(),
        ]
        .concat();
        assert_eq!(decode(&bytes), decode(&whole));
        assert_eq!(hello_len(&bytes), Some(bytes.len()));
        assert_eq!(hello_len(&bytes[..RECORD + 30]), None);
    }

    #[test]
    fn a_hello_that_is_cut_gives_what_stands_before_the_cut() {
        let whole = record();
        assert_eq!(decode(&whole[..whole.len() - 1]).unwrap().alpn, []);
        for len in 0..whole.len() {
            assert_eq!(hello_len(&whole[..len]), None, "{len}");
            assert!(decode(&whole[..len]).is_err() || len > 40, "{len}");
        }
    }

    #[test]
    fn other_records_are_no_hello() {
        assert_eq!(looks_like_tls(&record()), Some(true));
        assert_eq!(looks_like_tls(&record()[..5]), None);
        assert_eq!(looks_like_tls(&[23, 3, 3, 0, 40]), Some(false));
        assert_eq!(looks_like_tls(&[22, 3, 1, 0, 40, 99]), Some(false));
    }
}
