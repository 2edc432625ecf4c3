//! What TCP and UDP carry, put together, edited, and laid back into the frames that brought it.
//!
//! Never gives two copies of the same bytes different ones.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::endpoint::{Endpoint, Flow, Transport};
use crate::export::redacted::headers::tcp_header;
use crate::export::redacted::{Held, Kinds};
use crate::hide::{Hider, Kind, Piece};
use crate::net::places::{Places, Protocol};

const UDP: usize = 8;
const SYN: u8 = 2;

/// Some bytes of a frame, and where they stand in what was put together.
#[derive(Clone, Copy)]
struct Share {
    frame: usize,
    from: usize,
    to: usize,
    offset: i64,
}

/// One direction of a connection.
#[derive(Default)]
struct Direction {
    /// The sequence number that was last seen, and its offset.
    last: Option<(u32, i64)>,
    /// The number of the first byte, if a SYN told it.
    syn: Option<u32>,
    shares: Vec<Share>,
}

impl Direction {
    fn offset(&mut self, sequence: u32) -> i64 {
        let offset = self.last.map_or(0, |(last, offset)| {
            let step = sequence.wrapping_sub(last).cast_signed();
            offset + i64::from(step)
        });
        self.last = Some((sequence, offset));
        offset
    }
}

/// The directions of a flow, and the pieces of a datagram.
type Datagram = (IpAddr, IpAddr, u32);

/// Edits the payloads of all frames.
pub(super) fn edit(frames: &mut [Held], kinds: &Kinds, hider: &mut Hider<'_>) {
    let mut directions: BTreeMap<Flow, Vec<Direction>> = BTreeMap::new();
    let mut datagrams: BTreeMap<Datagram, Vec<Share>> = BTreeMap::new();
    for (place, held) in frames.iter_mut().enumerate() {
        let Some(places) = held.places else {
            continue;
        };
        match (places.protocol, places.piece) {
            (Protocol::Tcp, _) => segment(place, held, &places, &mut directions),
            (Protocol::Udp, Some(piece)) => {
                let share = Share {
                    frame: place,
                    from: places.payload,
                    to: places.end,
                    offset: i64::try_from(piece.offset).unwrap_or(i64::MAX),
                };
                let of = (places.src, places.dst, piece.id);
                datagrams.entry(of).or_default().push(share);
            }
            (Protocol::Udp, None) => {
                let kind = kinds.of_frame(held.number);
                let payload = held.bytes.get_mut(places.payload + UDP..places.end);
                hider.datagram(kind, payload.unwrap_or_default());
            }
            (Protocol::Icmp | Protocol::IcmpV6, _) => {}
        }
    }
    for (flow, directions) in directions {
        for direction in directions {
            stream(frames, &direction.shares, kinds.of_flow(flow), hider);
        }
    }
    for shares in datagrams.into_values() {
        datagram(frames, &shares, kinds, hider);
    }
}

fn segment(
    place: usize,
    held: &Held,
    places: &Places,
    directions: &mut BTreeMap<Flow, Vec<Direction>>,
) {
    let segment = held
        .bytes
        .get(places.payload..places.end)
        .unwrap_or_default();
    let Some(flow) = flow(segment, places) else {
        return;
    };
    let number = segment.get(4..8).and_then(|it| it.try_into().ok());
    let number = number.map_or(0, u32::from_be_bytes);
    let is_syn = segment.get(13).is_some_and(|flags| flags & SYN != 0);
    let known = directions.entry(flow).or_default();
    if known.is_empty() || is_syn && known.last().is_some_and(|it| it.syn != Some(number)) {
        known.push(Direction {
            syn: is_syn.then_some(number),
            ..Direction::default()
        });
    }
    let Some(direction) = known.last_mut() else {
        return;
    };
    let offset = direction.offset(number.wrapping_add(u32::from(is_syn)));
    let from = places.payload + tcp_header(segment);
    if from < places.end {
        direction.shares.push(Share {
            frame: place,
            from,
            to: places.end,
            offset,
        });
    }
}

fn flow(segment: &[u8], places: &Places) -> Option<Flow> {
    let port = |at: usize| {
        let pair = segment.get(at..at + 2)?;
        Some(u16::from_be_bytes(pair.try_into().ok()?))
    };
    Some(Flow {
        src: Endpoint::new(places.src, port(0)?),
        dst: Endpoint::new(places.dst, port(2)?),
        transport: Transport::Tcp,
    })
}

fn stream(frames: &mut [Held], shares: &[Share], kind: Option<Kind>, hider: &mut Hider<'_>) {
    let mut pieces = gather(frames, shares);
    hider.stream(kind, &mut pieces);
    lay_back(frames, shares, &pieces);
}

/// A datagram of which the first piece is not there says nothing.
fn datagram(frames: &mut [Held], shares: &[Share], kinds: &Kinds, hider: &mut Hider<'_>) {
    let numbers = shares
        .iter()
        .filter_map(|share| Some(frames.get(share.frame)?.number));
    let kind = numbers
        .into_iter()
        .find_map(|number| kinds.of_frame(number));
    let mut pieces = gather(frames, shares);
    for piece in &mut pieces {
        match piece.bytes.get_mut(UDP..) {
            Some(payload) if piece.offset == 0 => hider.datagram(kind, payload),
            _ => piece.bytes.fill(0),
        }
    }
    lay_back(frames, shares, &pieces);
}

/// Puts together what follows each other; of two copies the first one counts.
fn gather(frames: &[Held], shares: &[Share]) -> Vec<Piece> {
    let mut sorted = shares.to_vec();
    sorted.sort_by_key(|share| share.offset);
    let mut pieces: Vec<Piece> = Vec::new();
    for share in sorted {
        let bytes = frames
            .get(share.frame)
            .and_then(|held| held.bytes.get(share.from..share.to))
            .unwrap_or_default();
        match pieces.last_mut() {
            Some(last) if share.offset <= end(last) => {
                let known = usize::try_from(end(last) - share.offset).unwrap_or(usize::MAX);
                last.bytes.extend(bytes.get(known..).into_iter().flatten());
            }
            _ => pieces.push(Piece {
                offset: share.offset,
                bytes: bytes.to_vec(),
            }),
        }
    }
    pieces
}

fn end(piece: &Piece) -> i64 {
    piece
        .offset
        .saturating_add_unsigned(piece.bytes.len() as u64)
}

fn lay_back(frames: &mut [Held], shares: &[Share], pieces: &[Piece]) {
    for share in shares {
        let behind = pieces.partition_point(|piece| piece.offset <= share.offset);
        let piece = behind.checked_sub(1).and_then(|at| pieces.get(at));
        let edited = piece.and_then(|piece| {
            let from = usize::try_from(share.offset - piece.offset).ok()?;
            piece.bytes.get(from..from + (share.to - share.from))
        });
        let place = frames
            .get_mut(share.frame)
            .and_then(|held| held.bytes.get_mut(share.from..share.to));
        match (place, edited) {
            (Some(place), Some(edited)) => place.copy_from_slice(edited),
            (Some(place), None) => place.fill(0),
            (None, _) => {}
        }
    }
}
