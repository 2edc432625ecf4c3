//! LLMNR (RFC 4795): a name that a machine asks everybody on its link for, in the form of DNS.
//!
//! Never judges who answers: the protocol lets anybody.

use crate::wire::dns::{self, DnsMessage};
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// The responder found that the name is not its alone (RFC 4795 section 2.1.1, bit C).
const CONFLICT: u16 = 0x0400;
/// The responder has not yet made sure of its name (RFC 4795 section 2.1.1, bit T).
const TENTATIVE: u16 = 0x0100;

/// A query or a response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LlmnrMessage {
    /// Whether the name is held by several machines, as the sender knows.
    pub is_conflict: bool,
    /// Whether the responder is not yet sure of its name: such an answer does not count (RFC 4795 section 4.1).
    pub is_tentative: bool,
    /// The question and the answers.
    pub dns: DnsMessage,
}

/// Decodes a message. Answers behind a cut are left out, as in DNS.
///
/// # Errors
///
/// [`DecodeError`] where the header or the question is not whole, where there is not just one question, or where it is no
/// query (RFC 4795 section 2.1.1).
pub fn decode(bytes: &[u8]) -> Result<LlmnrMessage, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.u16_be("LLMNR id")?;
    let flags = reader.u16_be("LLMNR flags")?;
    if reader.u16_be("LLMNR question count")? != 1 {
        return Err(reader.error("LLMNR question count", DecodeErrorKind::Malformed));
    }
    Ok(LlmnrMessage {
        is_conflict: flags & CONFLICT != 0,
        is_tentative: flags & TENTATIVE != 0,
        dns: dns::decode(bytes)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mp`, asked for by A and answered by 10.0.0.80, made by RFC 4795 section 2.1 and compared with Wireshark's reading.
    const QUERY: &[u8] = b"\x5a\x11\0\0\0\x01\0\0\0\0\0\0\x02mp\0\0\x01\0\x01";
    const RESPONSE: &[u8] = b"\x5a\x11\x80\0\0\x01\0\x01\0\0\0\0\x02mp\0\0\x01\0\x01\
        \x02mp\0\0\x01\0\x01\0\0\0\x1e\0\x04\x0a\0\0\x50";

    #[test]
    fn a_question_and_its_answer_are_read_as_dns_has_them() {
        let asked = decode(QUERY).unwrap();
        assert!(!asked.dns.is_response && !asked.is_conflict && !asked.is_tentative);
        assert_eq!((asked.dns.id, asked.dns.name.as_str()), (0x5a11, "mp"));
        let told = decode(RESPONSE).unwrap();
        assert_eq!(told.dns.answers[0].to_string(), "A 10.0.0.80");
        for len in 0..RESPONSE.len() {
            let _ = decode(&RESPONSE[..len]);
        }
    }

    #[test]
    fn bits_of_dns_that_mean_something_else_here_are_told() {
        let flagged = |high: u8| {
            let mut bytes = RESPONSE.to_vec();
            bytes[2] = high;
            let told = decode(&bytes).unwrap();
            (told.is_conflict, told.is_tentative)
        };
        assert_eq!(flagged(0x84), (true, false));
        assert_eq!(flagged(0x81), (false, true));
    }

    #[test]
    fn a_message_with_two_questions_or_of_another_kind_is_none() {
        let mut two = QUERY.to_vec();
        two[5] = 2;
        assert!(decode(&two).is_err());
        let mut update = QUERY.to_vec();
        update[2] = 0x28;
        assert!(decode(&update).is_err());
    }
}
