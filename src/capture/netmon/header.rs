//! The file header: version, time of the beginning, and where the table of the frames is.
//!
//! Never guesses a zone: the header's time is that of the capturing machine's wall clock, and is read as if it were UTC.

use chrono::NaiveDate;

use crate::capture::order::Order;

/// The length of the file header.
pub(in crate::capture) const HEADER: usize = 72;

/// What the file header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::capture) struct NetmonHeader {
    pub(super) version: Version,
    /// The media type of frames that have none of their own.
    pub(super) media: u16,
    /// Nanoseconds since 1970 by the wall clock of the capturing machine.
    pub(super) start: i64,
    /// Where the table of frames is, and its length in bytes.
    pub(super) table: (u64, u64),
    /// Where the table of processes is, and how many it has.
    pub(super) processes: (u64, u64),
}

/// The versions differ in the frames' headers and in what follows the bytes of a frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Version {
    /// 1.x.
    One,
    /// 2.0: Network Monitor 2, and most other writers.
    Two,
    /// 2.1: the media type of each frame.
    WithMedia,
    /// 2.2: the process of each frame.
    WithProcess,
    /// 2.3: the time of each frame in UTC.
    WithTime,
}

impl Version {
    const fn new(major: u8, minor: u8) -> Option<Self> {
        Some(match (major, minor) {
            (1, _) => Self::One,
            (2, 0) => Self::Two,
            (2, 1) => Self::WithMedia,
            (2, 2) => Self::WithProcess,
            (2, 3) => Self::WithTime,
            _ => return None,
        })
    }

    /// The length of what stands before the bytes of a frame.
    pub(super) const fn head(self) -> usize {
        match self {
            Self::One => 8,
            _ => 16,
        }
    }

    /// The length of what stands behind them.
    pub(super) const fn trailer(self) -> usize {
        match self {
            Self::One | Self::Two => 0,
            Self::WithMedia => 2,
            Self::WithProcess => 6,
            Self::WithTime => 15,
        }
    }
}

/// Whether `bytes` begin as a file header does.
pub(in crate::capture) fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GMBU") || bytes.starts_with(b"RTSS")
}

/// Reads the file header, if `bytes` begin with one of a version that is known.
pub(in crate::capture) fn header(bytes: &[u8]) -> Option<NetmonHeader> {
    let bytes = bytes.get(..HEADER)?;
    let [minor, major] = *bytes.get(4..6)? else {
        return None;
    };
    let number = |at| u64::from(Order::Little.u32(bytes, at));
    let version = Version::new(major, minor)?;
    Some(NetmonHeader {
        version,
        media: Order::Little.u16(bytes, 6),
        start: wall_clock(bytes.get(8..24)?),
        table: (number(24), number(28)),
        processes: if version >= Version::WithProcess {
            (number(48), number(52))
        } else {
            (0, 0)
        },
    })
}

/// A SYSTEMTIME as if it were UTC; 1970 where it is no date. Some writers leave more than a second of milliseconds.
fn wall_clock(bytes: &[u8]) -> i64 {
    let part = |at| u32::from(Order::Little.u16(bytes, at));
    let millis = Some(part(14)).filter(|millis| *millis < 1_000);
    let year = i32::from(Order::Little.u16(bytes, 0));
    NaiveDate::from_ymd_opt(year, part(2), part(6))
        .and_then(|day| {
            day.and_hms_milli_opt(part(8), part(10), part(12), millis.unwrap_or_default())
        })
        .and_then(|time| time.and_utc().timestamp_nanos_opt())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_read_as_utc_and_nonsense_as_no_time() {
        let time = |parts: [u16; 8]| {
            let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
            wall_clock(&bytes)
        };
        let sound = 1_242_848_111_100_000_000;
        assert_eq!(time([2009, 5, 3, 20, 19, 35, 11, 100]), sound);
        let whole = sound - 100_000_000;
        assert_eq!(time([2009, 5, 3, 20, 19, 35, 11, 60_000]), whole);
        assert_eq!(time([2009, 13, 3, 20, 19, 35, 11, 100]), 0);
        assert_eq!(time([u16::MAX, 5, 3, 20, 19, 35, 11, 100]), 0);
    }

    #[test]
    fn only_known_versions_are_read() {
        let mut bytes = [0; HEADER];
        for (major, minor, is_known) in [(1, 1, true), (2, 3, true), (2, 4, false), (3, 0, false)] {
            bytes[4] = minor;
            bytes[5] = major;
            assert_eq!(header(&bytes).is_some(), is_known, "{major}.{minor}");
        }
        assert_eq!(header(&bytes[..71]), None);
    }
}
