//! Windows time: units of 100 ns since 1601 (MS-DTYP section 2.3.3).
//!
//! Never takes 0 for a time: it stands for none.

/// From 1601 to 1970, in units of 100 ns.
const OF_1970: i64 = 116_444_736_000_000_000;

/// Nanoseconds since 1970; `None` for 0 and for what does not fit.
pub fn nanos(units: u64) -> Option<i64> {
    let units = i64::try_from(units).ok().filter(|units| *units != 0)?;
    units.checked_sub(OF_1970)?.checked_mul(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_from_1601() {
        assert_eq!(nanos(116_444_736_000_000_001), Some(100));
        assert_eq!(nanos(0), None);
        assert_eq!(nanos(u64::MAX), None);
    }
}
