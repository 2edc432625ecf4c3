//! NTLMSSP messages (MS-NLMP 2.2): names and facts, never responses or keys.

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// What every message begins with.
pub const SIGNATURE: &[u8] = b"NTLMSSP\0";

const UNICODE: u32 = 0x0000_0001;
const DOMAIN_SUPPLIED: u32 = 0x0000_1000;
const WORKSTATION_SUPPLIED: u32 = 0x0000_2000;
/// An NTLMv1 response has 24 bytes; a longer one is NTLMv2 and holds AV_PAIRs behind 16 bytes of proof and 28 of header.
const V1_RESPONSE: usize = 24;
const V2_PAIRS: usize = 16 + 28;

/// An NTLM message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NtlmMessage {
    /// Type 1, NEGOTIATE.
    Negotiate(NtlmNegotiate),
    /// Type 2, CHALLENGE.
    Challenge(NtlmChallenge),
    /// Type 3, AUTHENTICATE.
    Authenticate(NtlmAuthenticate),
}

/// Type 1 (MS-NLMP 2.2.1.1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmNegotiate {
    /// NegotiateFlags.
    pub flags: u32,
    /// The client's domain, where it says one.
    pub domain: Option<WireText>,
    /// The client's name, where it says one.
    pub workstation: Option<WireText>,
}

/// Type 2 (MS-NLMP 2.2.1.2). The challenge itself is not kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmChallenge {
    /// NegotiateFlags.
    pub flags: u32,
    /// TargetName: the server's domain or name.
    pub target: Option<WireText>,
    /// The names in TargetInfo.
    pub av: AvPairs,
}

/// Type 3 (MS-NLMP 2.2.1.3). Responses and keys are not kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmAuthenticate {
    /// NegotiateFlags.
    pub flags: u32,
    /// The account's domain.
    pub domain: Option<WireText>,
    /// The account; empty for anonymous.
    pub user: Option<WireText>,
    /// The client's name.
    pub workstation: Option<WireText>,
    /// Length of the LM response in bytes; `None` where the message was cut before it.
    pub lm_response_bytes: Option<usize>,
    /// The pairs in the NTLMv2 response, where there is one.
    pub av: AvPairs,
}

/// AV_PAIRs (MS-NLMP 2.2.2.1) that name machines and clocks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AvPairs {
    /// 1: the server's NetBIOS name.
    pub netbios_computer: Option<WireText>,
    /// 2: the NetBIOS name of its domain.
    pub netbios_domain: Option<WireText>,
    /// 3: the server's DNS name.
    pub dns_computer: Option<WireText>,
    /// 4: the DNS name of its domain.
    pub dns_domain: Option<WireText>,
    /// 5: the DNS name of its forest.
    pub dns_tree: Option<WireText>,
    /// 7: the server's clock, a FILETIME (100 ns since 1601).
    pub timestamp: Option<u64>,
    /// 9: the service that the client meant.
    pub target_name: Option<WireText>,
}

impl NtlmMessage {
    /// 1, 2 or 3.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Negotiate(_) => 1,
            Self::Challenge(_) => 2,
            Self::Authenticate(_) => 3,
        }
    }
}

/// Decodes a message. A field that lies outside it, because it was cut or lies, is left out; of a list of pairs that was cut
/// those before the cut are given.
///
/// # Errors
///
/// [`DecodeError`] where `bytes` do not begin an NTLMSSP message of type 1, 2 or 3.
pub fn decode(bytes: &[u8]) -> Result<NtlmMessage, DecodeError> {
    let mut reader = Reader::new(bytes);
    if reader.bytes(SIGNATURE.len(), "NTLM signature")? != SIGNATURE {
        return Err(reader.error("NTLM signature", DecodeErrorKind::Malformed));
    }
    match reader.u32_le("NTLM message type")? {
        1 => Ok(NtlmMessage::Negotiate(negotiate(bytes))),
        2 => Ok(NtlmMessage::Challenge(challenge(bytes))),
        3 => Ok(NtlmMessage::Authenticate(authenticate(bytes))),
        _ => Err(reader.error("NTLM message type", DecodeErrorKind::Malformed)),
    }
}

fn negotiate(bytes: &[u8]) -> NtlmNegotiate {
    let flags = number(bytes, 12).unwrap_or(0);
    let oem = |flag, at| {
        (flags & flag != 0)
            .then(|| payload(bytes, at).map(WireText::from_bytes))
            .flatten()
    };
    NtlmNegotiate {
        flags,
        domain: oem(DOMAIN_SUPPLIED, 16),
        workstation: oem(WORKSTATION_SUPPLIED, 24),
    }
}

fn challenge(bytes: &[u8]) -> NtlmChallenge {
    let flags = number(bytes, 20).unwrap_or(0);
    NtlmChallenge {
        flags,
        target: payload(bytes, 12).map(|text| string(flags, text)),
        av: Payload::of(bytes, 40)
            .map(|info| av_pairs(info.there))
            .unwrap_or_default(),
    }
}

fn authenticate(bytes: &[u8]) -> NtlmAuthenticate {
    let flags = number(bytes, 60).unwrap_or(UNICODE);
    let text = |at| payload(bytes, at).map(|text| string(flags, text));
    let response = Payload::of(bytes, 20).filter(|response| response.stated > V1_RESPONSE);
    NtlmAuthenticate {
        flags,
        domain: text(28),
        user: text(36),
        workstation: text(44),
        lm_response_bytes: Payload::of(bytes, 12).map(|response| response.stated),
        av: response
            .and_then(|response| response.there.get(V2_PAIRS..))
            .map(av_pairs)
            .unwrap_or_default(),
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Reader::new(bytes.get(at..)?).u32_le("NTLM number").ok()
}

/// What a length and an offset point to.
struct Payload<'a> {
    /// The bytes, as far as they are there.
    there: &'a [u8],
    /// How many there should be.
    stated: usize,
}

impl<'a> Payload<'a> {
    /// That of the length and offset at `at`; `None` where it begins outside.
    fn of(bytes: &'a [u8], at: usize) -> Option<Self> {
        let mut reader = Reader::new(bytes.get(at..)?);
        let stated = usize::from(reader.u16_le("NTLM field length").ok()?);
        reader.u16_le("NTLM field room").ok()?;
        let from = usize::try_from(reader.u32_le("NTLM field offset").ok()?).ok()?;
        let after = bytes.get(from..)?;
        let there = after.get(..stated).unwrap_or(after);
        Some(Self { there, stated })
    }
}

/// The bytes that the length and offset at `at` point to, if all are there.
fn payload(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let payload = Payload::of(bytes, at)?;
    (payload.there.len() == payload.stated).then_some(payload.there)
}

fn string(flags: u32, bytes: &[u8]) -> WireText {
    if flags & UNICODE != 0 {
        WireText::from_utf16le(bytes)
    } else {
        WireText::from_bytes(bytes)
    }
}

fn av_pairs(bytes: &[u8]) -> AvPairs {
    let mut pairs = AvPairs::default();
    let mut reader = Reader::new(bytes);
    while let Some((id, value)) = av_pair(&mut reader) {
        let text = || Some(WireText::from_utf16le(value));
        match id {
            0 => break,
            1 => pairs.netbios_computer = text(),
            2 => pairs.netbios_domain = text(),
            3 => pairs.dns_computer = text(),
            4 => pairs.dns_domain = text(),
            5 => pairs.dns_tree = text(),
            7 => pairs.timestamp = value.try_into().ok().map(u64::from_le_bytes),
            9 => pairs.target_name = text(),
            _ => {}
        }
    }
    pairs
}

fn av_pair<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    let id = reader.u16_le("AV pair id").ok()?;
    let len = usize::from(reader.u16_le("AV pair length").ok()?);
    Some((id, reader.bytes(len, "AV pair value").ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_points_outside_is_left_out() {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend_from_slice(&3_u32.to_le_bytes());
        bytes.extend_from_slice(&[0xff; 60]);
        let NtlmMessage::Authenticate(message) = decode(&bytes).unwrap() else {
            panic!("type 3 was given");
        };
        assert_eq!((message.user, message.domain), (None, None));
    }

    #[test]
    fn the_domain_of_a_challenge_is_in_its_pairs() {
        // AV pairs: 2 = "LAB", 7 = 0, end
        let mut bytes = vec![2, 0, 6, 0, b'L', 0, b'A', 0, b'B', 0, 7, 0, 8, 0];
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&[0; 4]);
        let pairs = av_pairs(&bytes);
        assert_eq!(pairs.netbios_domain.unwrap().as_str(), "LAB");
        assert_eq!(pairs.timestamp, Some(0));
    }
}
