//! Whether two captures saw the same packets, how far their clocks are apart, and what one of them lacks.
//!
//! Never takes packets for the same that are alike by chance: what occurs twice in a capture is left out, and a few that agree
//! prove nothing.

mod nat;

pub use nat::{Nearer, Rewritten};

use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::capture::CaptureReader;
use crate::diagnose::vantage::nat::Carried;
use crate::frame::Timestamp;
use crate::net::link::Network;
use crate::net::packet::Packet;

/// Packets of a capture that are compared: those of a sign-on are some hundred.
const PACKETS: usize = 200_000;
/// So many packets must be the same in both.
const ENOUGH: usize = 4;
/// Packets of the other capture that are remembered while one is read.
const REMEMBERED: usize = 65_536;
/// The same packet is seen at both places within this time, clocks apart.
const TRAVEL_NANOS: i64 = 2_000_000_000;

/// What two captures have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vantage {
    /// Packets that both saw.
    pub shared: usize,
    /// The clock of the second minus that of the first, in nanoseconds: the middle of what the shared packets say.
    pub offset: i64,
    /// How far they differ in that, in nanoseconds: the way that packets take is in it.
    pub spread: i64,
    /// Packets of shared flows that only the first saw, within the time that both cover.
    pub only_first: usize,
    /// The same of the second.
    pub only_second: usize,
    /// Which of them is nearer to the clients of the connections whose addresses are rewritten between them.
    pub nearer: Nearer,
    /// Connections of the second that have other addresses at the first; where the second is nearer to the clients, those of the
    /// first that have others at the second.
    pub rewritten: Rewritten,
}

/// What is kept of a packet: when it was seen, and of which flow it is. Packets that occur twice have no time.
type Seen = FxHashMap<u64, (Option<Timestamp>, u64)>;

/// Compares what two captures saw; `None` where they have nothing in common. Both are read to their ends.
pub fn compare(first: &mut CaptureReader, second: &mut CaptureReader) -> Option<Vantage> {
    let (first, second) = (all(first), all(second));
    let nearer = Nearer::of(&first.carried, &second.carried);
    let rewritten = if nearer == Nearer::Second {
        Rewritten::of(&first.carried, &second.carried)
    } else {
        Rewritten::of(&second.carried, &first.carried)
    };
    let (first, second) = (
        seen(&first.packets, &rewritten),
        seen(&second.packets, &rewritten),
    );
    let once = |seen: &Seen, mark: &u64| seen.get(mark).and_then(|(time, _)| *time);
    let mut offsets: Vec<i64> = first
        .iter()
        .filter_map(|(mark, (time, _))| Some(once(&second, mark)?.since((*time)?)))
        .collect();
    if offsets.len() < ENOUGH {
        return None;
    }
    offsets.sort_unstable();
    let offset = offsets.get(offsets.len() / 2).copied()?;
    let spread = offsets.last()?.saturating_sub(*offsets.first()?);
    Some(Vantage {
        shared: offsets.len(),
        offset,
        spread,
        only_first: lacking(&first, &second, offset),
        only_second: lacking(&second, &first, -offset),
        nearer,
        rewritten: if nearer == Nearer::Second {
            rewritten
        } else {
            rewritten.by_first_clock(offset)
        },
    })
}

/// For each capture, what its connections are elsewhere: at the place of the first one, and those of the first itself where another
/// one is nearer to the clients. `shared` has what the first has in common with each.
pub(super) fn rewritten<'v>(shared: impl Iterator<Item = Option<&'v Vantage>>) -> Vec<Rewritten> {
    let mut all: Vec<Rewritten> = Vec::new();
    let mut of_first = Rewritten::default();
    for shared in shared {
        let own = shared.map(|it| (it.nearer, &it.rewritten));
        all.push(match own {
            Some((Nearer::Second, rewritten)) => {
                of_first.merge(rewritten);
                Rewritten::default()
            }
            Some((_, rewritten)) => rewritten.clone(),
            None => Rewritten::default(),
        });
    }
    if let Some(first) = all.first_mut() {
        *first = of_first;
    }
    all
}

/// `packet`, which `file` brings at `time`, with the addresses that are told, where they are others: those at the first capture, and
/// from there on those at the one that is nearer to the clients.
pub(super) fn told_as<'p>(
    rewritten: &[Rewritten],
    file: usize,
    packet: &Packet<'p>,
    time: Timestamp,
) -> Option<Packet<'p>> {
    let at_first = rewritten.get(file)?.seen_there(packet, time);
    if file == 0 {
        return at_first;
    }
    let nearer = rewritten.first()?;
    let there = nearer.seen_there(at_first.as_ref().unwrap_or(packet), time);
    there.or(at_first)
}

/// What the capture `name` has in common with the first one, in a sentence or two.
pub(super) fn told(first: &str, name: &str, vantage: &Vantage) -> String {
    let milliseconds = |nanos: i64| {
        format!(
            "{}.{:03} s",
            nanos / 1_000_000_000,
            nanos.abs() / 1_000_000 % 1_000
        )
    };
    let sign = if vantage.offset < 0 {
        "behind"
    } else {
        "ahead of"
    };
    let mut text = format!(
        "{name} saw {} of the first capture's packets too, from another place: its clock is {} {sign} the first one's.",
        vantage.shared,
        milliseconds(vantage.offset.abs())
    );
    let lost = [
        (vantage.only_first, "only the first"),
        (vantage.only_second, "only this one"),
    ];
    for (count, who) in lost.into_iter().filter(|(count, _)| *count > 0) {
        let packets = if count == 1 { "packet" } else { "packets" };
        text.push_str(&format!(
            " {count} {packets} of the same connections {who} has."
        ));
    }
    let (near, far) = if vantage.nearer == Nearer::Second {
        (name, first)
    } else {
        (first, name)
    };
    let is_known = vantage.nearer != Nearer::Unknown;
    if let Some(told) = vantage.rewritten.told(near, far, is_known) {
        text.push_str(&format!(" {told}"));
    }
    text
}

/// How many packets of the flows that both saw are in `one` alone, at a time that `other` covers. The second's clock minus the
/// first's is `offset`.
fn lacking(one: &Seen, other: &Seen, offset: i64) -> usize {
    let flows: BTreeSet<u64> = one
        .iter()
        .filter(|(mark, _)| other.contains_key(mark))
        .map(|(_, (_, flow))| *flow)
        .collect();
    let times = || other.values().filter_map(|(time, _)| *time);
    let (Some(from), Some(to)) = (times().min(), times().max()) else {
        return 0;
    };
    let is_covered = |time: Timestamp| {
        let there = Timestamp::from_nanos(time.nanos().saturating_add(offset));
        there >= from && there <= to
    };
    one.iter()
        .filter(|(mark, (time, flow))| {
            time.is_some_and(is_covered) && flows.contains(flow) && !other.contains_key(mark)
        })
        .count()
}

/// The packets of a capture that are compared.
#[derive(Default)]
struct All {
    packets: Vec<Kept>,
    carried: Carried,
}

/// What is kept of a packet.
struct Kept {
    time: Timestamp,
    ends: nat::Ends,
    /// What it is known by beside its ends, and the same without what a device on the way may renumber: hashes.
    rest: u64,
    lasting: u64,
}

fn all(reader: &mut CaptureReader) -> All {
    let mut network = Network::default();
    let mut all = All::default();
    // What cannot be read is told when the captures are read in earnest.
    while let Ok(Some(frame)) = reader.next_frame() {
        let time = frame.time;
        network.packet(&frame, &mut |packet, _| {
            let Some(ends) = ends(packet).filter(|_| all.packets.len() < PACKETS) else {
                return;
            };
            all.carried.add(packet, time, PACKETS);
            all.packets.push(Kept {
                time,
                ends,
                rest: rest(packet, Numbering::Kept),
                lasting: rest(packet, Numbering::Changed),
            });
        });
    }
    all
}

/// The packets as they are at the place whose addresses are told.
fn seen(packets: &[Kept], rewritten: &Rewritten) -> Seen {
    let hasher = BuildHasherDefault::<FxHasher>::default();
    let mut seen = Seen::default();
    for packet in packets {
        let ends = rewritten.ends_there(packet.ends, packet.time);
        let rest = if rewritten.has(ends) {
            packet.lasting
        } else {
            packet.rest
        };
        let flow = hasher.hash_one(ends);
        let mark = hasher.hash_one((flow, rest));
        let known = seen.insert(mark, (Some(packet.time), flow));
        if known.is_some() {
            seen.insert(mark, (None, flow));
        }
    }
    seen
}

/// Whether a device on the way may have given packets other identifications.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Kept,
    Changed,
}

const fn ends(packet: &Packet<'_>) -> Option<nat::Ends> {
    match packet {
        Packet::Tcp(segment) => Some((segment.src, segment.dst)),
        Packet::Udp(datagram) => Some((datagram.src, datagram.dst)),
        Packet::IcmpError(_) => None,
    }
}

/// What a packet is known by at another place beside its ends: a hash.
fn rest(packet: &Packet<'_>, numbering: Numbering) -> u64 {
    let hasher = BuildHasherDefault::<FxHasher>::default();
    match packet {
        Packet::Tcp(segment) => {
            let numbers = (
                segment.sequence,
                segment.acknowledgment,
                segment.flags.0,
                match numbering {
                    Numbering::Kept => segment.identification,
                    Numbering::Changed => 0,
                },
            );
            hasher.hash_one((numbers, segment.payload))
        }
        Packet::Udp(datagram) => hasher.hash_one(datagram.payload),
        Packet::IcmpError(_) => 0,
    }
}

/// Leaves out the copies of packets that another capture has brought already.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// The last packets, and by which file and when each came.
    known: FxHashMap<u64, (usize, Timestamp)>,
    ages: VecDeque<u64>,
}

impl Twins {
    /// Whether `packet`, which `file` brings at `time`, came from another file a moment ago. Its addresses are those that are told.
    pub(super) fn is_copy(
        &mut self,
        packet: &Packet<'_>,
        rewritten: &[Rewritten],
        (file, time): (usize, Timestamp),
    ) -> bool {
        let Some(ends) = ends(packet) else {
            return false;
        };
        let is_rewritten = rewritten.iter().any(|it| it.has(ends));
        let numbering = if is_rewritten {
            Numbering::Changed
        } else {
            Numbering::Kept
        };
        let hasher = BuildHasherDefault::<FxHasher>::default();
        let mark = hasher.hash_one((ends, rest(packet, numbering)));
        if let Some((other, before)) = self.known.get(&mark)
            && *other != file
            && time.since(*before).abs() < TRAVEL_NANOS
        {
            return true;
        }
        if self.known.insert(mark, (file, time)).is_none() {
            self.ages.push_back(mark);
        }
        if self.ages.len() > REMEMBERED
            && let Some(oldest) = self.ages.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}
