//! NTP (RFC 5905): who asks, who answers, and the clock of each.
//!
//! Never corrects a clock: the times are as they were sent.

use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// From 1900 to 1970, in seconds.
const UNIX_EPOCH: i64 = 2_208_988_800;
/// Seconds of an era: the counter of 32 bits begins anew in 2036.
const ERA: i64 = 1 << 32;

/// A packet of a client or a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NtpPacket {
    /// Whether a server answers.
    pub is_answer: bool,
    /// Steps to a reference clock; 0 and 16 mean that it has none.
    pub stratum: u8,
    /// The sender's clock when it sent this, in nanoseconds since 1970; `None` where it does not say.
    pub transmit: Option<i64>,
}

/// Reads a packet of mode 3 (client) or 4 (server).
///
/// # Errors
///
/// [`DecodeError`] where it is cut, or of another mode.
pub fn decode(bytes: &[u8]) -> Result<NtpPacket, DecodeError> {
    let mut reader = Reader::new(bytes);
    let first = reader.u8("NTP mode")?;
    let is_answer = match first & 7 {
        3 => false,
        4 => true,
        _ => return Err(reader.error("NTP mode", DecodeErrorKind::Malformed)),
    };
    let stratum = reader.u8("NTP stratum")?;
    reader.bytes(38, "NTP times")?;
    let seconds = reader.u32_be("NTP transmit time")?;
    let fraction = reader.u32_be("NTP transmit time")?;
    Ok(NtpPacket {
        is_answer,
        stratum,
        transmit: (seconds != 0).then(|| nanos(seconds, fraction)),
    })
}

/// A timestamp of NTP; a low number is of the era that begins in 2036.
fn nanos(seconds: u32, fraction: u32) -> i64 {
    let era = if seconds >> 31 == 0 { ERA } else { 0 };
    let whole = i64::from(seconds) + era - UNIX_EPOCH;
    whole * 1_000_000_000 + ((i64::from(fraction) * 1_000_000_000) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_of_1900_goes_on_in_2036() {
        assert_eq!(nanos(2_208_988_800, 1 << 31), 500_000_000);
        assert_eq!(nanos(0, 0), (ERA - UNIX_EPOCH) * 1_000_000_000);
        assert!(decode(&[0x23; 47]).is_err());
    }
}
