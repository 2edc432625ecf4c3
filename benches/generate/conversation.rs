//! A TCP connection, from its first SYN to its last ACK, as the frames of a capture: now and then out of order, or twice.

use crate::packet::Path;
use crate::random::Random;

/// The client's side of a connection.
pub(crate) const CLIENT: usize = 0;
/// The server's side of it.
pub(crate) const SERVER: usize = 1;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;
/// Payload of a full segment.
const SEGMENT: usize = 1_400;

/// A connection under construction.
pub(crate) struct Conversation<'a> {
    path: Path,
    random: &'a mut Random,
    /// The next sequence number of each side.
    next: [u32; 2],
    frames: Vec<Vec<u8>>,
}

impl<'a> Conversation<'a> {
    /// Shakes hands.
    pub(crate) fn open(path: Path, random: &'a mut Random) -> Self {
        let next = [random.word(), random.word()].map(u32::from_le_bytes);
        let frames = Vec::new();
        let mut conversation = Self {
            path,
            random,
            next,
            frames,
        };
        conversation.control(CLIENT, SYN);
        conversation.control(SERVER, SYN | ACK);
        conversation.control(CLIENT, ACK);
        conversation
    }

    /// Sends a message, and has it acknowledged every second segment and at its end.
    pub(crate) fn say(&mut self, side: usize, message: &[u8]) {
        let mut sent: Vec<Vec<u8>> = Vec::new();
        let count = message.len().div_ceil(SEGMENT);
        for (place, payload) in message.chunks(SEGMENT).enumerate() {
            sent.push(self.segment(side, ACK | PUSH, payload));
            if self.random.once_in(100) {
                sent.extend(sent.last().cloned());
            }
            if place % 2 == 1 || place + 1 == count {
                sent.push(self.segment(1 - side, ACK, &[]));
            }
        }
        if count > 1 && self.random.once_in(40) {
            sent.swap(0, 1);
        }
        self.frames.append(&mut sent);
    }

    /// Closes both directions.
    pub(crate) fn close(mut self) -> Vec<Vec<u8>> {
        self.control(CLIENT, FIN | ACK);
        self.control(SERVER, FIN | ACK);
        self.control(CLIENT, ACK);
        self.frames
    }

    fn control(&mut self, side: usize, flags: u8) {
        let frame = self.segment(side, flags, &[]);
        self.frames.push(frame);
    }

    fn segment(&mut self, side: usize, flags: u8, payload: &[u8]) -> Vec<u8> {
        let numbers = [self.next[side], self.next[1 - side]];
        let taken = payload.len() + usize::from(flags & (SYN | FIN) != 0);
        self.next[side] = self.next[side].wrapping_add(u32::try_from(taken).unwrap_or(0));
        self.path.tcp(side, flags, numbers, payload)
    }
}
