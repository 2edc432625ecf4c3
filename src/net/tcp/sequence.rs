//! Sequence numbers that wrap (RFC 9293 section 3.4) as 64-bit stream offsets.
//!
//! Never believes that a number is more than half of their range away from where the stream is.

/// Where a stream's offset 0 lies among the sequence numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Origin(pub(super) u32);

impl Origin {
    /// The stream offset of `sequence`, near to `near`; negative for bytes before the stream's beginning.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "sequence numbers are counted modulo 2^32, and distances are signed"
    )]
    pub(super) fn offset(self, sequence: u32, near: i64) -> i64 {
        let here = self.0.wrapping_add(near as u32);
        let distance = sequence.wrapping_sub(here) as i32;
        near + i64::from(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_on_where_sequence_numbers_wrap() {
        let origin = Origin(0xffff_fff0);
        assert_eq!(origin.offset(0xffff_fff0, 0), 0);
        assert_eq!(origin.offset(0x10, 0), 0x20);
        assert_eq!(origin.offset(0x10, 1 << 32), (1 << 32) + 0x20);
        assert_eq!(origin.offset(0xffff_ffef, 0), -1);
    }
}
