//! TLS ClientHello (RFC 8446 section 4.1.2): the server's name, the protocols offered, and nothing more.
//!
//! Never reads another message of TLS.

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// A ClientHello.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientHello {
    /// The server name indication.
    pub sni: Option<WireText>,
    /// Application protocols offered.
    pub alpn: Vec<WireText>,
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;

/// Whether `bytes`, the first of a direction, begin a TLS record with a handshake; `None` while there are too few to tell.
pub fn looks_like_tls(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [] | [HANDSHAKE] | [HANDSHAKE, 3] => None,
        [HANDSHAKE, 3, minor, ..] => Some(*minor <= 4),
        _ => Some(false),
    }
}

/// The length of the first record, header included, once its header is there.
pub fn record_len(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(3..5)?;
    Some(5 + usize::from(u16::from_be_bytes(length.try_into().ok()?)))
}

/// Decodes the ClientHello in the first record; extensions behind a cut are left out.
///
/// # Errors
///
/// [`DecodeError`] where there is no ClientHello.
pub fn decode(bytes: &[u8]) -> Result<ClientHello, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.bytes(5, "TLS record header")?;
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
