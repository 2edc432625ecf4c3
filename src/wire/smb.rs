//! The answer to an SMB negotiation, of version 1 (MS-SMB section 2.2.4.5.2) or 2 and later (MS-SMB2 section 2.2.4).
//!
//! Never reads any other message of SMB: the answer holds the server's clock, and nothing else is wanted.

use std::fmt;

use crate::wire::filetime;
use crate::wire::reader::Reader;

/// `NEGOTIATE` of version 1.
const NEGOTIATE_1: u8 = 0x72;
/// Words of an answer that holds a time as Windows counts it; older dialects have another one.
const WORDS_OF_NT: u8 = 17;
/// The message goes to the client, in the flags of version 1.
const REPLY_1: u8 = 0x80;
/// The same, in the flags of version 2.
const REPLY_2: u32 = 1;

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

/// Reads a message without its session header; `None` where it is no such answer, or is cut before the time.
pub fn decode(message: &[u8]) -> Option<SmbNegotiate> {
    let mut reader = Reader::new(message);
    match reader.array("SMB protocol").ok()? {
        [0xff, b'S', b'M', b'B'] => version_1(reader),
        [0xfe, b'S', b'M', b'B'] => version_2(reader),
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

fn version_1(mut reader: Reader<'_>) -> Option<SmbNegotiate> {
    let command = reader.u8("SMB command").ok()?;
    reader.u32_le("SMB status").ok()?;
    let flags = reader.u8("SMB flags").ok()?;
    reader.bytes(22, "SMB header").ok()?;
    let words = reader.u8("SMB word count").ok()?;
    if command != NEGOTIATE_1 || flags & REPLY_1 == 0 || words != WORDS_OF_NT {
        return None;
    }
    reader.bytes(23, "SMB limits and capabilities").ok()?;
    Some(SmbNegotiate {
        dialect: SmbDialect(0),
        system_time: filetime::nanos(file_time(&mut reader)?),
    })
}

fn version_2(mut reader: Reader<'_>) -> Option<SmbNegotiate> {
    reader.bytes(8, "SMB2 sizes and status").ok()?;
    let command = reader.u16_le("SMB2 command").ok()?;
    reader.u16_le("SMB2 credits").ok()?;
    let flags = reader.u32_le("SMB2 flags").ok()?;
    reader.bytes(44, "SMB2 header").ok()?;
    let size = reader.u16_le("SMB2 structure size").ok()?;
    if command != 0 || flags & REPLY_2 == 0 || size != 65 {
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

    #[test]
    fn the_time_of_an_answer_is_read_and_that_of_nothing_else() {
        let told = decode(&answer()).unwrap();
        assert_eq!(
            (told.dialect.to_string().as_str(), told.system_time),
            ("SMB 3.1.1", Some(1_000_000_000))
        );
        for (at, value) in [(12, 1), (16, 0), (64, 36)] {
            let mut other = answer();
            other[at] = value;
            assert_eq!(decode(&other), None, "{at}");
        }
    }

    #[test]
    fn an_answer_cut_before_its_time_is_none() {
        for len in 0..112 {
            assert_eq!(decode(&answer()[..len]), None, "{len}");
        }
        assert!(decode(&answer()[..112]).is_some());
    }

    #[test]
    fn version_1_counts_its_words() {
        let mut bytes = vec![0; 32 + 1 + 34];
        bytes[..5].copy_from_slice(b"\xffSMBr");
        bytes[9] = 0x88;
        bytes[32] = 17;
        bytes[56..64].copy_from_slice(&TIME);
        assert_eq!(decode(&bytes).unwrap().system_time, Some(1_000_000_000));
        bytes[56..64].fill(0);
        assert_eq!(decode(&bytes).unwrap().system_time, None);
        bytes[32] = 13;
        assert_eq!(decode(&bytes), None);
    }
}
