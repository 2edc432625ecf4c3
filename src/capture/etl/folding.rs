//! Tells a packet from the copies of it that other components saw, and finds the packets that a component dropped.
//!
//! Never takes a retransmission for a copy: only another component can hold a copy of a packet. Never takes a packet for dropped
//! that got to its network card, or that was seen again behind the drop: another copy of it was delivered.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hasher};

use rustc_hash::FxBuildHasher;

use crate::capture::etl::packets::Packet;
use crate::capture::etl::pktmon::{Appearance, Drop, Place};
use crate::capture::etl::survey::Survey;
use crate::frame::LinkType;

/// A copy at another component is not later than this, nor is a drop.
const COPY: i64 = 1_000_000;
/// Packets of the last millisecond that are compared, and drops that wait to be told.
const RECENT: usize = 1_024;

/// What becomes of a packet at a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// It is read here.
    Here,
    /// It is read elsewhere.
    Elsewhere,
    /// It is read here if it is dropped before it gets to the card.
    Waits,
}

/// Where and when a packet was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) time: i64,
    /// The number of the event.
    pub(super) event: u64,
    /// Its place among the packets.
    pub(super) slot: u64,
}

/// A packet that was read, or that waits.
#[derive(Clone, Copy, Debug)]
struct Recent {
    seen: Sighting,
    place: Place,
    content: u64,
}

/// A packet that was dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Dropped {
    /// The event at which it is read.
    pub(super) read_at: u64,
    /// The packet as the event has it that says that it was dropped, or its beginning.
    pub(super) packet: Packet,
    pub(super) component: u16,
    pub(super) drop: Drop,
    pub(super) is_outbound: bool,
    content: u64,
}

/// Compares packets with those of the last millisecond.
#[derive(Debug, Default)]
pub(super) struct Folding {
    chosen: HashSet<Place, FxBuildHasher>,
    /// Those of them that are network cards.
    cards: HashSet<Place, FxBuildHasher>,
    /// What was dropped at any time.
    doomed: HashSet<u64, FxBuildHasher>,
    recent: VecDeque<Recent>,
    waiting: VecDeque<Recent>,
    /// Drops behind which the packet may yet be seen again, and those behind which it was not.
    pending: VecDeque<Dropped>,
    told: VecDeque<Dropped>,
    /// Packets that waited, and whether they are read where they did.
    settled: Vec<(u64, bool)>,
}

impl Folding {
    pub(super) fn new(survey: &mut Survey) -> Self {
        let chosen = survey.components.chosen();
        let is_card = |place: &Place| survey.components.is_card(*place);
        Self {
            cards: chosen.iter().copied().filter(is_card).collect(),
            chosen,
            doomed: std::mem::take(&mut survey.doomed),
            ..Self::default()
        }
    }

    /// Whether a packet is read here: at a chosen component, and not there as well as at another; or above the card that it
    /// does not get to.
    pub(super) fn see(
        &mut self,
        packet: &Appearance<'_>,
        link: LinkType,
        seen: Sighting,
    ) -> Reading {
        self.forget(seen.time);
        let is_chosen = self.chosen.is_empty() || self.chosen.contains(&packet.place);
        if !is_chosen && self.doomed.is_empty() {
            return Reading::Elsewhere;
        }
        let content = content(packet, link);
        self.pending.retain(|dropped| dropped.content != content);
        let recent = Recent {
            seen,
            place: packet.place,
            content,
        };
        if !is_chosen {
            return self.wait(recent, packet.is_outbound);
        }
        self.settle(content, false);
        let mut known = self.recent.iter();
        if known.any(|old| old.content == content && old.place != packet.place) {
            return Reading::Elsewhere;
        }
        self.recent.push_back(recent);
        Reading::Here
    }

    /// A packet that is sent, above the card: the first that is seen of it waits, if such a packet was ever dropped.
    fn wait(&mut self, packet: Recent, is_outbound: bool) -> Reading {
        let mut known = self.recent.iter().chain(&self.waiting);
        if !is_outbound
            || !self.doomed.contains(&packet.content)
            || self.waiting.len() >= RECENT
            || known.any(|old| old.content == packet.content)
        {
            return Reading::Elsewhere;
        }
        self.waiting.push_back(packet);
        Reading::Waits
    }

    /// A packet is dropped at a component.
    pub(super) fn drop(&mut self, seen: &Appearance<'_>, drop: Drop, packet: Packet) {
        self.forget(packet.time);
        let content = content(seen, packet.link);
        let waited = self.settle(content, true);
        let may_be_dropped = |old: &&Recent| !seen.is_outbound || !self.cards.contains(&old.place);
        let mut latest = self.recent.iter().rev();
        let read = latest.find(|old| old.content == content);
        let dropped = waited.or_else(|| read.filter(may_be_dropped).copied());
        if let Some(read) = dropped
            && self.pending.len() < RECENT
        {
            self.pending.push_back(Dropped {
                read_at: read.seen.event,
                packet,
                component: seen.place.component,
                drop,
                is_outbound: seen.is_outbound,
                content,
            });
        }
    }

    /// The packet that waits with this content is read where it waits, or is not.
    fn settle(&mut self, content: u64, is_read: bool) -> Option<Recent> {
        let mut waiting = self.waiting.iter();
        let at = waiting.position(|packet| packet.content == content)?;
        let packet = self.waiting.remove(at)?;
        self.settled.push((packet.seen.slot, is_read));
        if is_read {
            self.recent.push_back(packet);
        }
        Some(packet)
    }

    /// Lets go of what is more than a millisecond old at `time`.
    fn forget(&mut self, time: i64) {
        let is_old = |then: i64| time.saturating_sub(then) > COPY;
        while self
            .recent
            .front()
            .is_some_and(|old| is_old(old.seen.time) || self.recent.len() >= RECENT)
        {
            self.recent.pop_front();
        }
        while let Some(old) = pop_if(&mut self.waiting, |old| is_old(old.seen.time)) {
            self.settled.push((old.seen.slot, false));
        }
        while let Some(old) = pop_if(&mut self.pending, |old| is_old(old.packet.time)) {
            if self.told.len() < RECENT {
                self.told.push_back(old);
            }
        }
    }

    /// There are no more events.
    pub(super) fn finish(&mut self) {
        self.forget(i64::MAX);
    }

    /// Packets that waited, by their places, and whether they are read.
    pub(super) fn settled(&mut self) -> Vec<(u64, bool)> {
        std::mem::take(&mut self.settled)
    }

    /// Whether any packet is known to be dropped.
    pub(super) fn has_drops(&self) -> bool {
        !self.told.is_empty()
    }

    /// The next packet that is known to be dropped, if it is read before the event `before`.
    pub(super) fn next_drop(&mut self, before: u64) -> Option<Dropped> {
        pop_if(&mut self.told, |dropped| dropped.read_at < before)
    }
}

/// Takes the first one if it `fits`.
fn pop_if<T>(queue: &mut VecDeque<T>, fits: impl Fn(&T) -> bool) -> Option<T> {
    if queue.front().is_some_and(fits) {
        queue.pop_front()
    } else {
        None
    }
}

/// A digest of direction and bytes behind the link layer, which may be another one at another component.
pub(super) fn content(packet: &Appearance<'_>, link: LinkType) -> u64 {
    let begin = match link {
        LinkType::ETHERNET => 14,
        LinkType::WIFI => packet
            .bytes
            .windows(3)
            .take(40)
            .position(|bytes| bytes == [0xaa, 0xaa, 3])
            .map_or(0, |at| at + 8),
        _ => 0,
    };
    let mut hasher = DefaultHasher::new();
    hasher.write_u8(u8::from(packet.is_outbound));
    hasher.write(packet.bytes.get(begin..).unwrap_or_default());
    hasher.finish()
}
