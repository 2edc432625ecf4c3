//! A cursor over untrusted bytes that cannot panic.
//!
//! Never copies, and never moves beyond the end.

use thiserror::Error;

/// Bytes that could not be read: what was being read, where, and how it was wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{reading}: {kind} at offset {offset}")]
pub struct DecodeError {
    /// What was being read.
    pub reading: &'static str,
    /// Where, from the beginning of what was given to the decoder.
    pub offset: usize,
    /// How it was wrong.
    pub kind: DecodeErrorKind,
}

/// How bytes were wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum DecodeErrorKind {
    /// They end too early.
    #[error("ends too early")]
    Truncated,
    /// They are not of the form that is due here.
    #[error("is malformed")]
    Malformed,
}

/// A cursor.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A cursor at the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    /// How many bytes were taken.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes that are left.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether no byte is left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes the next `len` bytes.
    pub fn bytes(&mut self, len: usize, reading: &'static str) -> Result<&'a [u8], DecodeError> {
        let Some((head, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.error(reading, DecodeErrorKind::Truncated));
        };
        self.rest = rest;
        self.offset += len;
        Ok(head)
    }

    /// Takes `N` bytes as an array.
    pub fn array<const N: usize>(&mut self, reading: &'static str) -> Result<[u8; N], DecodeError> {
        let bytes = self.bytes(N, reading)?;
        bytes
            .try_into()
            .map_err(|_| self.error(reading, DecodeErrorKind::Truncated))
    }

    /// Takes one byte.
    pub fn u8(&mut self, reading: &'static str) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array(reading)?))
    }

    /// Takes two bytes, the high one first.
    pub fn u16_be(&mut self, reading: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array(reading)?))
    }

    /// Takes two bytes, the low one first.
    pub fn u16_le(&mut self, reading: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array(reading)?))
    }

    /// Takes four bytes, the high one first.
    pub fn u32_be(&mut self, reading: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array(reading)?))
    }

    /// Takes four bytes, the low one first.
    pub fn u32_le(&mut self, reading: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array(reading)?))
    }

    /// The error that something is wrong at this place.
    pub const fn error(&self, reading: &'static str, kind: DecodeErrorKind) -> DecodeError {
        DecodeError {
            reading,
            offset: self.offset,
            kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_beyond_the_end_is_told_with_its_place() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16_be("pair").unwrap(), 0x0102);
        let error = reader.u32_le("number").unwrap_err();
        assert_eq!((error.offset, error.kind), (2, DecodeErrorKind::Truncated));
        assert_eq!(reader.rest(), [3]);
    }
}
