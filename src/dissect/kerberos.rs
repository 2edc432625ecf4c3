//! Kerberos over TCP (RFC 4120 section 7.2.2): a length of four bytes, then a message.
//!
//! Never waits for a message that is longer than the budget: behind it, and behind a gap, the next message is looked for
//! where a segment begins.

use crate::dissect::Probe;
use crate::dissect::conversation::Line;
use crate::dissect::message::{Loss, MessageBody};
use crate::dissect::outlet::Out;
use crate::endpoint::Direction;
use crate::limits::Budget;
use crate::net::provenance::FrameList;
use crate::net::tcp::connection::Gap;
use crate::net::tcp::stream::Ready;
use crate::wire::kerberos;
use crate::wire::kerberos::message::KerberosMessage;

/// The length before each message.
const RECORD: usize = 4;
/// So many bytes of a message show its application tag, its sequence and its version.
const OUTLINE: usize = 20;

/// A connection to a KDC.
#[derive(Debug, Default)]
pub(super) struct KerberosConversation {
    to_server: Half,
    to_client: Half,
}

/// One direction.
#[derive(Debug, Default)]
struct Half {
    /// A message that was cut in its middle, and how many of its bytes are still to come.
    cut: Option<Cut>,
}

#[derive(Debug)]
struct Cut {
    body: Option<KerberosMessage>,
    frames: FrameList,
    loss: Loss,
    left: u64,
}

/// Whether a stream begins with a record that holds a Kerberos message.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let Some(len) = record_len(bytes) else {
        return Probe::Unsure;
    };
    if !(OUTLINE..=Budget::KERBEROS_MESSAGE).contains(&len) {
        return Probe::NotMine;
    }
    let message = bytes.get(RECORD..).unwrap_or_default();
    match kerberos::outline(message) {
        Some(outline) if outline.len <= len && message.len() >= OUTLINE => Probe::Certain,
        Some(_) if message.len() < OUTLINE => Probe::Unsure,
        None if message.len() < 8 && message.first().is_none_or(|tag| tag & 0xe0 == 0x60) => {
            Probe::Unsure
        }
        _ => Probe::NotMine,
    }
}

/// The length that a record states; the high bit is reserved.
fn record_len(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(..RECORD)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(length)).ok()
}

impl KerberosConversation {
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        let half = self.half(direction);
        half.go_on(line, direction, ready, out);
        while half.cut.is_none() && !ready.bytes().is_empty() {
            match probe(ready.bytes()) {
                Probe::Unsure => return,
                Probe::NotMine => ready.take(usize::MAX, &mut FrameList::default()),
                Probe::Certain => {
                    let Some(len) = record_len(ready.bytes()).map(|len| len + RECORD) else {
                        return;
                    };
                    let Some(record) = ready.bytes().get(..len) else {
                        return;
                    };
                    let decoded = kerberos::decode(record.get(RECORD..).unwrap_or_default());
                    let mut frames = FrameList::default();
                    ready.take(len, &mut frames);
                    match decoded {
                        Ok(message) => out.message(
                            line.envelope(direction, frames, None),
                            MessageBody::Kerberos(message),
                        ),
                        Err(error) => out.unread(&frames, error),
                    }
                }
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
        let loss = if gap.cut_in.is_some() {
            Loss::Snapped
        } else {
            Loss::Missed
        };
        let half = self.half(direction);
        if half.cut.is_none() {
            half.cut = Cut::of(ready, loss);
        }
        if let Some(cut) = &mut half.cut {
            cut.left = cut.left.saturating_sub(gap.missing);
            if let Some(run) = gap.cut_in {
                cut.frames.add(run.frame, run.time);
            }
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
        let half = self.half(direction);
        if half.cut.is_none() {
            half.cut = Cut::of(ready, Loss::Ended);
        }
        if let Some(cut) = half.cut.take() {
            cut.tell(line, direction, out);
        }
    }

    const fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
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
}

impl Cut {
    /// The message that begins in `ready` and is not whole.
    fn of(ready: &mut Ready<'_>, loss: Loss) -> Option<Self> {
        let len = record_len(ready.bytes())?;
        if !(OUTLINE..=Budget::KERBEROS_MESSAGE).contains(&len) {
            return None;
        }
        let body = kerberos::decode(ready.bytes().get(RECORD..).unwrap_or_default()).ok();
        let left = (len + RECORD).saturating_sub(ready.bytes().len()) as u64;
        let mut frames = FrameList::default();
        ready.take(len + RECORD, &mut frames);
        Some(Self {
            body,
            frames,
            loss,
            left,
        })
    }

    fn tell(self, line: Line, direction: Direction, out: &mut Out<'_>) {
        if let Some(body) = self.body {
            out.message(
                line.envelope(direction, self.frames, Some(self.loss)),
                MessageBody::Kerberos(body),
            );
        }
    }
}
