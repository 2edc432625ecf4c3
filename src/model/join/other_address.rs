//! Lines of a web server's log that have a client or the server by another address than the capture: a device between them rewrote it,
//! or asked for the client.
//!
//! Never joins lines of which others would fit as well.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::join::proof::Proof;
use crate::model::join::web::{Kept, SECOND, SLACK, Wanted, agreeing_counts, is_same};
use crate::model::witness::Source;

/// Clocks that are further apart than this are not compared here: domains refuse tickets beyond it, and other sign-ons come near.
const NEAR: i64 = 300 * SECOND;
/// Distances of the clocks that are tried for one address, clients that are looked for, and exchanges of one client.
const MOST: usize = 64;
/// Without an account that agrees one exchange alone is no evidence.
const ENOUGH: usize = 2;

/// Lines about the requests of the capture by or at addresses that are not in it.
#[derive(Debug, Default)]
pub(super) struct OtherAddresses {
    pub(super) lines: Vec<Kept>,
    is_full: bool,
}

/// A client that the log has by another address, or at another server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OtherAddress {
    /// Its address in the capture.
    pub client: IpAddr,
    /// Its address in the log, which may be the same.
    pub logged: IpAddr,
    /// The server's address in the log, where it is none of the capture's.
    pub server: Option<IpAddr>,
    /// Whether an account agrees, beside time, path and status.
    pub by_account: bool,
}

/// Lines that may be about one or the other of these exchanges, of clients that the log has by one address.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OpenLines {
    /// The lines.
    pub lines: Vec<Source>,
    /// The exchanges, by their first frames.
    pub frames: Vec<FrameNumber>,
}

/// Those of `lines`, which nobody has, that may be about exchanges of the clients that were `found`.
pub(super) fn open(
    found: &[OtherAddress],
    lines: &[&Kept],
    wanted: &[Wanted],
    apart: i64,
) -> OpenLines {
    let mut open = OpenLines::default();
    let may_be = |line: &Kept, wanted: &Wanted| {
        let due = wanted.ends.nanos().saturating_add(apart);
        let off = line.record.time.nanos().saturating_sub(due);
        let mut found = found.iter();
        wanted.found.is_none()
            && found.any(|it| (it.client, it.logged) == (wanted.client, line.client))
            && off.unsigned_abs() <= SLACK.unsigned_abs()
            && is_same(line, wanted)
    };
    for line in lines.iter().take(MOST) {
        let mut frames = wanted
            .iter()
            .filter(|wanted| may_be(line, wanted))
            .map(|it| it.frame)
            .peekable();
        if frames.peek().is_some() {
            open.lines.push(line.record.source.clone());
            open.frames.extend(frames);
        }
    }
    open.frames.sort_unstable();
    open.frames.dedup();
    open
}

/// A client, and which of the exchanges that are wanted are which lines.
type Found = (OtherAddress, Vec<(usize, usize)>);

/// The client's address in the log, and the server's where it is none of the capture's.
type Ends = (IpAddr, Option<IpAddr>);

/// Lines of an address that are about exchanges of a client.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    ends: Ends,
    /// The exchange, by its place among those of the client, and its line.
    pairs: Vec<(usize, usize)>,
    /// Whether each exchange has one, and no other line would fit as well.
    is_whole: bool,
}

impl OtherAddresses {
    /// Whether a line of `time` may be about an exchange of the period from `from` to `to`.
    pub(super) fn is_near(&self, time: Timestamp, from: Timestamp, to: Timestamp) -> bool {
        !self.is_full && from.since(time) < NEAR && time.since(to) < NEAR
    }

    /// Keeps `line`. A device that rewrites an address rewrites the port too.
    pub(super) fn keep(&mut self, mut line: Kept) {
        line.ports.0 = None;
        line.ports.1 = line.ports.1.filter(|_| line.elsewhere.is_none());
        self.lines.push(line);
        self.is_full = self.lines.len() >= Budget::LOG_LINES;
    }

    /// Which lines are about which exchanges: of a client that the log does not have by its own address, and where one way alone
    /// fits. `apart`: the distance of the clocks, where other lines tell it.
    pub(super) fn join(
        &self,
        wanted: &[Wanted],
        direct: &[Kept],
        attempts: &[Attempt],
        apart: Option<i64>,
    ) -> Vec<Found> {
        if self.lines.is_empty() || self.is_full {
            return Vec::new();
        }
        let known: BTreeSet<IpAddr> = direct.iter().map(|line| line.client).collect();
        let mut exchanges: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
        for (at, wanted) in wanted.iter().enumerate() {
            let is_own = !wanted.is_rewritten;
            if is_own && wanted.status.is_some() && !known.contains(&wanted.client) {
                exchanges.entry(wanted.client).or_default().push(at);
            }
        }
        let by_address = self.by_address();
        let searched = exchanges.into_iter().take(MOST);
        let mut found: Vec<Found> = searched
            .filter_map(|(client, places)| {
                let meant = places.iter().filter_map(|at| wanted.get(*at));
                let meant: Option<Vec<_>> = meant.map(|it| Meant::of(it, attempts)).collect();
                let search = Search {
                    lines: &self.lines,
                    wanted: meant.filter(|meant| meant.len() <= MOST)?,
                };
                search.found(client, &places, &by_address, apart)
            })
            .collect();
        drop_contested(&mut found);
        found
    }

    /// Which of the exchanges a line by another address may be about, though it could not be told which line.
    pub(super) fn doubtful(&self, wanted: &[Wanted], apart: Option<i64>) -> Vec<bool> {
        let times: BTreeSet<(usize, i64)> = self
            .lines
            .iter()
            .map(|line| (line.key, line.record.time.nanos()))
            .collect();
        let far = apart.map_or(NEAR, |_| SLACK + SECOND);
        let may_have = |wanted: &Wanted| {
            let due = wanted.ends.nanos().saturating_add(apart.unwrap_or(0));
            let (first, last) = (due.saturating_sub(far), due.saturating_add(far));
            let mut near = times.range((wanted.key, first)..=(wanted.key, last));
            self.is_full || near.next().is_some()
        };
        wanted.iter().map(may_have).collect()
    }

    fn by_address(&self) -> BTreeMap<Ends, Vec<usize>> {
        let mut by_address: BTreeMap<Ends, Vec<usize>> = BTreeMap::new();
        for (at, line) in self.lines.iter().enumerate() {
            let ends = (line.client, line.elsewhere);
            by_address.entry(ends).or_default().push(at);
        }
        by_address
    }
}

/// The exchanges that one line alone fits, each with it: a line that is another one's fits no more.
fn alone(mut fitting: Vec<Vec<usize>>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    while let Some((place, line)) = fitting.iter().enumerate().find_map(|(place, lines)| {
        let only = lines.first().filter(|_| lines.len() == 1)?;
        Some((place, *only))
    }) {
        pairs.push((place, line));
        for lines in &mut fitting {
            lines.retain(|at| *at != line);
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Drops clients that claim a line which another one claims too.
fn drop_contested(found: &mut Vec<Found>) {
    let mut claims: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, line) in found.iter().flat_map(|(_, pairs)| pairs) {
        *claims.entry(*line).or_default() += 1;
    }
    found.retain(|(_, pairs)| pairs.iter().all(|(_, line)| claims.get(line) == Some(&1)));
}

/// The exchanges of a client, and the lines that may be about them.
struct Search<'a> {
    lines: &'a [Kept],
    wanted: Vec<Meant<'a>>,
}

impl Search<'_> {
    /// The client, if one address alone has lines that fit, and they are evidence enough.
    fn found(
        &self,
        client: IpAddr,
        places: &[usize],
        by_address: &BTreeMap<Ends, Vec<usize>>,
        apart: Option<i64>,
    ) -> Option<Found> {
        let way = self.only(by_address, apart)?;
        let by_account = self.agrees_in_account(&way);
        let is_enough = by_account || way.is_whole && self.is_of_server(&way);
        let (logged, server) = way.ends;
        let other = OtherAddress {
            client,
            logged,
            server,
            by_account,
        };
        let pairs = way.pairs.into_iter();
        let pairs = pairs.filter_map(|(at, line)| Some((*places.get(at)?, line)));
        is_enough.then(|| (other, pairs.collect()))
    }

    /// The one address whose lines fit, in one way alone.
    fn only(&self, by_address: &BTreeMap<Ends, Vec<usize>>, apart: Option<i64>) -> Option<Way> {
        let mut ways: BTreeSet<Way> = BTreeSet::new();
        for (ends, lines) in by_address {
            let distances = match apart {
                Some(apart) => vec![apart],
                None => self.distances(lines)?,
            };
            ways.extend(
                distances
                    .into_iter()
                    .filter_map(|distance| self.way(*ends, lines, distance)),
            );
        }
        let only = ways.pop_first()?;
        ways.is_empty().then_some(only)
    }

    /// The distances of the clocks under which a line is about the first exchange; `None` where they are too many.
    fn distances(&self, lines: &[usize]) -> Option<Vec<i64>> {
        let first = self.wanted.first()?;
        let fitting = lines.iter().filter_map(|at| self.lines.get(*at));
        let distances: BTreeSet<i64> = fitting
            .filter(|line| first.fits(line))
            .map(|line| line.record.time.since(first.wanted.ends) + SECOND / 2)
            .collect();
        let near = distances.into_iter().filter(|it| it.abs() < NEAR);
        let near: Vec<i64> = near.collect();
        (near.len() <= MOST).then_some(near)
    }

    /// The lines of the exchanges, if the clocks are `apart`: of each its own, or of those that have one alone.
    fn way(&self, ends: Ends, lines: &[usize], apart: i64) -> Option<Way> {
        let fitting: Vec<Vec<usize>> = self
            .wanted
            .iter()
            .map(|meant| self.fitting(lines, meant, apart))
            .collect();
        if fitting.iter().any(Vec::is_empty) {
            return None;
        }
        let all: BTreeSet<usize> = fitting.iter().flatten().copied().collect();
        let is_whole = all.len() == fitting.len();
        let pairs = if is_whole {
            self.nearest_each(&fitting, apart)?
        } else {
            alone(fitting)
        };
        Some(Way {
            ends,
            pairs,
            is_whole,
        })
    }

    /// The lines that may be about an exchange: those that agree with it in the most counts of bytes.
    fn fitting(&self, lines: &[usize], meant: &Meant<'_>, apart: i64) -> Vec<usize> {
        let about = lines.iter().copied();
        let about: Vec<usize> = about
            .filter(|at| self.is_about(*at, meant, apart))
            .collect();
        let counts = |at: &usize| {
            let line = self.lines.get(*at);
            line.map_or(0, |line| agreeing_counts(line, meant.wanted))
        };
        let most = about.iter().map(counts).max();
        about
            .into_iter()
            .filter(|at| Some(counts(at)) == most)
            .collect()
    }

    /// A line for each exchange, the nearest that is left.
    fn nearest_each(&self, fitting: &[Vec<usize>], apart: i64) -> Option<Vec<(usize, usize)>> {
        let mut taken = BTreeSet::new();
        let each = self.wanted.iter().zip(fitting).enumerate();
        each.map(|(place, (meant, fitting))| {
            let free = fitting.iter().copied().filter(|at| !taken.contains(at));
            let at = free.min_by_key(|at| (self.distance(*at, meant, apart), *at))?;
            taken.insert(at);
            Some((place, at))
        })
        .collect()
    }

    fn is_about(&self, line: usize, meant: &Meant<'_>, apart: i64) -> bool {
        let fits = self.lines.get(line).is_some_and(|line| meant.fits(line));
        fits && self.distance(line, meant, apart) <= SLACK.unsigned_abs()
    }

    /// How far a line is from the end of an exchange, if the clocks are `apart`.
    fn distance(&self, line: usize, meant: &Meant<'_>, apart: i64) -> u64 {
        let time = self.lines.get(line).map(|line| line.record.time.nanos());
        let due = meant.wanted.ends.nanos().saturating_add(apart);
        // A log has the second in which the request ended.
        time.map_or(u64::MAX, |time| {
            time.saturating_add(SECOND / 2).abs_diff(due)
        })
    }

    /// Whether the log is known to be that of the server that the client asks: it would have the client by its own address.
    fn is_of_server(&self, way: &Way) -> bool {
        let pairs = way.pairs.iter();
        let mut lines = pairs.filter_map(|(_, at)| self.lines.get(*at));
        way.pairs.len() >= ENOUGH && lines.all(|line| line.server.is_some())
    }

    fn agrees_in_account(&self, way: &Way) -> bool {
        let pairs = way.pairs.iter();
        let mut lines =
            pairs.filter_map(|(at, line)| Some((self.lines.get(*line)?, self.wanted.get(*at)?)));
        lines.any(|(line, meant)| line.record.user.is_some() && meant.proof.has_account())
    }
}

/// An exchange, and what it proves.
struct Meant<'a> {
    wanted: &'a Wanted,
    proof: Proof<'a>,
}

impl<'a> Meant<'a> {
    fn of(wanted: &'a Wanted, attempts: &'a [Attempt]) -> Option<Self> {
        let proof = Proof::of(wanted, attempts)?;
        Some(Self { wanted, proof })
    }

    fn fits(&self, line: &Kept) -> bool {
        is_same(line, self.wanted) && self.proof.fits(&line.record)
    }
}
