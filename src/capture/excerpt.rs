//! Only a part of a capture: some of its frames, or those of a span of time.
//!
//! Never renumbers: a frame that is left keeps its place in the file.

use std::fmt;

use crate::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::limits::Limitation;

const DAY: i64 = 86_400 * 1_000_000_000;

/// Which frames of a capture are wanted: those that are in all that is given here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Excerpt {
    /// By their numbers. A file of which none are named is wanted whole.
    pub frames: Vec<FramesOfFile>,
    /// Not before this moment.
    pub from: Option<Moment>,
    /// Not after it.
    pub to: Option<Moment>,
}

/// Frames of one file of a capture that may be made of several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FramesOfFile {
    /// Which file, from 0.
    pub file: usize,
    /// What the file is called, where there are others.
    pub name: Option<String>,
    /// Their numbers in that file.
    pub ranges: FrameRanges,
}

impl fmt::Display for FramesOfFile {
    /// `frames 4–7, 9`, or `mp.cap#4–7, 9`, as reports name the frames of several files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}#{}", self.ranges),
            None => write!(f, "frames {}", self.ranges),
        }
    }
}

/// Frame numbers: ranges in order that do not touch each other, both ends included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameRanges(Vec<(u64, u64)>);

impl FrameRanges {
    /// What is in any of `ranges`, in whatever order they come.
    pub fn new(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = (*end).max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// Whether a frame is in it.
    pub fn contains(&self, number: FrameNumber) -> bool {
        let behind = self.0.partition_point(|(first, _)| *first <= number.0);
        let range = behind.checked_sub(1).and_then(|at| self.0.get(at));
        range.is_some_and(|(_, last)| number.0 <= *last)
    }
}

impl fmt::Display for FrameRanges {
    /// `4–7, 9, from 30 on`; of many ranges the first few.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TOLD: usize = 8;
        for (place, (first, last)) in self.0.iter().take(TOLD).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            match *last {
                u64::MAX => write!(f, "{comma}{first} and later")?,
                last if last == *first => write!(f, "{comma}{first}")?,
                last => write!(f, "{comma}{first}–{last}")?,
            }
        }
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, " and {more} more ranges"),
        }
    }
}

/// A moment, as a person names it who looks at a capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// This one.
    At(Timestamp),
    /// So many nanoseconds after the midnight, in UTC, of the day on which the capture begins.
    OfDay(i64),
    /// So many nanoseconds after the first frame of the capture.
    After(i64),
}

impl Moment {
    fn resolve(self, first: Timestamp) -> Timestamp {
        let first = first.nanos();
        Timestamp::from_nanos(match self {
            Self::At(time) => time.nanos(),
            Self::OfDay(nanos) => (first - first.rem_euclid(DAY)).saturating_add(nanos),
            Self::After(nanos) => first.saturating_add(nanos),
        })
    }
}

/// Lets the wanted frames through, and counts them.
#[derive(Debug)]
pub(super) struct Sieve {
    excerpt: Excerpt,
    /// The span of time, once the first frame has told of which day it is.
    span: Option<(Timestamp, Timestamp)>,
    seen: u64,
    taken: u64,
    held: Option<(usize, Held)>,
    bytes: Vec<u8>,
}

/// A frame without its bytes.
#[derive(Clone, Copy, Debug)]
struct Held {
    number: FrameNumber,
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
}

impl Sieve {
    pub(super) const fn new(excerpt: Excerpt) -> Self {
        Self {
            excerpt,
            span: None,
            seen: 0,
            taken: 0,
            held: None,
            bytes: Vec::new(),
        }
    }

    /// Keeps `frame` if it is wanted, which is the frame `own` of `file`.
    pub(super) fn keep(&mut self, (file, own): (usize, FrameNumber), frame: &Frame<'_>) -> bool {
        self.seen += 1;
        if !self.wants(file, own, frame.time) {
            return false;
        }
        self.taken += 1;
        self.bytes.clear();
        self.bytes.extend_from_slice(frame.bytes);
        self.held = Some((
            file,
            Held {
                number: frame.number,
                time: frame.time,
                link: frame.link,
                wire_len: frame.wire_len,
            },
        ));
        true
    }

    /// The frame that was kept last.
    pub(super) fn lend(&mut self) -> Option<(usize, Frame<'_>)> {
        let (file, held) = self.held.take()?;
        let frame = Frame {
            number: held.number,
            time: held.time,
            link: held.link,
            bytes: &self.bytes,
            wire_len: held.wire_len,
        };
        Some((file, frame))
    }

    fn wants(&mut self, file: usize, own: FrameNumber, time: Timestamp) -> bool {
        let (from, to) = match self.span {
            Some(span) => span,
            None => *self.span.insert(self.excerpt.span(time)),
        };
        let mut named = self.excerpt.frames.iter();
        let named = named.find(|frames| frames.file == file);
        (from..=to).contains(&time) && named.is_none_or(|frames| frames.ranges.contains(own))
    }

    /// That only a part was read, and which.
    pub(super) fn limitation(&self) -> Limitation {
        let named = self.excerpt.frames.iter();
        let mut which: Vec<String> = named.map(ToString::to_string).collect();
        if let Some((from, to)) = self.span {
            let ends = [
                (self.excerpt.from, "from", from),
                (self.excerpt.to, "up to", to),
            ];
            let given = ends.into_iter().filter(|(given, _, _)| given.is_some());
            which.extend(given.map(|(_, word, time)| format!("{word} {time}")));
        }
        Limitation::of_capture(format!(
            "Only a part of the capture was read, as asked for: {}; {} of {} frames are in it. What lies outside it is not known here.",
            which.join(", "),
            self.taken,
            self.seen
        ))
    }
}

impl Excerpt {
    /// The same for one file alone; `None` where that is wanted whole.
    pub fn of_file(&self, file: usize) -> Option<Self> {
        let frames = self.frames.iter().filter(|frames| frames.file == file);
        let frames = frames.map(|frames| FramesOfFile {
            file: 0,
            ..frames.clone()
        });
        let excerpt = Self {
            frames: frames.collect(),
            ..*self
        };
        (excerpt != Self::default()).then_some(excerpt)
    }

    /// The first moment and the last one. A time of day that comes before the one it begins at is that of the day after.
    fn span(&self, first: Timestamp) -> (Timestamp, Timestamp) {
        let resolve = |moment: Option<Moment>| moment.map(|moment| moment.resolve(first));
        let from = resolve(self.from).unwrap_or(Timestamp::from_nanos(i64::MIN));
        let to = resolve(self.to).unwrap_or(Timestamp::from_nanos(i64::MAX));
        match (self.from, self.to) {
            (Some(Moment::OfDay(from_nanos)), Some(Moment::OfDay(to_nanos)))
                if to_nanos < from_nanos =>
            {
                (from, Timestamp::from_nanos(to.nanos().saturating_add(DAY)))
            }
            _ => (from, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_merged_and_hold_both_their_ends() {
        let ranges = FrameRanges::new(vec![(9, 9), (4, 6), (5, 7), (30, u64::MAX), (8, 8)]);
        assert_eq!(ranges.to_string(), "4–9, 30 and later");
        let held: Vec<u64> = (1..=31)
            .filter(|number| ranges.contains(FrameNumber(*number)))
            .collect();
        assert_eq!(held, [4, 5, 6, 7, 8, 9, 30, 31]);
    }

    #[test]
    fn a_hundred_thousand_ranges_are_searched_and_few_are_told() {
        let ranges = FrameRanges::new((0..100_000).map(|n| (3 * n + 1, 3 * n + 1)).collect());
        assert!(ranges.contains(FrameNumber(299_998)));
        assert!(!ranges.contains(FrameNumber(299_999)));
        assert!(ranges.to_string().ends_with("22 and 99992 more ranges"));
    }

    #[test]
    fn a_time_of_day_is_that_of_the_day_the_capture_begins_or_of_the_one_after() {
        let hours = |hours: i64| hours * 3_600 * 1_000_000_000;
        let begin = Timestamp::from_nanos(10 * DAY + hours(23));
        let span = |from, to| {
            let (from, to) = (Some(Moment::OfDay(from)), Some(Moment::OfDay(to)));
            Excerpt {
                from,
                to,
                frames: Vec::new(),
            }
            .span(begin)
        };
        let at = |nanos| Timestamp::from_nanos(nanos);
        assert_eq!(
            span(hours(22), hours(23)),
            (at(10 * DAY + hours(22)), at(10 * DAY + hours(23)))
        );
        assert_eq!(
            span(hours(23), hours(1)),
            (at(10 * DAY + hours(23)), at(11 * DAY + hours(1)))
        );
    }
}
