//! The checksums of IP, TCP, UDP and ICMP (RFC 1071).
//!
//! Never says that a packet is whole: who calls knows that.

use std::net::IpAddr;

/// A sum of words.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds bytes; an odd one at the end counts as a word with a zero.
    pub(super) fn add(self, bytes: &[u8]) -> Self {
        let words = bytes.chunks(2).map(|word| match word {
            [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
            [high] => u64::from(*high) << 8,
            _ => 0,
        });
        Self(self.0 + words.sum::<u64>())
    }

    /// Adds the addresses, the protocol and the length that a transport's checksum counts.
    pub(super) fn of_transport(src: IpAddr, dst: IpAddr, protocol: u8, len: usize) -> Self {
        let sum = [src, dst]
            .iter()
            .fold(Self::default(), |sum, address| match address {
                IpAddr::V4(address) => sum.add(&address.octets()),
                IpAddr::V6(address) => sum.add(&address.octets()),
            });
        Self(sum.0 + u64::from(protocol) + len as u64)
    }

    /// What stands in the header.
    pub(super) fn checksum(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        !u16::try_from(sum).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071 section 3.
    #[test]
    fn words_are_summed_with_their_carries() {
        let sum = Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.checksum(), !0xddf2);
    }
}
