//! How a TCP connection was opened, or was not, and how it ended.

use smallvec::SmallVec;

use crate::dissect::message::{TcpEvent, TcpEventKind};
use crate::endpoint::{ConnectionId, Endpoint};
use crate::frame::{FrameNumber, PacketDrop};
use crate::model::drops::Drops;
use crate::model::exchange::{Moment, Unreachable};

/// The life of one TCP connection.
#[derive(Clone, Debug)]
pub struct Connect {
    /// Which.
    pub id: ConnectionId,
    /// Who opened it.
    pub client: Endpoint,
    /// To whom.
    pub server: Endpoint,
    /// The SYNs; the second and later ones are retransmissions. Most often there is one.
    pub syns: SmallVec<[Moment; 1]>,
    /// The answer to them, or the server's first segment where the capture lacks that.
    pub syn_ack: Option<Moment>,
    /// The server's RST.
    pub reset_by_server: Option<Moment>,
    /// The client's RST.
    pub reset_by_client: Option<Moment>,
    /// The server's FIN.
    pub closed_by_server: Option<Moment>,
    /// The client's FIN.
    pub closed_by_client: Option<Moment>,
    /// The last time the server acknowledged a whole request without answering it at once.
    pub acknowledged: Option<Moment>,
    /// Bytes that the client sent again, because nobody acknowledged them: first and last time.
    pub retransmitted: Option<(Moment, Moment)>,
    /// What an ICMP error said about the SYN.
    pub unreachable: Option<Unreachable>,
    /// Packets of it that were dropped by the machine that captured them.
    pub drops: Drops,
    /// The last thing that is known of it.
    pub last: Moment,
}

impl Connect {
    /// A connection of which `event` is the first that is known.
    pub fn begun_by(event: &TcpEvent) -> Self {
        let mut connect = Self {
            id: event.connection,
            client: event.client,
            server: event.server,
            syns: SmallVec::new(),
            syn_ack: None,
            reset_by_server: None,
            reset_by_client: None,
            closed_by_server: None,
            closed_by_client: None,
            acknowledged: None,
            retransmitted: None,
            unreachable: None,
            drops: Drops::default(),
            last: Moment {
                frame: event.frame,
                time: event.time,
            },
        };
        connect.add(event);
        connect
    }

    /// Takes in what happened next.
    pub fn add(&mut self, event: &TcpEvent) {
        let moment = Moment {
            frame: event.frame,
            time: event.time,
        };
        self.last = moment;
        match event.kind {
            TcpEventKind::Syn => self.syns.push(moment),
            TcpEventKind::SynAck => keep_first(&mut self.syn_ack, moment),
            TcpEventKind::ResetByClient => keep_first(&mut self.reset_by_client, moment),
            TcpEventKind::ResetByServer => keep_first(&mut self.reset_by_server, moment),
            TcpEventKind::ClosedByClient => keep_first(&mut self.closed_by_client, moment),
            TcpEventKind::ClosedByServer => keep_first(&mut self.closed_by_server, moment),
            TcpEventKind::RequestAcknowledged => self.acknowledged = Some(moment),
            TcpEventKind::ClientRetransmits => {
                let first = self.retransmitted.map_or(moment, |(first, _)| first);
                self.retransmitted = Some((first, moment));
            }
        }
    }

    /// Whether the server refused it: a RST to the SYN, or an ICMP error about it.
    pub fn is_refused(&self) -> bool {
        self.syn_ack.is_none()
            && !self.syns.is_empty()
            && (self.reset_by_server.is_some() || self.unreachable.is_some())
    }

    /// Whether nobody answered the SYN.
    pub fn is_silent(&self) -> bool {
        !self.syns.is_empty()
            && self.syn_ack.is_none()
            && self.reset_by_server.is_none()
            && self.unreachable.is_none()
    }

    /// How the last SYN was dropped, where each of them was and nobody answered.
    pub fn dropped(&self) -> Option<&PacketDrop> {
        let drop = self.drops.of_all(self.syn_frames());
        drop.filter(|_| self.is_silent())
    }

    /// The frames of the SYNs.
    pub fn syn_frames(&self) -> impl Iterator<Item = FrameNumber> {
        self.syns.iter().map(|syn| syn.frame)
    }

    /// Whether the capture holds anything of the server's side of it, or an ICMP error about it.
    pub fn is_heard(&self) -> bool {
        self.syn_ack.is_some()
            || self.reset_by_server.is_some()
            || self.closed_by_server.is_some()
            || self.acknowledged.is_some()
            || self.unreachable.is_some()
    }

    /// Whether it came to nothing.
    pub fn is_failed(&self) -> bool {
        self.is_refused() || self.is_silent()
    }

    /// The first thing that is known of it.
    pub fn first(&self) -> Moment {
        self.syns
            .first()
            .copied()
            .or(self.syn_ack)
            .unwrap_or(self.last)
    }
}

fn keep_first(place: &mut Option<Moment>, moment: Moment) {
    place.get_or_insert(moment);
}
