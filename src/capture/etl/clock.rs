//! The first record of a trace: what it says of the clock, of losses and of the machine.
//!
//! Never overflows: what no timestamp can hold is the nearest one.

use crate::capture::etl::records::kind;
use crate::capture::order::Order;
use crate::capture::windows_time;

const ORDER: Order = Order::Little;
/// The length of a system record's header.
const SYSTEM: usize = 32;
/// What Windows 10 and later count in a second.
const USUAL_FREQUENCY: i64 = 10_000_000;

/// How raw times become moments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Clock {
    /// They count tenths of microseconds since 1601.
    FileTime,
    /// They count ticks since `zero`, which was `start` since 1601; `per_second` of them are a second.
    Ticks {
        zero: i64,
        start: i64,
        per_second: i64,
    },
}

impl Clock {
    /// Nanoseconds since 1970.
    #[inline]
    pub(super) fn nanos(self, raw: i64) -> i64 {
        match self {
            Self::FileTime => windows_time::nanos(raw),
            Self::Ticks {
                zero,
                start,
                per_second,
            } => {
                let ticks = i128::from(raw) - i128::from(zero);
                let since = ticks * 10_000_000 / i128::from(per_second);
                let nearest = since.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
                let since = i64::try_from(nearest).unwrap_or(i64::MAX);
                windows_time::nanos(start.saturating_add(since))
            }
        }
    }
}

/// What the first record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LogHeader {
    pub(super) clock: Clock,
    /// Events and whole buffers that could not be written.
    pub(super) lost: (u32, u32),
}

impl LogHeader {
    /// Reads the first record of the first buffer.
    pub(super) fn read(record: &[u8]) -> Option<Self> {
        if !kind::SYSTEM.contains(record.get(2)?) || record.get(6..8)? != [0, 0] {
            return None;
        }
        let data = record.get(SYSTEM..)?;
        let pointer: usize = if ORDER.u32(data, 44) == 4 { 4 } else { 8 };
        let times = (56 + 2 * pointer + 172).next_multiple_of(8);
        let data = data.get(..times + 32)?;
        let start = ORDER.i64(data, times + 16);
        let ticks = |per_second: i64| Clock::Ticks {
            zero: ORDER.i64(record, 16),
            start,
            per_second: if per_second > 0 {
                per_second
            } else {
                USUAL_FREQUENCY
            },
        };
        let clock = match ORDER.u32(data, times + 24) {
            2 => Clock::FileTime,
            3 => ticks(i64::from(ORDER.u32(data, 52)) * 1_000_000),
            _ => ticks(ORDER.i64(data, times + 8)),
        };
        Some(Self {
            clock,
            lost: (ORDER.u32(data, 48), ORDER.u32(data, times + 28)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_exact_and_do_not_overflow() {
        let clock = Clock::Ticks {
            zero: 1_000,
            start: 116_444_736_000_000_000,
            per_second: 3_000_000,
        };
        assert_eq!(clock.nanos(1_001), 300);
        assert_eq!(clock.nanos(3_001_000), 1_000_000_000);
        assert_eq!(clock.nanos(i64::MAX), i64::MAX);
        assert!(clock.nanos(i64::MIN) < 0);
        assert_eq!(Clock::FileTime.nanos(116_444_736_000_000_001), 100);
    }
}
