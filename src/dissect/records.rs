//! Messages behind their lengths, as Kerberos and DNS stand in a TCP stream.
//!
//! Never waits for a message that is longer than its protocol's longest: behind it, and behind a gap whose end is not known,
//! the next message is looked for where a segment begins.

use crate::dissect::conversation::Line;
use crate::dissect::message::{Loss, MessageBody};
use crate::dissect::outlet::Out;
use crate::dissect::raw::Decode;
use crate::dissect::{Probe, step};
use crate::endpoint::{Direction, Flow};
use crate::net::provenance::FrameList;
use crate::net::tcp::connection::Gap;
use crate::net::tcp::stream::Ready;
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// How a protocol puts its messages into a stream.
#[derive(Debug)]
pub(super) struct Format {
    /// Bytes of the length before each message, the high one first.
    pub(super) prefix: usize,
    /// Lengths of messages.
    pub(super) lengths: std::ops::RangeInclusive<usize>,
    /// What the first bytes of a segment say, where it is not known whether a message begins there.
    pub(super) probe: fn(&[u8]) -> Probe,
    /// What a message says, as far as its bytes go; `None` for one that is of no interest.
    pub(super) decode: Decode,
}

/// A connection that carries such messages.
#[derive(Debug)]
pub(super) struct Records {
    format: &'static Format,
    to_server: Half,
    to_client: Half,
}

/// One direction.
#[derive(Debug)]
struct Half {
    /// Whether the next byte begins a message.
    in_step: bool,
    /// A message that has a gap, or that the end has cut.
    cut: Option<Cut>,
}

#[derive(Debug)]
struct Cut {
    body: Result<Option<MessageBody>, DecodeError>,
    frames: FrameList,
    loss: Loss,
    /// Bytes that are still to come.
    left: u64,
}

/// What stands at the front of a direction that is in step.
enum Front<'a> {
    /// A message, without its length.
    Whole(&'a [u8]),
    /// A part of one.
    Part,
    /// A length that no message has.
    Absurd,
}

impl Format {
    fn front<'a>(&self, bytes: &'a [u8]) -> Front<'a> {
        let Some(len) = self.len(bytes) else {
            return Front::Part;
        };
        if !self.lengths.contains(&len) {
            return Front::Absurd;
        }
        match bytes.get(self.prefix..self.prefix + len) {
            Some(message) => Front::Whole(message),
            None => Front::Part,
        }
    }

    /// The length that stands at the front.
    pub(super) fn len(&self, bytes: &[u8]) -> Option<usize> {
        let prefix = bytes.get(..self.prefix)?;
        Some(
            prefix
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte)),
        )
    }
}

impl Records {
    /// `in_step`: the first bytes of both directions begin messages.
    pub(super) const fn new(format: &'static Format, in_step: bool) -> Self {
        Self {
            format,
            to_server: Half { in_step, cut: None },
            to_client: Half { in_step, cut: None },
        }
    }

    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let (format, half) = self.half(direction);
        half.go_on(line, direction, ready, out);
        while half.cut.is_none() && !ready.bytes().is_empty() {
            if !step::find(&mut half.in_step, format.probe, ready) {
                return;
            }
            match format.front(ready.bytes()) {
                Front::Part => return,
                Front::Whole(message) => {
                    let mut frames = FrameList::default();
                    ready.take(format.prefix + message.len(), &mut frames);
                    out.whole(
                        line.envelope(direction, frames, None),
                        message,
                        format.decode,
                    );
                }
                Front::Absurd => step::lose(&mut half.in_step, "length of a message", ready, out),
            }
        }
    }

    /// What stands before the gap is decoded as far as it goes; what follows it up to the message's end belongs to it.
    pub(super) fn gap(
        &mut self,
        line: Line,
        direction: Direction,
        gap: Gap,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let (format, half) = self.half(direction);
        half.cut_here(format, line.flow(direction), ready, Loss::of(&gap), out);
        let Some(cut) = &mut half.cut else {
            half.in_step = false;
            out.missed(line.flow(direction), line.id, gap);
            return;
        };
        half.in_step = gap.missing <= cut.left;
        cut.left = cut.left.saturating_sub(gap.missing);
        if let Some(run) = gap.cut_in {
            cut.frames.add(run.frame, run.time);
        }
        half.close_if_whole(line, direction, out);
    }

    pub(super) fn end(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let (format, half) = self.half(direction);
        half.cut_here(format, line.flow(direction), ready, Loss::Ended, out);
        if let Some(cut) = half.cut.take() {
            cut.tell(line, direction, out);
        }
    }

    const fn half(&mut self, direction: Direction) -> (&'static Format, &mut Half) {
        match direction {
            Direction::ToServer => (self.format, &mut self.to_server),
            Direction::ToClient => (self.format, &mut self.to_client),
        }
    }
}

impl Half {
    /// Takes bytes that belong to a message with a gap in it.
    fn go_on(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        if let Some(cut) = &mut self.cut {
            let here = usize::try_from(cut.left)
                .unwrap_or(usize::MAX)
                .min(ready.bytes().len());
            ready.take(here, &mut cut.frames);
            cut.left -= here as u64;
        }
        self.close_if_whole(line, direction, out);
    }

    fn close_if_whole(&mut self, line: Line, direction: Direction, out: &mut Out<'_>) {
        if let Some(cut) = self.cut.take_if(|cut| cut.left == 0) {
            cut.tell(line, direction, out);
        }
    }

    /// The last bytes before a gap or the end are a message that is not whole, if one begins there.
    fn cut_here(
        &mut self,
        format: &Format,
        flow: Flow,
        ready: &mut Ready<'_>,
        loss: Loss,
        out: &mut Out<'_>,
    ) {
        let bytes = ready.bytes();
        if self.cut.is_some() || bytes.is_empty() {
            return;
        }
        let len = format.len(bytes).filter(|len| format.lengths.contains(len));
        let body = (format.decode)(bytes.get(format.prefix..).unwrap_or_default());
        let is_message = self.in_step || (len.is_some() && body.is_ok());
        let stated = len.unwrap_or(0) + format.prefix;
        let left = stated.saturating_sub(bytes.len()) as u64;
        let mut frames = FrameList::default();
        ready.take(stated, &mut frames);
        match len {
            _ if !is_message => {}
            Some(_) => {
                self.cut = Some(Cut {
                    body,
                    frames,
                    loss,
                    left,
                });
            }
            None => out.unread_of(
                flow,
                &frames,
                DecodeError {
                    reading: "length of a message",
                    offset: 0,
                    kind: DecodeErrorKind::Truncated,
                },
            ),
        }
    }
}

impl Cut {
    fn tell(self, line: Line, direction: Direction, out: &mut Out<'_>) {
        let envelope = line.envelope(direction, self.frames, Some(self.loss));
        out.decoded(envelope, self.body);
    }
}
