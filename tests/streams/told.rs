//! What a table tells of a capture.

use why401::endpoint::{ConnectionId, Direction};
use why401::frame::{FrameNumber, Timestamp};
use why401::net::provenance::{FrameList, Run};
use why401::net::tcp::connection::{Connection, Event, Gap, Signal};
use why401::net::tcp::stream::Ready;
use why401::net::tcp::table::Table;

use crate::wire::{CLIENT, Line, SERVER, Sent};

/// A byte with the frame that brought it, or a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Byte(u8, u64),
    /// So many bytes; whether the snap length of a frame cut them off.
    Gap(u64, Option<u64>),
}

/// What was told of one connection.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Told {
    pub(crate) streams: [Vec<Part>; 2],
    pub(crate) signals: Vec<(Signal, u64)>,
    pub(crate) ends: [usize; 2],
    pub(crate) saw_start: bool,
    /// The port of the side that was taken for the client.
    pub(crate) client: u16,
}

/// How many of the bytes that are ready a reader takes at once.
pub(crate) type Appetite<'a> = &'a mut dyn FnMut(usize) -> usize;

/// All that is ready.
pub(crate) fn everything(ready: usize) -> usize {
    ready
}

/// Feeds a capture whose frames count from 1, and gives what was told of each connection.
pub(crate) fn rebuild(line: Line, capture: &[Sent]) -> Vec<Told> {
    rebuild_with(line, capture, &mut everything)
}

pub(crate) fn rebuild_with(line: Line, capture: &[Sent], appetite: Appetite<'_>) -> Vec<Told> {
    let lines = capture.iter().map(|sent| (line, sent.clone()));
    rebuild_lines(&lines.collect::<Vec<_>>(), appetite)
}

/// The same for a capture in which each segment has its own line.
pub(crate) fn rebuild_lines(capture: &[(Line, Sent)], appetite: Appetite<'_>) -> Vec<Told> {
    let mut table: Table<()> = Table::default();
    let mut told: Vec<Told> = Vec::new();
    let mut sink = |connection: &mut Connection<()>, event: Event<'_, '_>| {
        let told = of(&mut told, connection.id);
        told.saw_start = connection.saw_start;
        told.client = connection.client.port;
        told.add(event, appetite);
    };
    for (number, (line, sent)) in (1..).zip(capture) {
        let run = Run {
            end: sent.bytes.len(),
            frame: FrameNumber(number),
            time: Timestamp::from_nanos(sent.millis * 1_000_000),
        };
        table.segment(&line.segment(sent), &[run], &mut sink);
    }
    table.finish(&mut sink);
    told
}

/// The bytes that were told of one side.
pub(crate) fn bytes(parts: &[Part]) -> Vec<u8> {
    let bytes = parts.iter().filter_map(|part| match part {
        Part::Byte(byte, _) => Some(*byte),
        Part::Gap(..) => None,
    });
    bytes.collect()
}

/// Says where two streams differ, which are long.
///
/// # Panics
///
/// Where they do.
pub(crate) fn assert_same(told: &[Part], expected: &[Part], case: &str) {
    let longer = told.len().max(expected.len());
    let differing = (0..longer).find(|at| told.get(*at) != expected.get(*at));
    if let Some(at) = differing {
        let (told, expected) = (told.get(at), expected.get(at));
        panic!("{case}: at {at} {told:?} instead of {expected:?}");
    }
}

fn of(told: &mut Vec<Told>, id: ConnectionId) -> &mut Told {
    let at = usize::try_from(id.0).unwrap() - 1;
    if told.len() <= at {
        told.resize(at + 1, Told::default());
    }
    &mut told[at]
}

fn side(direction: Direction) -> usize {
    match direction {
        Direction::ToServer => CLIENT,
        Direction::ToClient => SERVER,
    }
}

impl Told {
    fn add(&mut self, event: Event<'_, '_>, appetite: Appetite<'_>) {
        match event {
            Event::Signal(signal, run) => self.signals.push((signal, run.frame.0)),
            Event::Bytes(direction, ready) => {
                let len = appetite(ready.bytes().len());
                self.take(side(direction), ready, len);
            }
            Event::Gap(direction, gap, ready) => {
                self.take(side(direction), ready, usize::MAX);
                self.gap(side(direction), gap);
            }
            Event::End(direction, ready) => {
                self.take(side(direction), ready, usize::MAX);
                self.ends[side(direction)] += 1;
            }
        }
    }

    /// Takes byte by byte, to learn the frame of each.
    fn take(&mut self, side: usize, ready: &mut Ready<'_>, len: usize) {
        assert_eq!(self.ends[side], 0, "bytes after the end");
        for _ in 0..len.min(ready.bytes().len()) {
            let byte = ready.bytes()[0];
            let mut frames = FrameList::default();
            ready.take(1, &mut frames);
            assert_eq!(frames.frames().len(), 1, "one byte, one frame");
            self.streams[side].push(Part::Byte(byte, frames.frames()[0].0));
        }
    }

    /// Adjacent gaps of one kind are one.
    fn gap(&mut self, side: usize, gap: Gap) {
        assert!(gap.missing > 0, "a gap of nothing");
        let cut_in = gap.cut_in.map(|run| run.frame.0);
        match self.streams[side].last_mut() {
            Some(Part::Gap(missing, None)) if cut_in.is_none() => *missing += gap.missing,
            _ => self.streams[side].push(Part::Gap(gap.missing, cut_in)),
        }
    }
}
