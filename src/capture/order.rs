//! The byte order of a file, or of a section of it.
//!
//! Never fails: what lies beyond the end of the bytes reads as zero, and lengths are checked by the caller.

/// Which byte of a number comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    #[inline]
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let octets = octets(bytes, at);
        match self {
            Self::Little => u16::from_le_bytes(octets),
            Self::Big => u16::from_be_bytes(octets),
        }
    }

    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let octets = octets(bytes, at);
        match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        }
    }

    pub(super) fn i64(self, bytes: &[u8], at: usize) -> i64 {
        let octets = octets(bytes, at);
        match self {
            Self::Little => i64::from_le_bytes(octets),
            Self::Big => i64::from_be_bytes(octets),
        }
    }
}

#[inline]
fn octets<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_either_order() {
        let bytes = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Order::Little.u16(&bytes, 1), 0x0201);
        assert_eq!(Order::Big.u16(&bytes, 1), 0x0102);
        assert_eq!(Order::Little.u32(&bytes, 1), 0x0403_0201);
        assert_eq!(Order::Big.u32(&bytes, 1), 0x0102_0304);
        assert_eq!(Order::Little.i64(&bytes, 1), 0x0807_0605_0403_0201);
        assert_eq!(Order::Big.i64(&bytes, 1), 0x0102_0304_0506_0708);
    }

    #[test]
    fn what_is_not_there_is_zero() {
        assert_eq!(Order::Big.u32(&[1, 2, 3], 0), 0);
        assert_eq!(Order::Big.u16(&[1, 2, 3], usize::MAX), 0);
    }
}
