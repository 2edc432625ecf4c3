//! How an SMB session begins: the answer to the negotiation, of version 1 (MS-SMB section 2.2.4.5.2) or 2 and later (MS-SMB2
//! section 2.2.4), which holds the server's clock, and the setup of a session of version 2 and later (sections 2.2.5 and 2.2.6).
//!
//! Never reads what is done in a session.

use std::fmt;

use crate::text::WireText;
use crate::wire::auth_header::{self, AuthToken, Scheme};
use crate::wire::filetime;
use crate::wire::kerberos::error_code::NtStatus;
use crate::wire::reader::Reader;

/// `NEGOTIATE` of version 1.
const NEGOTIATE_1: u8 = 0x72;
/// Words of an answer that holds a time as Windows counts it; older dialects have another one.
const WORDS_OF_NT: u8 = 17;
/// The message goes to the client, in the flags of version 1.
const REPLY_1: u8 = 0x80;
/// The same, in the flags of version 2.
const REPLY_2: u32 = 1;
/// Bytes of a header of version 2.
const HEADER_2: usize = 64;
/// `SESSION_SETUP` of version 2.
const SESSION_SETUP: u16 = 1;
/// Structure sizes of a session's setup. A refusal without a token has the body of an error (section 2.2.2), of the same size.
const SETUP_ASKED: u16 = 25;
const SETUP_ANSWERED: u16 = 9;
/// Whoever was let in is a guest or nobody, in the flags of a session.
const NOT_ITSELF: u16 = 3;

/// A message that begins a session.
#[derive(Clone, PartialEq, Debug)]
pub enum SmbMessage {
    /// Dialects are offered.
    Offer,
    /// One is chosen.
    Negotiate(SmbNegotiate),
    /// A leg of a session's setup.
    Setup(Box<SmbSetup>),
}

/// A leg of the setup of a session.
#[derive(Clone, PartialEq, Debug)]
pub struct SmbSetup {
    /// What joins the answer to its question, in one connection.
    pub message_id: u64,
    /// `None` in a question.
    pub answer: Option<SmbVerdict>,
    /// The token, which is that of SPNEGO.
    pub token: AuthToken,
}

/// What the server says of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmbVerdict {
    /// Its status.
    pub status: NtStatus,
    /// It lets somebody in, but as a guest or as nobody.
    pub is_guest: bool,
}

/// What a server answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmbNegotiate {
    /// The dialect it chose.
    pub dialect: SmbDialect,
    /// Its clock, in nanoseconds since 1970; `None` where it does not say.
    pub system_time: Option<i64>,
}

/// A dialect; 0 stands for version 1, whose dialects have no numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmbDialect(pub u16);

impl fmt::Display for SmbDialect {
    /// `SMB 1`, `SMB 3.1.1`, `SMB 2.??`, the last one as the protocol's own text has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "SMB 1",
            0x0202 => "SMB 2.0.2",
            0x0210 => "SMB 2.1",
            0x02ff => "SMB 2.??",
            0x0300 => "SMB 3.0",
            0x0302 => "SMB 3.0.2",
            0x0311 => "SMB 3.1.1",
            other => return write!(f, "SMB dialect {other:#06x}"),
        })
    }
}

/// Reads a message without its session header; `None` where it is none that begins a session, or is cut before what is wanted
/// of it.
pub fn decode(message: &[u8]) -> Option<SmbMessage> {
    let mut reader = Reader::new(message);
    match reader.array("SMB protocol").ok()? {
        [0xff, b'S', b'M', b'B'] => version_1(reader),
        [0xfe, b'S', b'M', b'B'] => version_2(reader, message),
        _ => None,
    }
}

/// Whether the message that `message` begins goes to the client; `None` where too little of it is there.
pub fn is_answer(message: &[u8]) -> Option<bool> {
    match message.first()? {
        0xff => message.get(9).map(|flags| flags & REPLY_1 != 0),
        _ => message
            .get(16)
            .map(|flags| u32::from(*flags) & REPLY_2 != 0),
    }
}

fn version_1(mut reader: Reader<'_>) -> Option<SmbMessage> {
    let command = reader.u8("SMB command").ok()?;
    reader.u32_le("SMB status").ok()?;
    let flags = reader.u8("SMB flags").ok()?;
    if command != NEGOTIATE_1 {
        return None;
    }
    if flags & REPLY_1 == 0 {
        return Some(SmbMessage::Offer);
    }
    reader.bytes(22, "SMB header").ok()?;
    if reader.u8("SMB word count").ok()? != WORDS_OF_NT {
        return None;
    }
    reader.bytes(23, "SMB limits and capabilities").ok()?;
    Some(SmbMessage::Negotiate(SmbNegotiate {
        dialect: SmbDialect(0),
        system_time: filetime::nanos(file_time(&mut reader)?),
    }))
}

fn version_2(mut reader: Reader<'_>, message: &[u8]) -> Option<SmbMessage> {
    reader.bytes(4, "SMB2 sizes").ok()?;
    let status = NtStatus(reader.u32_le("SMB2 status").ok()?);
    let command = reader.u16_le("SMB2 command").ok()?;
    reader.u16_le("SMB2 credits").ok()?;
    let flags = reader.u32_le("SMB2 flags").ok()?;
    reader.u32_le("SMB2 next command").ok()?;
    let message_id = u64::from_le_bytes(reader.array("SMB2 message id").ok()?);
    reader.bytes(32, "SMB2 header").ok()?;
    let is_answer = flags & REPLY_2 != 0;
    match command {
        0 if is_answer => negotiate(reader).map(SmbMessage::Negotiate),
        0 => Some(SmbMessage::Offer),
        SESSION_SETUP => {
            let (is_guest, token) = setup(reader, message, is_answer)?;
            let answer = is_answer.then_some(SmbVerdict { status, is_guest });
            Some(SmbMessage::Setup(Box::new(SmbSetup {
                message_id,
                answer,
                token,
            })))
        }
        _ => None,
    }
}

fn negotiate(mut reader: Reader<'_>) -> Option<SmbNegotiate> {
    if reader.u16_le("SMB2 structure size").ok()? != 65 {
        return None;
    }
    reader.u16_le("SMB2 security mode").ok()?;
    let dialect = SmbDialect(reader.u16_le("SMB2 dialect").ok()?);
    reader.bytes(34, "SMB2 server and limits").ok()?;
    Some(SmbNegotiate {
        dialect,
        system_time: filetime::nanos(file_time(&mut reader)?),
    })
}

/// Whether a guest is let in, and the token, as far as the message goes.
fn setup(mut reader: Reader<'_>, message: &[u8], is_answer: bool) -> Option<(bool, AuthToken)> {
    let size = if is_answer {
        SETUP_ANSWERED
    } else {
        SETUP_ASKED
    };
    if reader.u16_le("SMB2 structure size").ok()? != size {
        return None;
    }
    let flags = reader.u16_le("SMB2 session flags").ok()?;
    if !is_answer {
        reader.bytes(8, "SMB2 capabilities and channel").ok()?;
    }
    let at = usize::from(reader.u16_le("SMB2 token offset").ok()?);
    let len = usize::from(reader.u16_le("SMB2 token length").ok()?);
    let rest = message.get(at.max(HEADER_2)..).unwrap_or_default();
    let token = rest.get(..len).unwrap_or(rest);
    let scheme = Scheme(WireText::from("Negotiate"));
    let is_guest = is_answer && flags & NOT_ITSELF != 0;
    Some((is_guest, auth_header::token(scheme, token)))
}

fn file_time(reader: &mut Reader<'_>) -> Option<u64> {
    reader.array("SMB time").ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second second of 1970.
    const TIME: [u8; 8] = 116_444_736_010_000_000_u64.to_le_bytes();

    /// An answer of version 2 with dialect 3.1.1; the layout is that of MS-SMB2 sections 2.2.1.2 and 2.2.4.
    fn answer() -> Vec<u8> {
        let mut bytes = vec![0; 64 + 64];
        bytes[..4].copy_from_slice(b"\xfeSMB");
        bytes[4] = 64;
        bytes[16] = 1;
        bytes[64] = 65;
        bytes[68..70].copy_from_slice(&[0x11, 0x03]);
        bytes[104..112].copy_from_slice(&TIME);
        bytes
    }

    fn chosen(message: &[u8]) -> Option<SmbNegotiate> {
        match decode(message)? {
            SmbMessage::Negotiate(answer) => Some(answer),
            _ => None,
        }
    }

    /// A leg of a setup of version 2 with a token of NTLM; the layout is that of MS-SMB2 sections 2.2.5 and 2.2.6.
    fn leg(is_answer: bool) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..4].copy_from_slice(b"\xfeSMB");
        bytes[8..12].copy_from_slice(&0xc000_006d_u32.to_le_bytes());
        bytes[12] = 1;
        bytes[16] = u8::from(is_answer);
        bytes[24] = 7;
        let fixed: &[u8] = if is_answer {
            &[9, 0, 1, 0, 72, 0, 32, 0]
        } else {
            &[
                25, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 88, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ]
        };
        bytes.extend(fixed);
        bytes.extend(b"NTLMSSP\0\x01\0\0\0");
        bytes.extend([0; 20]);
        bytes
    }

    fn set_up(message: &[u8]) -> Option<SmbSetup> {
        match decode(message)? {
            SmbMessage::Setup(setup) => Some(*setup),
            _ => None,
        }
    }

    #[test]
    fn a_setup_has_its_token_and_its_answer_a_status() {
        let asked = set_up(&leg(false)).unwrap();
        assert_eq!((asked.message_id, asked.answer), (7, None));
        assert_eq!((asked.token.bytes, asked.token.ntlm_type()), (32, Some(1)));
        let answered = set_up(&leg(true)).unwrap();
        let verdict = answered.answer.unwrap();
        assert_eq!((answered.message_id, answered.token.bytes), (7, 32));
        assert_eq!(verdict.status, NtStatus(0xc000_006d));
        assert!(verdict.is_guest);
    }

    #[test]
    fn a_token_that_was_cut_or_stands_elsewhere_is_read_as_far_as_it_goes() {
        for is_answer in [false, true] {
            let whole = leg(is_answer);
            for len in 0..whole.len() {
                let bytes = set_up(&whole[..len]).map_or(0, |it| it.token.bytes);
                assert!(bytes < 32, "{len}");
            }
        }
        let mut far = leg(true);
        far[68..72].fill(0xff);
        assert_eq!(set_up(&far).unwrap().token.bytes, 0);
    }

    #[test]
    fn an_offer_may_stand_before_the_answer() {
        let mut offer = answer();
        offer[16] = 0;
        assert_eq!(decode(&offer), Some(SmbMessage::Offer));
    }

    #[test]
    fn the_time_of_an_answer_is_read_and_that_of_nothing_else() {
        let told = chosen(&answer()).unwrap();
        assert_eq!(
            (told.dialect.to_string().as_str(), told.system_time),
            ("SMB 3.1.1", Some(1_000_000_000))
        );
        for (at, value) in [(12, 1), (16, 0), (64, 36)] {
            let mut other = answer();
            other[at] = value;
            assert_eq!(chosen(&other), None, "{at}");
        }
    }

    #[test]
    fn an_answer_cut_before_its_time_is_none() {
        for len in 0..112 {
            assert_eq!(chosen(&answer()[..len]), None, "{len}");
        }
        assert!(chosen(&answer()[..112]).is_some());
    }

    #[test]
    fn version_1_counts_its_words() {
        let mut bytes = vec![0; 32 + 1 + 34];
        bytes[..5].copy_from_slice(b"\xffSMBr");
        bytes[9] = 0x88;
        bytes[32] = 17;
        bytes[56..64].copy_from_slice(&TIME);
        assert_eq!(chosen(&bytes).unwrap().system_time, Some(1_000_000_000));
        bytes[56..64].fill(0);
        assert_eq!(chosen(&bytes).unwrap().system_time, None);
        bytes[32] = 13;
        assert_eq!(chosen(&bytes), None);
    }
}
