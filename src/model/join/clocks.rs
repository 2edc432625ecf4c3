//! How far the clock of a web server is from that of the capture, as the lines of its log say that fit exchanges.
//!
//! Never prefers a great distance to a small one under which as many lines fit.

use std::cmp::Reverse;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::model::join::web::{Kept, SECOND, Wanted, is_same};

/// Distances of the clocks that are tried, those first under which the most pairs fit.
const REGIONS: usize = 64;
/// Pairs of a line and an exchange that are looked at for the distance of the clocks.
const PAIRS: usize = 200_000;

/// The exchanges, and the lines that may be about them.
pub(super) struct Clocks<'a> {
    wanted: &'a [Wanted],
    kept: &'a [Kept],
}

impl<'a> Clocks<'a> {
    pub(super) const fn of(wanted: &'a [Wanted], kept: &'a [Kept]) -> Self {
        Self { wanted, kept }
    }

    /// The distance of the clocks under which the most exchanges have a line of their own: where that distance begins and ends.
    pub(super) fn distance(&self) -> Option<(i64, i64)> {
        let mut regions = self.regions();
        regions.sort_unstable_by_key(|&(pairs, region)| (Reverse(pairs), away(region)));
        let seconds = self.seconds();
        let mut best: Option<(usize, (i64, i64))> = None;
        for (pairs, region) in regions.into_iter().take(REGIONS) {
            let enough = best.is_some_and(|(most, _)| pairs < most);
            if enough {
                break;
            }
            let served = self.served(i64::midpoint(region.0, region.1), &seconds);
            let is_better = best.is_none_or(|(most, known)| {
                served > most || served == most && away(region) < away(known)
            });
            if is_better {
                best = Some((served, region));
            }
        }
        best.map(|(_, region)| region)
    }

    /// Distances under which the same pairs of a line and an exchange fit, with the number of these pairs.
    fn regions(&self) -> Vec<(usize, (i64, i64))> {
        let mut alike: FxHashMap<(IpAddr, usize), Vec<&Wanted>> = FxHashMap::default();
        for wanted in self.wanted {
            let place = (wanted.client, wanted.key);
            alike.entry(place).or_default().push(wanted);
        }
        let pairs = self.kept.iter().flat_map(|kept| {
            let alike = alike.get(&(kept.client, kept.key)).into_iter().flatten();
            let meant = alike.filter(|wanted| is_same(kept, wanted));
            meant.map(|wanted| kept.record.time.since(wanted.ends))
        });
        let mut edges: Vec<(i64, isize)> = pairs
            .take(PAIRS)
            .flat_map(|least| [(least, 1), (least + SECOND, -1)])
            .collect();
        edges.sort_unstable();
        let mut depth = 0_isize;
        let mut regions = Vec::new();
        for pair in edges.windows(2) {
            let [(least, step), (most, _)] = *pair else {
                continue;
            };
            depth += step;
            if let Ok(pairs @ 1..) = usize::try_from(depth)
                && most > least
            {
                regions.push((pairs, (least, most)));
            }
        }
        regions
    }

    /// How many lines there are of each client and key in each second.
    fn seconds(&self) -> FxHashMap<(IpAddr, usize, i64), usize> {
        let mut seconds = FxHashMap::default();
        for kept in self.kept {
            let second = kept.record.time.nanos().div_euclid(SECOND);
            *seconds.entry((kept.client, kept.key, second)).or_default() += 1;
        }
        seconds
    }

    /// How many exchanges have a line of their own if the clocks are `apart`.
    fn served(&self, apart: i64, lines: &FxHashMap<(IpAddr, usize, i64), usize>) -> usize {
        let mut lines = lines.clone();
        let mut takes = |wanted: &&Wanted| {
            let ends = wanted.ends.nanos().saturating_add(apart);
            let place = (wanted.client, wanted.key, ends.div_euclid(SECOND));
            let left = lines.get_mut(&place).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_some()
        };
        self.wanted.iter().filter(|wanted| takes(wanted)).count()
    }
}

/// How far a distance of clocks is from none.
const fn away((least, most): (i64, i64)) -> i64 {
    if least > 0 {
        least
    } else if most < 0 {
        -most
    } else {
        0
    }
}
