//! Windows counts tenths of microseconds since 1601.
//!
//! Never overflows: what no timestamp can hold is the nearest one.

/// 1970 in tenths of microseconds since 1601.
const UNIX: i64 = 116_444_736_000_000_000;

/// Nanoseconds since 1970 of a FILETIME.
#[inline]
pub(super) const fn nanos(filetime: i64) -> i64 {
    filetime.saturating_sub(UNIX).saturating_mul(100)
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn a_filetime_is_told_in_nanoseconds_since_1970() {
        assert_eq!(nanos(128_873_217_111_002_345), 1_242_848_111_100_234_500);
        assert_eq!(nanos(i64::MAX), i64::MAX);
        assert_eq!(nanos(i64::MIN), i64::MIN);
    }
}
