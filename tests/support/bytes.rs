//! Numbers in either byte order.

/// Which byte of a number comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ByteOrder {
    /// The lowest.
    Little,
    /// The highest.
    Big,
}

impl ByteOrder {
    /// Both of them.
    pub(crate) const BOTH: [Self; 2] = [Self::Little, Self::Big];

    /// Appends a number of two bytes.
    pub(crate) fn put_u16(self, out: &mut Vec<u8>, number: u16) {
        out.extend_from_slice(&match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        });
    }

    /// Appends a number of four bytes.
    pub(crate) fn put_u32(self, out: &mut Vec<u8>, number: u32) {
        out.extend_from_slice(&match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        });
    }

    /// Eight bytes of a number with a sign.
    pub(crate) fn i64(self, number: i64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// Appends zeros up to a multiple of four.
pub(crate) fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}
