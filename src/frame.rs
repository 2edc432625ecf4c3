//! Frames as a capture file delivers them: number, time, link type, bytes.
//!
//! Never looks inside a frame.

mod drops;
mod processes;

pub use drops::PacketDrop;
pub use processes::{ListedProcess, Process, Processes};

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// One packet record's place in its file, counted from 1 over all packet records, as Wireshark counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FrameNumber(pub u64);

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A program that shows the frames of a capture, by numbers of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Viewer {
    /// Wireshark.
    Wireshark,
    /// Network Monitor, which numbers the events of a trace.
    NetworkMonitor,
}

/// How another viewer numbers the frames of a file: a few runs in which its numbers lie the same way from those here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherNumbers {
    viewer: Viewer,
    /// The first number of each run, and the other viewer's.
    runs: Vec<(u64, u64)>,
    /// The first frame that is not translated any more, where there were more runs than are kept.
    end: Option<FrameNumber>,
}

impl OtherNumbers {
    /// Runs that are kept: 32 MiB of them.
    const RUNS: usize = 2 << 20;

    /// The numbers of `viewer`, which are the same as here until another one is told.
    pub const fn new(viewer: Viewer) -> Self {
        Self {
            viewer,
            runs: Vec::new(),
            end: None,
        }
    }

    /// Whose numbers they are.
    pub const fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// Says that the frame `number`, behind all that were told before, is `other` elsewhere.
    #[inline]
    pub fn tell(&mut self, number: FrameNumber, other: u64) {
        let expected = self
            .runs
            .last()
            .map_or(number.0, |(here, there)| number.0 - here + there);
        if other == expected {
            return;
        }
        if self.runs.len() < Self::RUNS {
            self.runs.push((number.0, other));
        } else {
            self.end.get_or_insert(number);
        }
    }

    /// The other viewer's number of a frame, as far as it is known.
    pub fn of(&self, number: FrameNumber) -> Option<FrameNumber> {
        if self.end.is_some_and(|end| number >= end) {
            return None;
        }
        let run = self.runs.partition_point(|(first, _)| *first <= number.0);
        let run = run.checked_sub(1).and_then(|at| self.runs.get(at));
        Some(run.map_or(number, |(here, there)| FrameNumber(number.0 - here + there)))
    }

    /// The number here of what is `other` elsewhere, where the frames lie in one order in both.
    pub fn here(&self, other: u64) -> Option<FrameNumber> {
        let behind = self.runs.partition_point(|(_, there)| *there <= other);
        let run = behind.checked_sub(1).and_then(|at| self.runs.get(at));
        let number = run.map_or(other, |(here, there)| other - there + here);
        let is_before_next = |(next, _): &(u64, u64)| number < *next;
        let is_known = self.runs.get(behind).is_none_or(is_before_next);
        let is_kept = self.end.is_none_or(|end| number < end.0);
        (is_known && is_kept).then_some(FrameNumber(number))
    }

    /// The other viewer's numbers of some frames; none where they are the same, or not all known.
    pub fn of_all(&self, frames: &[FrameNumber]) -> Vec<FrameNumber> {
        let others: Option<Vec<FrameNumber>> = frames.iter().map(|frame| self.of(*frame)).collect();
        others.filter(|others| others != frames).unwrap_or_default()
    }

    /// Whether all numbers are the same.
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

/// Where the frames of several captures, which are counted as one, stand in their own files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Places {
    /// The first number of each run, its file and its number there.
    runs: Vec<(u64, usize, u64)>,
}

impl Places {
    /// Runs that are kept: 24 MiB of them.
    const RUNS: usize = 1 << 20;

    /// Says that the frame `number`, behind all that were told before, is the frame `own` of `file`.
    pub fn tell(&mut self, number: FrameNumber, file: usize, own: FrameNumber) {
        let goes_on = self.runs.last().is_some_and(|(first, known, there)| {
            *known == file && number.0 - first + there == own.0
        });
        if !goes_on && self.runs.len() < Self::RUNS {
            self.runs.push((number.0, file, own.0));
        }
    }

    /// The number of the frame `own` of `file`, if it is one of the last that were told.
    pub fn number_of(&self, file: usize, own: FrameNumber) -> Option<FrameNumber> {
        const LOOKED_AT: usize = 4_096;
        let mut next = u64::MAX;
        for (first, known, there) in self.runs.iter().rev().take(LOOKED_AT) {
            if *known == file && *there <= own.0 {
                let number = own.0 - there + first;
                return (number < next).then_some(FrameNumber(number));
            }
            next = *first;
        }
        None
    }

    /// The file of a frame and its number there, as far as it is known.
    pub fn of(&self, number: FrameNumber) -> Option<(usize, FrameNumber)> {
        let behind = self
            .runs
            .partition_point(|(first, _, _)| *first <= number.0);
        let (first, file, own) = self.runs.get(behind.checked_sub(1)?)?;
        let is_last = behind == self.runs.len() && self.runs.len() >= Self::RUNS;
        (!is_last).then(|| (*file, FrameNumber(number.0 - first + own)))
    }
}

/// A moment by the clock of the capture, in nanoseconds since 1970-01-01T00:00:00Z.
///
/// It is the only clock below the command: nothing in the analysis asks what time it is now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `nanos` nanoseconds after 1970-01-01T00:00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Nanoseconds from `earlier` to this moment; negative when this one is the earlier. Saturates.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same moment as a calendar date.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with microseconds: `2009-05-20T19:35:11.100234Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// How the bytes of a frame begin: a LINKTYPE number of the registry at tcpdump.org.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: four bytes of address family in the byte order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Raw IP as some BSD systems write it.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP as some other BSD systems write it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IP: the version nibble tells 4 from 6.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Token Ring.
    pub const TOKEN_RING: Self = Self(6);
    /// FDDI.
    pub const FDDI: Self = Self(10);
    /// 802.11, beginning with its own header.
    pub const WIFI: Self = Self(105);
    /// 802.11 behind a radiotap header.
    pub const RADIOTAP: Self = Self(127);
    /// Any link type behind a header of PPI.
    pub const PPI: Self = Self(192);
    /// PPP, with its HDLC header or without.
    pub const PPP: Self = Self(9);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// The name a reader of captures knows, if the link type is one this program reads.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NULL => "BSD loopback",
            Self::ETHERNET => "Ethernet",
            Self::RAW | Self::RAW_BSD | Self::RAW_OPENBSD => "Raw IP",
            Self::LOOP => "OpenBSD loopback",
            Self::PPP => "PPP",
            Self::WIFI => "802.11",
            Self::RADIOTAP => "802.11 with radiotap",
            Self::PPI => "PPI",
            Self::LINUX_SLL => "Linux cooked v1",
            Self::IPV4 => "Raw IPv4",
            Self::IPV6 => "Raw IPv6",
            Self::LINUX_SLL2 => "Linux cooked v2",
            _ => return None,
        })
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "link type {}", self.0),
        }
    }
}

/// One packet record, lent by a capture reader until the next one is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its place in the file.
    pub number: FrameNumber,
    /// When it was captured. A record without a time (pcapng simple packet block) has that of the record before it.
    pub time: Timestamp,
    /// How `bytes` begin.
    pub link: LinkType,
    /// The captured bytes, without a frame check sequence where the file says that there is one.
    pub bytes: &'a [u8],
    /// The frame's length on the wire, in bytes; `>= bytes.len()`.
    pub wire_len: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_viewers_numbers_are_found_by_the_run_that_a_frame_is_in() {
        let mut others = OtherNumbers::new(Viewer::Wireshark);
        for (number, other) in [(1, 1), (2, 2), (3, 22), (4, 23), (5, 30)] {
            others.tell(FrameNumber(number), other);
        }
        let found = (1..=5).filter_map(|number| others.of(FrameNumber(number)));
        assert!(found.eq([1, 2, 22, 23, 30].map(FrameNumber)));
        assert_eq!(others.runs.len(), 2);
        assert!(OtherNumbers::new(Viewer::Wireshark).is_empty());
        let seven = FrameNumber(7);
        assert_eq!(OtherNumbers::new(Viewer::Wireshark).of(seven), Some(seven));
    }
}
