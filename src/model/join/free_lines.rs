//! Lines of a log that no exchange has yet, by who asked for what and when.
//!
//! Never looks at all lines for one exchange: a log has hundreds of thousands.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use rustc_hash::FxHashMap;

/// Lines that are free.
#[derive(Debug, Default)]
pub(super) struct FreeLines {
    /// The times and numbers of those of one client with one key.
    of: FxHashMap<(IpAddr, usize), BTreeSet<(i64, usize)>>,
}

impl FreeLines {
    /// Adds the line `number`.
    pub(super) fn add(&mut self, asked: (IpAddr, usize), time: i64, number: usize) {
        self.of.entry(asked).or_default().insert((time, number));
    }

    /// Takes the line of `period` that is nearest to `due` among those that `fits` picks; of equal ones the first.
    pub(super) fn take_nearest(
        &mut self,
        asked: (IpAddr, usize),
        due: i64,
        period: RangeInclusive<i64>,
        fits: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let lines = self.of.get_mut(&asked)?;
        let (first, last) = ((*period.start(), 0), (*period.end(), usize::MAX));
        let is_fit = |line: &&(i64, usize)| fits(line.1);
        let later = lines.range((due, 0)..=last).find(is_fit);
        let before = lines.range(first..(due, 0)).rfind(is_fit);
        // Of those of the same second the first one.
        let earlier = before.and_then(|&(time, _)| lines.range((time, 0)..).find(is_fit));
        let nearest = later.into_iter().chain(earlier);
        let nearest = nearest.min_by_key(|(time, at)| (time.abs_diff(due), *at));
        let &line = nearest?;
        lines.remove(&line);
        Some(line.1)
    }

    /// Takes the line of `period` that `fits` picks, if it is the only one; `Err` where there are several.
    pub(super) fn take_only(
        &mut self,
        asked: (IpAddr, usize),
        period: RangeInclusive<i64>,
        fits: impl Fn(usize) -> bool,
    ) -> Result<Option<usize>, Several> {
        let Some(lines) = self.of.get_mut(&asked) else {
            return Ok(None);
        };
        let (first, last) = ((*period.start(), 0), (*period.end(), usize::MAX));
        let mut fitting = lines.range(first..=last).filter(|line| fits(line.1));
        let only = fitting.next().copied();
        if fitting.next().is_some() {
            return Err(Several);
        }
        Ok(only.map(|line| {
            lines.remove(&line);
            line.1
        }))
    }
}

/// More than one line fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Several;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_line_is_taken_once_and_of_equal_ones_the_first() {
        let asked = (IpAddr::from([10, 0, 0, 9]), 0);
        let mut free = FreeLines::default();
        for (number, time) in [90, 100, 100, 104, 111].into_iter().enumerate() {
            free.add(asked, time, number);
        }
        let mut take = |due: i64| free.take_nearest(asked, due, due - 10..=due + 5, |at| at != 3);
        assert_eq!(
            [take(101), take(101), take(101), take(106), take(106)],
            [Some(1), Some(2), None, Some(4), None]
        );
        assert_eq!(take(95), Some(0));
    }

    #[test]
    fn the_only_line_is_taken_and_of_several_none() {
        let asked = (IpAddr::from([10, 0, 0, 9]), 0);
        let mut free = FreeLines::default();
        for (number, time) in [90, 100, 104].into_iter().enumerate() {
            free.add(asked, time, number);
        }
        let mut take = |to: i64| free.take_only(asked, 95..=to, |_| true);
        assert_eq!(take(105), Err(Several));
        assert_eq!(take(102), Ok(Some(1)));
        assert_eq!(take(105), Ok(Some(2)));
        assert_eq!(take(105), Ok(None));
    }

    #[test]
    fn what_another_client_asked_is_not_taken() {
        let (one, other) = (IpAddr::from([10, 0, 0, 9]), IpAddr::from([10, 0, 0, 8]));
        let mut free = FreeLines::default();
        free.add((one, 0), 100, 0);
        assert_eq!(free.take_nearest((other, 0), 100, 0..=200, |_| true), None);
        assert_eq!(free.take_nearest((one, 1), 100, 0..=200, |_| true), None);
        assert_eq!(free.take_nearest((one, 0), 100, 0..=200, |_| true), Some(0));
    }
}
