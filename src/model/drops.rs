//! What the machine that captured the packets of a question, or of a connection that is opened, says of them: it dropped them.
//!
//! Never says that a question was dropped of which one packet was not.

use crate::dissect::message::DroppedPacket;
use crate::frame::{FrameNumber, PacketDrop};
use crate::limits::Budget;
use crate::model::clients::Clients;
use crate::model::exchange::Span;
use crate::model::window::Window;

/// Packets that were dropped.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drops(Vec<PacketDrop>);

impl Drops {
    /// Takes in one more.
    pub fn push(&mut self, drop: PacketDrop) {
        if self.0.len() < Budget::DROPS {
            self.0.push(drop);
        }
    }

    /// The last of them, where each of `frames` was dropped.
    pub fn of_all(&self, frames: impl IntoIterator<Item = FrameNumber>) -> Option<&PacketDrop> {
        let mut last = None;
        for frame in frames {
            last = Some(self.0.iter().find(|drop| drop.frame == frame)?);
        }
        last
    }
}

/// A packet of one of the `clients` was dropped.
pub(in crate::model) fn note(packet: DroppedPacket, clients: &mut Clients) {
    if let Some(window) = clients.get_mut(packet.client) {
        window.dropped(packet.drop);
    }
}

impl Window {
    /// A packet that the client sent was dropped: it may be a SYN or a question.
    pub fn dropped(&mut self, drop: PacketDrop) {
        let is_it = |frame: FrameNumber| frame == drop.frame;
        let asks = |asked: &Span, again: &[Span]| Span::firsts(asked, again).any(is_it);
        let mut connects = self.connects.iter_mut().rev();
        let mut tickets = self.tickets.iter_mut().rev();
        let mut lookups = self.lookups.iter_mut().rev();
        if let Some(connect) = connects.find(|it| it.syn_frames().any(is_it)) {
            connect.drops.push(drop);
        } else if let Some(ticket) = tickets.find(|it| asks(&it.asked, &it.again)) {
            ticket.drops.push(drop);
        } else if let Some(lookup) = lookups.find(|it| asks(&it.asked, &it.again)) {
            lookup.drops.push(drop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_was_asked_again_is_dropped_where_each_of_its_packets_was() {
        let drop = |frame| PacketDrop {
            frame: FrameNumber(frame),
            event: 7 + frame,
            component: "filter.sys".to_owned(),
            reason: 1,
            location: 2,
            is_outbound: true,
        };
        let mut drops = Drops::default();
        drops.push(drop(3));
        drops.push(drop(9));
        let of = |frames: &[u64]| {
            drops
                .of_all(frames.iter().map(|it| FrameNumber(*it)))
                .cloned()
        };
        assert_eq!(of(&[3]), Some(drop(3)));
        assert_eq!(of(&[3, 9]), Some(drop(9)));
        assert_eq!((of(&[3, 4]), of(&[])), (None, None));
    }
}
