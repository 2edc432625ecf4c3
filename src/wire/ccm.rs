//! Messages of Configuration Manager clients: a part with a header in XML, and one with a body that is most often
//! compressed (the client messaging SDK, and what clients send).
//!
//! Never keeps a certificate, a signature or the text of a message: only what names the client and its request.

pub mod certificate;
pub mod points;

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha1::{Digest, Sha1};

use crate::text::{WireText, hexadecimal};
use crate::wire::ccm::certificate::Certificate;

/// A decompressed body is read up to here; what follows is no registration.
const LARGEST_BODY: u64 = 1 << 20;
/// Characters of a name or a time that are kept.
const LONGEST_TEXT: usize = 512;
/// Elements that are looked at: a registration has some forty.
const MOST_ELEMENTS: usize = 4_096;

/// What a message says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CcmMessage {
    /// What it is about: `MP_ClientRegistration`.
    pub endpoint: Option<WireText>,
    /// The identity in the header: `GUID:…`. Absent before one was assigned.
    pub source_id: Option<WireText>,
    /// The name of the sender.
    pub source_host: Option<WireText>,
    /// The management point that is meant.
    pub target_host: Option<WireText>,
    /// When it was sent, by the sender's clock (ISO 8601, UTC).
    pub sent_time: Option<WireText>,
    /// The number of the message, which logs name too.
    pub id: Option<WireText>,
    /// A request to register.
    pub registration: Option<Registration>,
    /// The answer to one.
    pub reply: Option<RegistrationReply>,
}

/// `ClientRegistrationRequest`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Registration {
    /// `Registration` or `Confirmation`.
    pub request_type: Option<WireText>,
    /// The identity that the client proposes or repeats.
    pub smsid: Option<WireText>,
    /// `Netbios Name`.
    pub netbios_name: Option<WireText>,
    /// `FQ Name`.
    pub fqdn: Option<WireText>,
    /// `4.00.…` in 2007, `5.00.…` since 2012.
    pub agent_version: Option<WireText>,
    /// `HardwareID1`.
    pub hardware_id: Option<WireText>,
    /// SHA-1 of the signing certificate, in hexadecimal digits: the thumbprint of logs and of the database.
    pub signing_thumbprint: Option<String>,
    /// What that certificate says of itself, where it can be read.
    pub certificate: Option<Certificate>,
}

/// `ClientRegistrationResponse`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegistrationReply {
    /// 0 registered, 1 pending, 2 to be sent again, 3 rejected, 4 the certificate is another client's.
    pub status: Option<i64>,
    /// The identity that the site gives.
    pub smsid: Option<WireText>,
    /// -1 unknown, 0 not approved, 1 approved, 2 not applicable, 3 by an identity of the cloud; absent in 2007.
    pub approval_status: Option<i64>,
}

impl CcmMessage {
    /// The identity of the client: that of the registration or its answer, else that of the header.
    pub fn smsid(&self) -> Option<&WireText> {
        let asked = self
            .registration
            .as_ref()
            .and_then(|asked| asked.smsid.as_ref());
        let given = self.reply.as_ref().and_then(|reply| reply.smsid.as_ref());
        asked
            .or(given)
            .or(self.source_id.as_ref())
            .filter(|id| !id.is_empty())
    }
}

/// Reads the body of an HTTP message, as far as it is there; `None` where it is no message of this kind.
pub fn decode(body: &[u8]) -> Option<CcmMessage> {
    let boundary = body.get(..memmem::find(body, b"\r\n")?)?;
    if !boundary.starts_with(b"--") || boundary.len() > 72 {
        return None;
    }
    let mut parts = memmem::find_iter(body, boundary).map(|at| at + boundary.len());
    let header = part(body, parts.next()?, boundary)?;
    let mut message = CcmMessage::default();
    message.read_header(&utf16(header));
    if let Some(payload) = parts.next().and_then(|begin| part(body, begin, boundary)) {
        message.read_body(&utf16(&inflated(payload)));
    }
    Some(message)
}

/// The content of the part whose head begins at `begin`: up to the next boundary, or as far as it goes.
fn part<'b>(body: &'b [u8], begin: usize, boundary: &[u8]) -> Option<&'b [u8]> {
    let rest = body.get(begin..)?;
    let content = rest.get(memmem::find(rest, b"\r\n\r\n")? + 4..)?;
    let end = memmem::find(content, boundary).map_or(content.len(), |end| end.saturating_sub(2));
    content.get(..end)
}

/// `payload`, decompressed if it is a zlib stream, as far as that goes.
fn inflated(payload: &[u8]) -> Vec<u8> {
    if payload.first() != Some(&0x78) {
        return payload.to_vec();
    }
    let mut bytes = Vec::new();
    // A stream that is cut or damaged gives what came before.
    let _ = ZlibDecoder::new(payload)
        .take(LARGEST_BODY)
        .read_to_end(&mut bytes);
    bytes
}

/// UTF-16LE, with or without a mark in front and a zero behind.
fn utf16(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xff\xfe").unwrap_or(bytes);
    let text = WireText::from_utf16le(bytes);
    text.as_str()
        .trim_end_matches(['\0', '\r', '\n'])
        .to_owned()
}

impl CcmMessage {
    fn read_header(&mut self, xml: &str) {
        let mut element = String::new();
        each(xml, &mut |event| match event {
            Event::Start(start) => start.name().as_ref().clone_into(&mut element),
            Event::Text(text) => {
                if let Some(place) = self.header_field(&element) {
                    *place = Some(shortened(text));
                }
            }
            Event::End(_) => element.clear(),
            _ => {}
        });
    }

    fn header_field(&mut self, element: &str) -> Option<&mut Option<WireText>> {
        Some(match element {
            "TargetEndpoint" => &mut self.endpoint,
            "SourceID" => &mut self.source_id,
            "SourceHost" => &mut self.source_host,
            "TargetHost" => &mut self.target_host,
            "SentTime" => &mut self.sent_time,
            "ID" => &mut self.id,
            _ => return None,
        })
    }

    fn read_body(&mut self, xml: &str) {
        let mut is_signing = false;
        each(xml, &mut |event| match event {
            Event::Start(start) | Event::Empty(start) => {
                is_signing = start.name().as_ref() == "Signing";
                self.element(start);
            }
            Event::Text(text) if is_signing => self.certificate(text.as_ref()),
            Event::End(_) => is_signing = false,
            _ => {}
        });
    }

    fn element(&mut self, start: &BytesStart<'_>) {
        match start.name().as_ref() {
            "ClientRegistrationRequest" => {
                self.registration.get_or_insert_default();
            }
            "ClientRegistrationResponse" => {
                self.reply = Some(RegistrationReply {
                    status: number(start, "Status"),
                    smsid: attribute(start, "SMSID"),
                    approval_status: number(start, "ApprovalStatus"),
                });
            }
            name => {
                if let Some(registration) = &mut self.registration {
                    registration.element(name, start);
                }
            }
        }
    }

    fn certificate(&mut self, digits: &str) {
        if let Some(registration) = &mut self.registration {
            let der = bytes_of(digits.as_bytes());
            registration.certificate = der.as_deref().and_then(Certificate::of_der);
            registration.signing_thumbprint = der.map(|der| hexadecimal(&Sha1::digest(der)));
        }
    }
}

impl Registration {
    fn element(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "Data" => {
                self.request_type = attribute(start, "RequestType");
                self.smsid = attribute(start, "SMSID");
            }
            "AgentInformation" => self.agent_version = attribute(start, "AgentVersion"),
            "Property" => {
                let value = attribute(start, "Value");
                match attribute(start, "Name").as_ref().map(WireText::as_str) {
                    Some("Netbios Name") => self.netbios_name = value,
                    Some("FQ Name") => self.fqdn = value,
                    Some("HardwareID1") => self.hardware_id = value,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Gives each event of `xml` to `act`, up to the first that cannot be read. Entities stay as they are written.
fn each(xml: &str, act: &mut dyn FnMut(&Event<'_>)) {
    let mut reader = Reader::from_str(xml);
    for _ in 0..MOST_ELEMENTS {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => return,
            Ok(event) => act(&event),
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<WireText> {
    let attribute = start.try_get_attribute(name).ok()??;
    Some(shortened(&attribute.value))
}

fn number(start: &BytesStart<'_>, name: &str) -> Option<i64> {
    attribute(start, name)?.as_str().parse().ok()
}

/// The bytes of an even number of hexadecimal digits.
fn bytes_of(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = digits.chunks_exact(2);
    if digits.is_empty() || !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| {
            let (high, low) = (value(pair.first()?)?, value(pair.get(1)?)?);
            u8::try_from(high << 4 | low).ok()
        })
        .collect()
}

/// `text`, as far as a name or a time goes: a longer one is none, and is not kept.
fn shortened(text: &str) -> WireText {
    text.chars().take(LONGEST_TEXT).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn message(header: &str, payload: &[u8]) -> Vec<u8> {
        let mut body = b"--B\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe".to_vec();
        body.extend(wide(header));
        body.extend(b"\r\n--B\r\ncontent-type: application/octet-stream\r\n\r\n");
        body.extend(payload);
        body.extend(b"\r\n--B--");
        body
    }

    #[test]
    fn a_body_that_is_not_compressed_is_read_as_well() {
        let payload = wide(
            "<ClientRegistrationResponse Status=\"1\" SMSID=\"GUID:X\" ApprovalStatus=\"-1\"/>\0",
        );
        let read = decode(&message("<Msg><ID>{1}</ID></Msg>", &payload)).unwrap();
        let reply = read.reply.unwrap();
        assert_eq!((reply.status, reply.approval_status), (Some(1), Some(-1)));
        assert_eq!(read.id.unwrap().as_str(), "{1}");
    }

    #[test]
    fn a_message_cut_anywhere_does_no_harm() {
        let payload =
            wide("<ClientRegistrationRequest><Data SMSID=\"GUID:X\" RequestType=\"Registration\">");
        let whole = message("<Msg><SourceHost>WK</SourceHost></Msg>", &payload);
        for len in 0..whole.len() {
            let _ = decode(&whole[..len]);
        }
        assert!(decode(b"<html></html>\r\n").is_none());
    }

    #[test]
    fn a_bomb_is_cut_at_a_stated_size_and_entities_are_not_expanded() {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        assert_eq!(
            inflated(&encoder.finish().unwrap()).len() as u64,
            LARGEST_BODY
        );
        let hostile = "<!DOCTYPE x [<!ENTITY a \"b\">]><Msg><SourceHost>&a;</SourceHost></Msg>";
        let read = decode(&message(hostile, &[])).unwrap();
        assert!(
            read.source_host
                .is_none_or(|host| !host.as_str().contains('b'))
        );
    }
}
