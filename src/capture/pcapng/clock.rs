//! How the timestamps of a pcapng interface count: `if_tsresol` and `if_tsoffset`.
//!
//! Never loses a tick to rounding before nanoseconds, and never overflows: what no [`Timestamp`] can hold is the nearest one.

use crate::frame::Timestamp;

const SECOND: i128 = 1_000_000_000;

/// The clock of an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock {
    tick: Tick,
    /// Nanoseconds to add.
    offset: i128,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tick {
    /// A whole number of nanoseconds: any power of ten down to the ninth.
    Nanos(u32),
    /// So many ticks are a second.
    PerSecond(u128),
}

impl Clock {
    /// Microseconds since 1970: what holds where an interface says nothing else.
    pub(super) const MICROSECONDS: u8 = 6;

    /// The clock with a resolution as `if_tsresol` writes it, a negative power of ten or, with the high bit set, of two, and
    /// `offset` seconds to add.
    pub(super) fn new(resolution: u8, offset: i64) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let is_binary = resolution & 0x80 != 0;
        let tick = match 9_u32.checked_sub(exponent) {
            Some(zeros) if !is_binary => Tick::Nanos(10_u32.pow(zeros)),
            _ => {
                let base: u128 = if is_binary { 2 } else { 10 };
                Tick::PerSecond(base.saturating_pow(exponent))
            }
        };
        Self {
            tick,
            offset: i128::from(offset) * SECOND,
        }
    }

    /// The moment that is `ticks` after the clock's zero.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Timestamp {
        let since_zero = match self.tick {
            Tick::Nanos(nanos) => i128::from(ticks) * i128::from(nanos),
            Tick::PerSecond(units) => fraction(ticks, units),
        };
        let nanos = since_zero + self.offset;
        let nearest = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_nanos(i64::try_from(nearest).unwrap_or(i64::MAX))
    }
}

/// `ticks` of which `units` are a second, in nanoseconds. A product of 64 and 30 bits fits.
fn fraction(ticks: u64, units: u128) -> i128 {
    let nanos = u128::from(ticks) * SECOND.unsigned_abs() / units;
    i128::try_from(nanos).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_of_ten_and_of_two_give_the_same_moment() {
        let spellings = [
            (3, 1_500),
            (6, 1_500_000),
            (9, 1_500_000_000),
            (12, 1_500_000_000_000),
            (0x81, 3),
            (0x8a, 1_536),
            (0xa0, 3 << 31),
        ];
        for (resolution, ticks) in spellings {
            let clock = Clock::new(resolution, -1);
            assert_eq!(clock.time(ticks).nanos(), 500_000_000, "{resolution:#x}");
        }
        assert_eq!(Clock::new(0, 2).time(3).nanos(), 5_000_000_000);
    }

    #[test]
    fn what_no_timestamp_can_hold_is_the_nearest_one() {
        assert_eq!(Clock::new(0, 0).time(u64::MAX).nanos(), i64::MAX);
        assert_eq!(Clock::new(9, i64::MIN).time(0).nanos(), i64::MIN);
        assert_eq!(Clock::new(0, i64::MAX).time(u64::MAX).nanos(), i64::MAX);
        for resolution in [0x7f, 0xff] {
            assert_eq!(
                Clock::new(resolution, 1).time(u64::MAX).nanos(),
                1_000_000_000
            );
        }
    }
}
