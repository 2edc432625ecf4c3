//! Sessions with SQL Server: what is encrypted, that somebody logs in, and the call that stores a registration.
//!
//! Never keeps an answer of the server behind its first, and never keeps of a login more than its frames.

use crate::dissect::body::{Keeper, Room};
use crate::dissect::conversation::Line;
use crate::dissect::message::{Loss, MessageBody, TdsMessage};
use crate::dissect::outlet::Out;
use crate::dissect::{Probe, step};
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::connection::Gap;
use crate::net::tcp::stream::Ready;
use crate::wire::tds::{self, Header, PacketType};

/// A session.
#[derive(Debug)]
pub(super) struct TdsConversation {
    /// Whether the next byte of the client begins a packet.
    in_step: bool,
    /// The client has begun the session, and the server's answer is not seen yet.
    awaits_answer: bool,
    /// It is said that bytes are missing.
    is_holed: bool,
    open: Option<Open>,
    room: Room,
}

/// A message of which not all packets are seen.
#[derive(Debug)]
struct Open {
    kind: PacketType,
    frames: FrameList,
    keeper: Keeper,
    bytes: usize,
}

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match tds::looks_like_tds(bytes) {
        Some(true) => Probe::Certain,
        Some(false) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

impl TdsConversation {
    /// A session whose first bytes have proved it.
    pub(super) const fn new(room: Room) -> Self {
        Self {
            in_step: true,
            awaits_answer: false,
            is_holed: false,
            open: None,
            room,
        }
    }

    /// Takes what is there; says whether nothing more can be read.
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        match direction {
            Direction::ToClient => self.answer(line, ready, out),
            Direction::ToServer => {
                while self.packet(line, ready, out) {}
                false
            }
        }
    }

    /// What stands before the gap is read as far as it goes; behind it, a message is looked for where a segment begins.
    pub(super) fn gap(
        &mut self,
        line: Line,
        direction: Direction,
        gap: Gap,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        if direction == Direction::ToClient {
            self.awaits_answer = false;
            return ready.take(usize::MAX, &mut FrameList::default());
        }
        self.cut(line, ready, Loss::of(&gap), out);
        if !self.is_holed {
            self.is_holed = true;
            out.holed(gap.cut_in.unwrap_or(gap.seen_in).frame);
        }
    }

    pub(super) fn end(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        if direction == Direction::ToServer {
            self.cut(line, ready, Loss::Ended, out);
        }
    }

    /// The server's first answer; says whether it hides everything behind it.
    fn answer(&mut self, line: Line, ready: &mut Ready<'_>, out: &mut Out<'_>) -> bool {
        let mut frames = FrameList::default();
        if !self.awaits_answer {
            ready.take(usize::MAX, &mut frames);
            return false;
        }
        let bytes = ready.bytes();
        let header = tds::header(bytes);
        if bytes.len() < header.map_or(tds::HEADER, |header| header.len) {
            return false;
        }
        self.awaits_answer = false;
        let len = header.map_or(usize::MAX, |header| header.len);
        let said = tds::encryption(bytes.get(tds::HEADER..len).unwrap_or_default());
        ready.take(len, &mut frames);
        ready.take(usize::MAX, &mut FrameList::default());
        let Ok(said) = said else {
            return false;
        };
        let hides_all = said.is_some_and(tds::Encryption::hides_all);
        if let Some((frame, _)) = frames.first().filter(|_| hides_all) {
            out.sealed(frame);
        }
        let body = MessageBody::Tds(TdsMessage::PreloginAnswer(said));
        out.message(line.envelope(Direction::ToClient, frames, None), body);
        hides_all
    }

    /// Takes a packet of the client, or a record of TLS; says whether there was one.
    fn packet(&mut self, line: Line, ready: &mut Ready<'_>, out: &mut Out<'_>) -> bool {
        let bytes = ready.bytes();
        if bytes.is_empty() || !step::find(&mut self.in_step, probe, ready) {
            return false;
        }
        let bytes = ready.bytes();
        if let Some(len) = tds::tls_record_len(bytes) {
            let is_whole = bytes.len() >= len;
            if is_whole {
                ready.take(len, &mut FrameList::default());
            }
            return is_whole;
        }
        match tds::header(bytes) {
            _ if bytes.len() < tds::HEADER => false,
            Some(header) if bytes.len() < header.len => false,
            Some(header) => {
                let open = self.add(header, ready);
                if header.is_last {
                    self.tell(open, line, None, out);
                } else {
                    self.open = Some(open);
                }
                true
            }
            None => {
                self.open = None;
                step::lose(
                    &mut self.in_step,
                    "header of a packet to SQL Server",
                    ready,
                    out,
                );
                false
            }
        }
    }

    /// The message with what is there of the packet at the front, which is taken.
    fn add(&mut self, header: Header, ready: &mut Ready<'_>) -> Open {
        let same = self.open.take().filter(|open| open.kind == header.kind);
        let mut open = same.unwrap_or_else(|| Open::new(header.kind, self.room.clone()));
        let here = header.len.min(ready.bytes().len());
        let body = ready.bytes().get(tds::HEADER..here).unwrap_or_default();
        open.bytes += body.len();
        open.keeper.keep(body, u64::MAX);
        ready.take(here, &mut open.frames);
        open
    }

    /// The bytes end here, and so does what can be read of a message.
    fn cut(&mut self, line: Line, ready: &mut Ready<'_>, loss: Loss, out: &mut Out<'_>) {
        let open = match tds::header(ready.bytes()).filter(|_| self.in_step) {
            Some(header) => Some(self.add(header, ready)),
            None => self.open.take(),
        };
        ready.take(usize::MAX, &mut FrameList::default());
        self.in_step = false;
        if let Some(open) = open {
            self.tell(open, line, Some(loss), out);
        }
    }

    fn tell(&mut self, open: Open, line: Line, loss: Option<Loss>, out: &mut Out<'_>) {
        if let Some(message) = open.message(loss.is_none()) {
            self.awaits_answer |= matches!(message, TdsMessage::Prelogin(_));
            let envelope = line.envelope(Direction::ToServer, open.frames, loss);
            out.message(envelope, MessageBody::Tds(message));
        }
    }
}

impl Open {
    fn new(kind: PacketType, room: Room) -> Self {
        let is_kept = matches!(
            kind,
            PacketType::PRELOGIN | PacketType::BATCH | PacketType::RPC
        );
        Self {
            kind,
            frames: FrameList::default(),
            keeper: if is_kept {
                Keeper::wanting(room)
            } else {
                Keeper::default()
            },
            bytes: 0,
        }
    }

    /// What it says, if that is told.
    fn message(&self, is_all_there: bool) -> Option<TdsMessage> {
        let kept = self.keeper.bytes();
        match self.kind {
            // The handshake of TLS has the same type, and begins otherwise.
            PacketType::PRELOGIN if kept.first() == Some(&0) => {
                tds::encryption(kept).ok().map(TdsMessage::Prelogin)
            }
            PacketType::LOGIN => Some(TdsMessage::Login),
            kind => {
                let is_whole = is_all_there && kept.len() == self.bytes;
                let call = tds::call(kind, kept, is_whole)?;
                Some(TdsMessage::Call(Box::new(call)))
            }
        }
    }
}
