//! pcapng: sections of blocks.
//!
//! Never lends what is no packet, but gives a number to every block that Wireshark numbers, so that both count alike.

mod clock;
pub(super) mod framing;
mod interface;
mod packet;

use framing::{Framing, Head, kind};
use interface::Interface;
use packet::Packet;

use crate::capture::error::CaptureError;
use crate::capture::progress::Progress;
use crate::capture::source::Source;
use crate::frame::{Frame, Timestamp};

/// Interfaces of one section that are believed.
const INTERFACES: usize = 65_536;

/// Reads blocks.
#[derive(Debug)]
pub(super) struct PcapngReader {
    framing: Framing,
    progress: Progress,
    /// Those of the section, by their numbers; `None` where the description cannot be read.
    interfaces: Vec<Option<Interface>>,
    last_time: Timestamp,
}

impl PcapngReader {
    pub(super) fn new(source: Source) -> Self {
        Self {
            framing: Framing::new(source),
            progress: Progress::default(),
            interfaces: Vec::new(),
            last_time: Timestamp::from_nanos(0),
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn source(&self) -> &Source {
        self.framing.source()
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        loop {
            let Some(head) = self.framing.next(&mut self.progress)? else {
                return Ok(None);
            };
            let Some(packet) = self.take(head) else {
                continue;
            };
            let Some(interface) = self.interface(packet.interface) else {
                self.miss(
                    head,
                    "holds a packet of an interface that it does not describe",
                );
                continue;
            };
            return Ok(Some(self.frame(head, packet, interface)));
        }
    }

    fn interface(&self, number: u32) -> Option<Interface> {
        let number = usize::try_from(number).ok()?;
        self.interfaces.get(number).copied().flatten()
    }

    /// Takes in what a block says; gives the packet in it.
    fn take(&mut self, head: Head) -> Option<Packet> {
        match head.kind {
            kind::ENHANCED_PACKET | kind::SIMPLE_PACKET | kind::OLD_PACKET => self.packet(head),
            kind::SECTION => {
                self.interfaces.clear();
                None
            }
            kind::INTERFACE => {
                self.describe(head);
                None
            }
            other => {
                if kind::NUMBERED.contains(&other) {
                    self.progress.count_unread();
                }
                None
            }
        }
    }

    fn packet(&mut self, head: Head) -> Option<Packet> {
        let first = self.interfaces.first().and_then(Option::as_ref);
        let block = self.framing.block(head);
        let packet = Packet::read(head.kind, head.order, block, first);
        if packet.is_none() {
            self.miss(head, "holds a packet block that cannot be read");
        }
        packet
    }

    fn describe(&mut self, head: Head) {
        if self.interfaces.len() >= INTERFACES {
            return;
        }
        let interface = interface::read(head.order, self.framing.block(head));
        if interface.is_none() {
            self.progress.damage(
                self.framing.begin(head),
                "holds an interface description that cannot be read",
            );
        }
        self.interfaces.push(interface);
    }

    /// A packet that cannot be lent has its number all the same.
    fn miss(&mut self, head: Head, what: &str) {
        self.progress.damage(self.framing.begin(head), what);
        self.progress.count_unread();
    }

    fn frame(&mut self, head: Head, packet: Packet, interface: Interface) -> Frame<'_> {
        if let Some(ticks) = packet.ticks {
            self.last_time = interface.clock.time(ticks);
        }
        let bytes = packet.bytes(self.framing.block(head));
        let wire_len = packet.original.max(packet.captured);
        let (bytes, wire_len) = super::without_check(bytes, wire_len, interface.check_bytes);
        Frame {
            number: self.progress.count(interface.link),
            time: self.last_time,
            link: interface.link,
            bytes,
            wire_len,
        }
    }
}
