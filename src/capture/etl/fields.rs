//! The data of an event, field by field.
//!
//! Never reads behind its end: a field that is not all there is none.

/// What is left of an event's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    #[inline]
    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    #[inline]
    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// As many bytes as the number before them says.
    #[inline]
    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    /// A text of UTF-16 that ends with a zero, without it.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let units = self.0.chunks_exact(2);
        let len = 2 * units.into_iter().position(|unit| unit == [0, 0])?;
        let text = self.bytes(len)?;
        self.bytes(2)?;
        Some(text)
    }
}
