//! Lines of a web server's log and the exchanges that they are about.
//!
//! Never takes the server's clock for the capture's: how far they are apart is read from the lines that fit.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::endpoint::Endpoint;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::logs::{Said, WitnessLine};
use crate::model::attempt::Attempt;
use crate::model::join::clocks::Clocks;
use crate::model::join::disagreeing::{self, Disagreeing};
use crate::model::join::encrypted::Encrypted;
use crate::model::join::free_lines::FreeLines;
use crate::model::join::other_address::{self, OpenLines, OtherAddress, OtherAddresses};
use crate::model::join::proof::Proof;
use crate::model::witness::WebRecord;

/// A log says whole seconds.
pub(super) const SECOND: i64 = 1_000_000_000;
/// A record may be written so long before or after the last byte that the capture shows, clocks apart.
pub(super) const SLACK: i64 = 2 * SECOND;
/// The answer to a request of which the capture shows none may take so long.
const PATIENCE: i64 = 120 * SECOND;
/// Clocks of a server and a capture that are further apart than this are not compared: it is more than any time zone.
pub const FURTHEST: i64 = 26 * 3_600 * SECOND;
/// So many lines that are about no exchange are compared with the requests that have no line.
const MOST_LEFT: usize = 64;
/// What connections of the capture, each the client's end and the server's, are where another capture has them too: a device between
/// rewrites their addresses.
pub type Elsewhere = BTreeMap<(Endpoint, Endpoint), (Endpoint, Endpoint)>;

/// Gathers the lines that may be about the exchanges of attempts.
#[derive(Debug, Default)]
pub struct WebJoin {
    wanted: Vec<Wanted>,
    clients: FxHashSet<IpAddr>,
    /// Methods and paths of the exchanges, in lower case, each with its number.
    keys: FxHashMap<(String, String), usize>,
    servers: FxHashSet<IpAddr>,
    kept: Vec<Kept>,
    unkept: u64,
    /// Lines by addresses that are not in the capture.
    others: OtherAddresses,
    /// Clients, and the device that asked for them as the log says.
    forwarded: BTreeSet<(IpAddr, IpAddr)>,
    /// Lines that may be one client's or another's.
    open: OpenLines,
    /// Attempts whose exchanges cannot be read.
    encrypted: Vec<Encrypted>,
    /// From the first end of an exchange to the last.
    span: Option<(Timestamp, Timestamp)>,
    /// From the first line to the last.
    lines: Option<(Timestamp, Timestamp)>,
}

/// An exchange that a line may be about.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Its attempt, and its place there.
    pub(super) place: (usize, usize),
    pub(super) client: IpAddr,
    /// Whether that is the client's address behind a device, which another capture shows.
    pub(super) is_rewritten: bool,
    server: IpAddr,
    /// The client's port, and the server's.
    ports: (u16, u16),
    pub(super) key: usize,
    /// Bytes of the request and of its answer, as they are on the wire.
    bytes: (u64, Option<u64>),
    pub(super) status: Option<u16>,
    /// When the capture shows its end, or that of the request where no answer is there.
    pub(super) ends: Timestamp,
    pub(super) frame: FrameNumber,
    pub(super) found: Option<usize>,
    /// A line that has the client or the server by another address may be about it, and it cannot be told which.
    pub(super) is_doubtful: bool,
}

/// A line that may be about one.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) client: IpAddr,
    /// The server, where the log has it and it is one of the capture's.
    pub(super) server: Option<IpAddr>,
    /// The server, where it is none of the capture's.
    pub(super) elsewhere: Option<IpAddr>,
    /// The client's port, and the server's, where the log has them.
    pub(super) ports: (Option<u16>, Option<u16>),
    pub(super) key: usize,
    /// Bytes of the request and of its answer, where the log has them.
    bytes: (Option<u64>, Option<u64>),
    pub(super) record: WebRecord,
    is_taken: bool,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WebJoined {
    /// Lines that are about an exchange.
    pub joined: usize,
    /// The server's clock minus the capture's: at least and at most, in nanoseconds.
    pub clock: Option<(i64, i64)>,
    /// Exchanges within the log's time that have no line, by any address, by their first frame.
    pub without_line: Vec<FrameNumber>,
    /// Lines within the capture's time about the same clients and paths that have no exchange.
    pub without_packets: Vec<WebRecord>,
    /// Lines at the time of a request that has none, which say something else of it.
    pub disagreeing: Vec<Disagreeing>,
    /// Lines that could not be kept.
    pub unkept: u64,
    /// Clients that the log has by another address.
    pub other_addresses: Vec<OtherAddress>,
    /// Lines that may be one client's or another's.
    pub open: OpenLines,
    /// Clients that the log names in a column of its own, and the address that asked for them.
    pub forwarded: BTreeSet<(IpAddr, IpAddr)>,
}

impl WebJoin {
    /// Waits for lines about the exchanges of `attempts`: a server's log has what they are `elsewhere`.
    pub fn for_attempts(attempts: &[Attempt], elsewhere: &Elsewhere) -> Self {
        let mut join = Self::default();
        for (at, attempt) in attempts.iter().enumerate() {
            join.encrypted.extend(Encrypted::of(at, attempt, elsewhere));
            for (number, exchange) in attempt.http.iter().enumerate() {
                let head = &exchange.request.head;
                let next = join.keys.len();
                let name = key(head.method.as_str(), exchange.path());
                let answer = exchange.answer.as_ref().map(|answer| &answer.response);
                let key = *join.keys.entry(name).or_insert(next);
                let told = (exchange.client, exchange.server);
                let (client, server) = *elsewhere.get(&told).unwrap_or(&told);
                join.clients.insert(client.addr);
                join.servers.insert(server.addr);
                join.wanted.push(Wanted {
                    place: (at, number),
                    client: client.addr,
                    is_rewritten: client.addr != exchange.client.addr,
                    server: server.addr,
                    ports: (client.port, server.port),
                    key,
                    bytes: (
                        exchange.request.head_bytes + exchange.request.body_bytes,
                        answer.map(|answer| answer.head_bytes + answer.body_bytes),
                    ),
                    status: exchange.status(),
                    ends: exchange.last_span().last_time,
                    frame: exchange.asked.first(),
                    found: None,
                    is_doubtful: false,
                });
            }
        }
        let times = || join.wanted.iter().map(|wanted| wanted.ends);
        join.span = times().min().zip(times().max());
        join
    }

    /// Keeps `line` of `file`, if it may be about one of the exchanges.
    pub fn take(&mut self, file: &Arc<str>, line: &WitnessLine<'_>) {
        let Said::Web(web) = &line.said else {
            return;
        };
        let inside = self.encrypted.iter_mut();
        for encrypted in inside.filter(|encrypted| encrypted.may_hold(web, line.time)) {
            let mut record = WebRecord::of(file, line, web);
            record.logged_as = encrypted.logged_as(web);
            encrypted.lines.push(record);
        }
        let Some((from, to)) = self.span else {
            return;
        };
        let (first, last) = self.lines.unwrap_or((line.time, line.time));
        self.lines = Some((first.min(line.time), last.max(line.time)));
        let is_near = from.since(line.time) < FURTHEST && line.time.since(to) < FURTHEST;
        let Some(client) = web.client.filter(|_| is_near) else {
            return;
        };
        let has_client = self.clients.contains(&client);
        // The servers behind the device that says for whom it asks have other addresses than the device.
        let named = web
            .forwarded_for
            .filter(|named| !has_client && self.clients.contains(named));
        let unknown = web.server.filter(|it| !self.servers.contains(it));
        let elsewhere = unknown.filter(|_| named.is_none());
        let is_known = named.is_some() || has_client && elsewhere.is_none();
        if !is_known && !self.others.is_near(line.time, from, to) {
            return;
        }
        let Some(&key) = self.keys.get(&key(web.method, web.stem)) else {
            return;
        };
        if is_known && self.kept.len() >= Budget::LOG_LINES {
            self.unkept += 1;
            return;
        }
        let mut kept = Kept {
            client: named.unwrap_or(client),
            server: web.server.xor(unknown),
            elsewhere,
            ports: named.map_or((web.client_port, web.server_port), |_| (None, None)),
            key,
            bytes: web.bytes,
            record: WebRecord::of(file, line, web),
            is_taken: false,
        };
        kept.record.server = unknown;
        if let Some(named) = named {
            kept.record.logged_as = Some(client);
            self.forwarded.insert((named, client));
        }
        if is_known {
            self.kept.push(kept);
        } else {
            kept.record.logged_as = (!has_client).then_some(client);
            self.others.keep(kept);
        }
    }

    /// Joins what was kept to the exchanges of `attempts`, the same that were given before.
    pub fn finish(mut self, attempts: &mut [Attempt]) -> WebJoined {
        let clock = Clocks::of(&self.wanted, &self.kept).distance();
        if let Some((least, most)) = clock {
            let apart = i64::midpoint(least, most);
            // What agrees in more comes first: a line is not given to its neighbour.
            for agreeing in (0..=2).rev() {
                self.assign(apart, attempts, |line, wanted| {
                    wanted.status.is_some() && agreeing_counts(line, wanted) >= agreeing
                });
            }
            self.assign(apart, attempts, |_, wanted| wanted.status.is_none());
        }
        let apart = clock.map(|(least, most)| i64::midpoint(least, most));
        let others = self.join_others(attempts, apart);
        for wanted in &self.wanted {
            let (attempt, number) = wanted.place;
            let exchange = attempts
                .get_mut(attempt)
                .and_then(|attempt| attempt.http.get_mut(number));
            let found = wanted.found.and_then(|found| self.kept.get(found));
            if let (Some(exchange), Some(kept)) = (exchange, found) {
                let mut record = kept.record.clone();
                if wanted.is_rewritten {
                    record.logged_as = Some(wanted.client);
                }
                exchange.recorded.push(record);
            }
        }
        let inside: usize = self.encrypted.iter().map(|it| it.lines.len()).sum();
        for encrypted in std::mem::take(&mut self.encrypted) {
            encrypted.give(attempts);
        }
        let mut left = self.left(apart.unwrap_or(0));
        let disagreeing = disagreeing::of(&left, &self.wanted, attempts, apart.unwrap_or(0));
        let is_told = |line: &Kept| disagreeing.iter().any(|it| it.record == line.record);
        left.retain(|line| !is_told(line));
        let left = left.into_iter().take(Budget::REPEATS_TOLD);
        WebJoined {
            joined: inside + self.kept.iter().filter(|kept| kept.is_taken).count(),
            clock,
            without_line: self.without_line(apart.unwrap_or(0)),
            without_packets: left.map(|line| line.record.clone()).collect(),
            disagreeing,
            unkept: self.unkept,
            other_addresses: others,
            forwarded: self.forwarded,
            open: self.open,
        }
    }

    /// Gives the exchanges of clients that the log has by another address their lines.
    fn join_others(&mut self, attempts: &[Attempt], apart: Option<i64>) -> Vec<OtherAddress> {
        let others = std::mem::take(&mut self.others);
        let found = others.join(&self.wanted, &self.kept, attempts, apart);
        let doubtful = others.doubtful(&self.wanted, apart);
        for (wanted, is_doubtful) in self.wanted.iter_mut().zip(doubtful) {
            wanted.is_doubtful |= is_doubtful;
        }
        let mut lines: Vec<Option<Kept>> = others.lines.into_iter().map(Some).collect();
        let mut distance = apart;
        for (at, number) in found.iter().flat_map(|(_, pairs)| pairs) {
            let line = lines.get_mut(*number).and_then(Option::take);
            if let (Some(wanted), Some(mut line)) = (self.wanted.get_mut(*at), line) {
                line.is_taken = true;
                distance.get_or_insert(line.record.time.since(wanted.ends));
                wanted.found = Some(self.kept.len());
                self.kept.push(line);
            }
        }
        let found: Vec<OtherAddress> = found.into_iter().map(|(other, _)| other).collect();
        let left: Vec<&Kept> = lines.iter().flatten().collect();
        self.open = other_address::open(&found, &left, &self.wanted, distance.unwrap_or(0));
        found
    }

    /// Gives each exchange that has no line the nearest one that nobody has, if `meant` holds for both.
    fn assign(&mut self, apart: i64, attempts: &[Attempt], meant: impl Fn(&Kept, &Wanted) -> bool) {
        let mut free = FreeLines::default();
        for (at, kept) in self.kept.iter().enumerate() {
            if !kept.is_taken {
                free.add((kept.client, kept.key), kept.record.time.nanos(), at);
            }
        }
        let without = self.wanted.iter_mut();
        for wanted in without.filter(|wanted| wanted.found.is_none()) {
            let latest = wanted.status.map_or(PATIENCE, |_| SLACK);
            let due = wanted.ends.nanos().saturating_add(apart);
            let period = due.saturating_sub(SLACK)..=due.saturating_add(latest);
            let proof = Proof::of(wanted, attempts);
            let contradicts = |it: &Kept| {
                proof
                    .as_ref()
                    .is_some_and(|proof| proof.contradicts(&it.record))
            };
            let fits = |at: usize| {
                let line = self.kept.get(at);
                line.is_some_and(|it| is_same(it, wanted) && meant(it, wanted) && !contradicts(it))
            };
            let asked = (wanted.client, wanted.key);
            let found = if wanted.is_rewritten {
                // Other clients have that address too.
                let only = free.take_only(asked, period, fits);
                wanted.is_doubtful |= only.is_err();
                only.unwrap_or_default()
            } else {
                free.take_nearest(asked, due, period, fits)
            };
            if let Some(at) = found
                && let Some(kept) = self.kept.get_mut(at)
            {
                kept.is_taken = true;
                wanted.found = Some(at);
            }
        }
    }

    fn without_line(&self, apart: i64) -> Vec<FrameNumber> {
        let Some((first, last)) = self.lines else {
            return Vec::new();
        };
        let in_time = |wanted: &&Wanted| {
            let ends = Timestamp::from_nanos(wanted.ends.nanos().saturating_add(apart));
            ends >= first && ends <= last
        };
        let lacking = self.wanted.iter();
        let lacking = lacking.filter(|wanted| wanted.found.is_none() && !wanted.is_doubtful);
        lacking.filter(in_time).map(|wanted| wanted.frame).collect()
    }

    /// Lines within the capture's time that are about no exchange, up to a limit.
    fn left(&self, apart: i64) -> Vec<&Kept> {
        let Some((from, to)) = self.span else {
            return Vec::new();
        };
        let in_time = |kept: &&Kept| {
            let time = kept.record.time.nanos().saturating_sub(apart);
            time >= from.nanos().saturating_sub(SECOND) && time <= to.nanos()
        };
        let lacking = self.kept.iter().filter(|kept| !kept.is_taken);
        lacking.filter(in_time).take(MOST_LEFT).collect()
    }
}

fn key(method: &str, path: &str) -> (String, String) {
    (method.to_ascii_lowercase(), path.to_ascii_lowercase())
}

/// Whether the line may be about the exchange, the time aside.
pub(super) fn is_same(kept: &Kept, wanted: &Wanted) -> bool {
    let statuses = kept.record.status.zip(wanted.status);
    is_alike(kept, wanted) && statuses.is_none_or(|(written, seen)| written == seen)
}

/// Whether the line is about a request like that of the exchange, whatever came of it.
pub(super) fn is_alike(kept: &Kept, wanted: &Wanted) -> bool {
    let fits = |written: Option<u16>, seen: u16| written.is_none_or(|port| port == seen);
    let is_of_client = kept.record.logged_as.is_some() || kept.client == wanted.client;
    kept.key == wanted.key
        && is_of_client
        && kept.server.is_none_or(|server| server == wanted.server)
        && fits(kept.ports.0, wanted.ports.0)
        && fits(kept.ports.1, wanted.ports.1)
}

/// How many counts of bytes are the same in the line and on the wire: neither, one, or those of the request and of its answer. That
/// they differ says nothing: a device between may have changed a head, and the framing of chunks is not counted here.
pub(super) fn agreeing_counts(kept: &Kept, wanted: &Wanted) -> usize {
    let asked = kept.bytes.0 == Some(wanted.bytes.0);
    let answered = kept.bytes.1.is_some() && kept.bytes.1 == wanted.bytes.1;
    usize::from(asked) + usize::from(answered)
}
