//! Events in, packets out: pieces joined, copies marked, all in the order of their first events.
//!
//! Never waits for a missing piece while more than a few others wait behind it.

use std::collections::VecDeque;

use crate::capture::etl::events::Event;
use crate::capture::etl::folding::{Dropped, Folding, Reading, Sighting};
use crate::capture::etl::ndis::{self, Joined, Joiner, Piece};
use crate::capture::etl::pktmon::{self, Appearance};
use crate::capture::etl::ras;
use crate::capture::etl::survey::Survey;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::frame::{Frame, FrameNumber, LinkType, Process, Timestamp};

/// Bytes of packets that wait behind one whose end has not come.
const WAITING: usize = 16 << 20;

/// Bytes that are kept of a packet that was dropped: who sent it to whom is told by them.
const DROPPED: usize = 256;

/// A packet of a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::capture) struct Packet {
    /// The number of its first event, and when that was written, in nanoseconds since 1970.
    pub(in crate::capture) event: u64,
    pub(in crate::capture) time: i64,
    pub(in crate::capture) link: LinkType,
    /// Of no meaning where this is a copy of a packet that is read elsewhere.
    pub(in crate::capture) bytes: Vec<u8>,
    pub(in crate::capture) original: u32,
    pub(in crate::capture) is_copy: bool,
    /// On whose thread it was sent, where it was.
    pub(in crate::capture) process: Option<Process>,
}

impl Packet {
    /// The frame of a number.
    pub(in crate::capture) fn frame(&self, number: FrameNumber) -> Frame<'_> {
        let captured = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        Frame {
            number,
            time: Timestamp::from_nanos(self.time),
            link: self.link,
            bytes: &self.bytes,
            wire_len: self.original.max(captured),
        }
    }
}

/// A packet, whole or not yet.
#[derive(Debug)]
struct Slot {
    packet: Packet,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Open,
    /// All there; whether it is read here is not known yet.
    Waits,
    Whole,
    Lost,
}

/// Makes packets of events.
#[derive(Debug)]
pub(in crate::capture) struct Packets {
    survey: Survey,
    folding: Folding,
    joiner: Joiner,
    queue: VecDeque<Slot>,
    /// Which packet, of all there were, is the first of the queue.
    first: u64,
    waiting: usize,
}

impl Packets {
    pub(in crate::capture) fn new(mut survey: Survey) -> Self {
        Self {
            folding: Folding::new(&mut survey),
            survey,
            joiner: Joiner::default(),
            queue: VecDeque::new(),
            first: 0,
            waiting: 0,
        }
    }

    /// Tells what matters before the first packet.
    pub(in crate::capture) fn remark(&self, progress: &mut Progress) {
        self.survey.remark(progress);
    }

    /// Takes the event of a number and a time.
    #[inline]
    pub(in crate::capture) fn add(&mut self, event: &Event<'_>, number: u64, time: i64) {
        match event.provider {
            ndis::PROVIDER => {
                if let Some(piece) = Piece::read(event) {
                    self.add_piece(&piece, number, time);
                }
            }
            pktmon::PROVIDER => {
                if let Some(packet) = Appearance::read(event) {
                    self.add_appearance(&packet, number, time);
                }
            }
            ras::PROVIDER => {
                if let Some(bytes) = ras::packet(event) {
                    let packet = packet(number, time, LinkType::ETHERNET, bytes);
                    self.push(packet, State::Whole);
                }
            }
            _ => {}
        }
    }

    fn add_piece(&mut self, piece: &Piece<'_>, number: u64, time: i64) {
        let is_copy = !self.survey.layers.is_read(piece.interface);
        if piece.is_start && piece.is_end {
            let mut packet = packet(number, time, piece.link, piece.bytes);
            packet.is_copy = is_copy;
            packet.process = piece.sender();
            packet.original = on_wire(&packet);
            self.push(packet, State::Whole);
            return;
        }
        match self.joiner.add(piece, self.first + self.queue.len() as u64) {
            Joined::Nothing => {}
            Joined::Begun { lost } => {
                if let Some(lost) = lost {
                    self.set(lost, State::Lost, Vec::new());
                }
                let packet = Packet {
                    is_copy,
                    process: piece.sender(),
                    ..packet(number, time, piece.link, &[])
                };
                self.push(packet, State::Open);
            }
            Joined::Whole(place, bytes) => self.set(place, State::Whole, bytes),
            Joined::Lost(place) => self.set(place, State::Lost, Vec::new()),
        }
    }

    /// A drop is no packet of its own and has no number; how many there are is told by the survey.
    fn add_appearance(&mut self, seen: &Appearance<'_>, number: u64, time: i64) {
        let Some(link) = seen.link else {
            return;
        };
        if let Some(drop) = seen.drop {
            if self.survey.components.is_of_stack(seen.place.component) {
                let begin = seen.bytes.get(..DROPPED).unwrap_or(seen.bytes);
                let packet = Packet {
                    original: seen.original,
                    ..packet(number, time, link, begin)
                };
                self.folding.drop(seen, drop, packet);
            }
        } else {
            let sighting = Sighting {
                time,
                event: number,
                slot: self.first + self.queue.len() as u64,
            };
            let reading = self.folding.see(seen, link, sighting);
            let is_copy = reading == Reading::Elsewhere;
            let bytes = if is_copy { &[] } else { seen.bytes };
            let packet = Packet {
                original: seen.original,
                is_copy,
                ..packet(number, time, link, bytes)
            };
            let waits = reading == Reading::Waits;
            self.push(packet, if waits { State::Waits } else { State::Whole });
        }
        self.settle();
    }

    /// What became of packets that waited.
    fn settle(&mut self) {
        for (place, is_read) in self.folding.settled() {
            let at = place.checked_sub(self.first);
            let at = at.and_then(|at| usize::try_from(at).ok());
            let slot = at.and_then(|at| self.queue.get_mut(at));
            if let Some(slot) = slot.filter(|slot| slot.state == State::Waits) {
                slot.packet.is_copy = !is_read;
                slot.state = State::Whole;
            }
        }
    }

    /// Whether any packet is known to be dropped.
    pub(super) fn has_drops(&self) -> bool {
        self.folding.has_drops()
    }

    /// The next packet that a component dropped, if it is read before the event `before`.
    pub(super) fn next_drop(&mut self, before: u64) -> Option<Dropped> {
        self.folding.next_drop(before)
    }

    /// What a component is called.
    pub(super) fn component(&self, id: u16) -> &str {
        self.survey.components.name(id)
    }

    fn push(&mut self, mut packet: Packet, state: State) {
        clear_protection(&mut packet);
        self.waiting += packet.bytes.len();
        self.queue.push_back(Slot { packet, state });
        if self.queue.len() > ndis::UNDER_WAY || self.waiting > WAITING {
            self.give_up_first();
        }
    }

    /// The first of the queue is not waited for any more, if it is still open.
    fn give_up_first(&mut self) {
        match self.queue.front_mut() {
            Some(slot) if slot.state == State::Open => {
                slot.state = State::Lost;
                self.joiner.give_up(self.first);
            }
            Some(slot) if slot.state == State::Waits => {
                slot.packet.is_copy = true;
                slot.state = State::Whole;
            }
            _ => {}
        }
    }

    fn set(&mut self, place: u64, state: State, bytes: Vec<u8>) {
        let at = place.checked_sub(self.first);
        let at = at.and_then(|at| usize::try_from(at).ok());
        if let Some(slot) = at.and_then(|at| self.queue.get_mut(at)) {
            self.waiting += bytes.len();
            slot.packet.bytes = bytes;
            slot.packet.original = on_wire(&slot.packet);
            slot.state = state;
            clear_protection(&mut slot.packet);
        }
    }

    /// The next packet, if it is whole.
    #[inline]
    pub(in crate::capture) fn next(&mut self) -> Option<Packet> {
        while !matches!(self.queue.front()?.state, State::Open | State::Waits) {
            let slot = self.queue.pop_front()?;
            self.first += 1;
            self.waiting -= slot.packet.bytes.len();
            if slot.state == State::Whole {
                return Some(slot.packet);
            }
        }
        None
    }

    /// There are no more events: what is not whole will not be. Says so, once.
    pub(in crate::capture) fn finish(&mut self, progress: &mut Progress) {
        self.folding.finish();
        self.settle();
        for slot in &mut self.queue {
            if slot.state == State::Open {
                slot.state = State::Lost;
                self.joiner.lost += 1;
            }
        }
        let lost = std::mem::take(&mut self.joiner.lost);
        if lost > 0 {
            let packets = counted(lost, "packet");
            progress.flaw(format!("The trace lacks pieces of {packets}: left out."));
        }
    }
}

/// `1 packet` or `2 packets`.
pub(super) fn counted(count: u64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// NDIS does not log how long a packet was on the wire: where the trace kept less, the IP header says so.
fn on_wire(packet: &Packet) -> u32 {
    let captured = u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX);
    captured.max(told_by_ip(packet.link, &packet.bytes).unwrap_or(0))
}

fn told_by_ip(link: LinkType, bytes: &[u8]) -> Option<u32> {
    let begin: u32 = match link {
        LinkType::RAW => 0,
        LinkType::ETHERNET if matches!(bytes.get(12..14)?, [8, 0] | [0x86, 0xdd]) => 14,
        _ => return None,
    };
    let ip = bytes.get(begin as usize..)?;
    let number = |at| u32::from(Order::Big.u16(ip, at));
    Some(match ip.first()? >> 4 {
        4 => begin + number(2),
        6 => begin + 40 + number(4),
        _ => return None,
    })
}

fn packet(event: u64, time: i64, link: LinkType, bytes: &[u8]) -> Packet {
    Packet {
        event,
        time,
        link,
        bytes: bytes.to_vec(),
        original: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        is_copy: false,
        process: None,
    }
}

/// Windows decrypts Wi-Fi frames and leaves the bit set that says that they are encrypted.
fn clear_protection(packet: &mut Packet) {
    const PROTECTED: u8 = 0x40;
    if packet.link == LinkType::WIFI
        && let Some(flags) = packet.bytes.get_mut(1)
    {
        *flags &= !PROTECTED;
    }
}
