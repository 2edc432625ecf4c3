//! NTP (RFC 5905): who asks, who answers, and the clock of each.
//!
//! Never corrects a clock: the times are as they were sent.

use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};

/// From 1900 to 1970, in seconds.
const UNIX_EPOCH: i64 = 2_208_988_800;
/// Seconds of an era: the counter of 32 bits begins anew in 2036.
const ERA: i64 = 1 << 32;
/// The leap indicator of a clock that is not synchronised.
const UNSYNCHRONISED: u8 = 3;

/// A packet of a client or a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NtpPacket {
    /// Whether a server answers.
    pub is_answer: bool,
    /// What is said of the next leap second; 3 means that the clock is not synchronised.
    pub leap: u8,
    /// Steps to a reference clock; 0 is a server that sends the client away, 16 one that has none.
    pub stratum: u8,
    /// The client's clock when it asked, as the answer repeats it, bit by bit; 0 in a question.
    pub origin: u64,
    /// The server's clock when the question came, in nanoseconds since 1970; `None` where it does not say.
    pub receive: Option<i64>,
    /// The sender's clock when it sent this, in nanoseconds since 1970; `None` where it does not say.
    pub transmit: Option<i64>,
    /// The same as it was sent, by which the answer names its question.
    pub transmit_bits: u64,
}

impl NtpPacket {
    /// Whether it is an answer of a server that vouches for its clock.
    pub const fn is_reading(&self) -> bool {
        self.is_answer && self.leap != UNSYNCHRONISED && self.stratum >= 1 && self.stratum <= 15
    }
}

/// Reads a packet between a client and a server, or between two peers of which one asks (modes 1 to 4).
///
/// # Errors
///
/// [`DecodeError`] where it is cut, or of another mode.
pub fn decode(bytes: &[u8]) -> Result<NtpPacket, DecodeError> {
    let mut reader = Reader::new(bytes);
    let first = reader.u8("NTP mode")?;
    let is_answer = match first & 7 {
        1 | 3 => false,
        2 | 4 => true,
        _ => return Err(reader.error("NTP mode", DecodeErrorKind::Malformed)),
    };
    let stratum = reader.u8("NTP stratum")?;
    reader.bytes(22, "NTP reference")?;
    let origin = time(&mut reader, "NTP origin time")?;
    let receive = time(&mut reader, "NTP receive time")?;
    let transmit = time(&mut reader, "NTP transmit time")?;
    Ok(NtpPacket {
        is_answer,
        leap: first >> 6,
        stratum,
        origin,
        receive: nanos(receive),
        transmit: nanos(transmit),
        transmit_bits: transmit,
    })
}

fn time(reader: &mut Reader<'_>, reading: &'static str) -> Result<u64, DecodeError> {
    reader.array(reading).map(u64::from_be_bytes)
}

/// A timestamp of NTP, seconds before the fraction; a low number is of the era that begins in 2036, and 0 is none.
fn nanos(bits: u64) -> Option<i64> {
    let seconds = i64::try_from(bits >> 32).ok()?;
    let fraction = i64::try_from(bits & 0xffff_ffff).ok()?;
    let era = if bits >> 63 == 0 { ERA } else { 0 };
    let whole = seconds + era - UNIX_EPOCH;
    (seconds != 0).then_some(whole * 1_000_000_000 + ((fraction * 1_000_000_000) >> 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_of_1900_goes_on_in_2036() {
        assert_eq!(nanos(2_208_988_800 << 32 | 1 << 31), Some(500_000_000));
        assert_eq!(nanos(1 << 32), Some((ERA + 1 - UNIX_EPOCH) * 1_000_000_000));
        assert_eq!(nanos(0), None);
        assert!(decode(&[0x23; 47]).is_err());
    }

    #[test]
    fn a_server_that_does_not_vouch_for_its_clock_gives_no_reading() {
        let is_reading = |first: u8, stratum: u8| {
            let mut bytes = [0; 48];
            bytes[0] = first;
            bytes[1] = stratum;
            decode(&bytes).unwrap().is_reading()
        };
        assert!(is_reading(0x24, 2));
        assert!(!is_reading(0x23, 2), "a question");
        assert!(!is_reading(0xe4, 2), "not synchronised");
        assert!(!is_reading(0x24, 0), "sent away");
        assert!(!is_reading(0x24, 16), "no reference");
    }
}
