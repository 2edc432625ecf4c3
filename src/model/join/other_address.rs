//! Lines of a web server's log that have a client or the server by another address than the capture: a device between them rewrote it,
//! or asked for the client.
//!
//! Never joins lines of which others would fit as well.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::join::proof::Proof;
use crate::model::join::web::{Kept, SECOND, SLACK, Wanted, is_same};

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

/// The client's address in the log, and the server's where it is none of the capture's.
type Ends = (IpAddr, Option<IpAddr>);

/// How the lines of an address fit the exchanges of a client.
enum Fit {
    No,
    /// Other lines would fit as well.
    Several,
    /// The line of each exchange, in their order.
    One(Vec<usize>),
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
    ) -> Vec<(OtherAddress, Vec<(usize, usize)>)> {
        if self.lines.is_empty() || self.is_full {
            return Vec::new();
        }
        let known: BTreeSet<IpAddr> = direct.iter().map(|line| line.client).collect();
        let mut exchanges: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
        for (at, wanted) in wanted.iter().enumerate() {
            if wanted.status.is_some() && !known.contains(&wanted.client) {
                exchanges.entry(wanted.client).or_default().push(at);
            }
        }
        let by_address = self.by_address();
        let searched = exchanges.into_iter().take(MOST);
        let found = searched.filter_map(|(client, places)| {
            let meant = places.iter().filter_map(|at| wanted.get(*at));
            let meant: Option<Vec<_>> = meant.map(|it| Meant::of(it, attempts)).collect();
            let search = Search {
                lines: &self.lines,
                wanted: meant.filter(|meant| meant.len() <= MOST)?,
            };
            let ((logged, server), lines) = search.only(&by_address, apart)?;
            let by_account = search.agrees_in_account(&lines);
            let other = OtherAddress {
                client,
                logged,
                server,
                by_account,
            };
            let is_enough = by_account || search.is_of_server(&lines);
            is_enough.then(|| (other, places.into_iter().zip(lines).collect()))
        });
        found.collect()
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

/// The exchanges of a client, and the lines that may be about them.
struct Search<'a> {
    lines: &'a [Kept],
    wanted: Vec<Meant<'a>>,
}

impl Search<'_> {
    /// The one address whose lines fit, in one way alone.
    fn only(
        &self,
        by_address: &BTreeMap<Ends, Vec<usize>>,
        apart: Option<i64>,
    ) -> Option<(Ends, Vec<usize>)> {
        let mut ways: BTreeSet<(Ends, Vec<usize>)> = BTreeSet::new();
        for (address, lines) in by_address {
            let distances = match apart {
                Some(apart) => vec![apart],
                None => self.distances(lines)?,
            };
            for distance in distances {
                match self.fit(lines, distance) {
                    Fit::No => {}
                    Fit::Several => return None,
                    Fit::One(way) => {
                        ways.insert((*address, way));
                    }
                }
            }
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

    /// A line for each exchange, if the clocks are `apart`.
    fn fit(&self, lines: &[usize], apart: i64) -> Fit {
        let mut way: Vec<usize> = Vec::new();
        for meant in &self.wanted {
            let free = lines.iter().filter(|at| !way.contains(at));
            let fitting = free.filter(|at| self.is_about(**at, meant, apart));
            let nearest = fitting.min_by_key(|at| (self.distance(**at, meant, apart), **at));
            match nearest {
                Some(at) => way.push(*at),
                None => return Fit::No,
            }
        }
        let mut left = lines.iter().filter(|at| !way.contains(at));
        let is_more = left.any(|at| {
            let mut wanted = self.wanted.iter();
            wanted.any(|meant| self.is_about(*at, meant, apart))
        });
        if is_more { Fit::Several } else { Fit::One(way) }
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
    fn is_of_server(&self, way: &[usize]) -> bool {
        let mut lines = way.iter().filter_map(|at| self.lines.get(*at));
        way.len() >= ENOUGH && lines.all(|line| line.server.is_some())
    }

    fn agrees_in_account(&self, way: &[usize]) -> bool {
        let pairs = way.iter().zip(&self.wanted);
        let mut lines = pairs.filter_map(|(at, meant)| Some((self.lines.get(*at)?, meant)));
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
