//! When clients got their addresses, as they do when a system starts, and when a domain controller first answered them after that.
//!
//! Never takes the renewal of a lease for a start, and never holds more than the budget.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use crate::dissect::message::Message;
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::exchange::Moment;
use crate::wire::dhcp::{DhcpKind, DhcpMessage};

/// An address that a client had not had, and got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The address.
    pub client: IpAddr,
    /// The frame that asks for it.
    pub asked: FrameNumber,
    /// Where it is given.
    pub given: Moment,
    /// Where a domain controller first answers the client after that: a ping, or with a ticket.
    pub served: Option<Moment>,
}

/// The latest such leases of a capture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leases {
    asked: VecDeque<(u32, FrameNumber)>,
    given: VecDeque<Lease>,
}

impl Leases {
    /// Takes in a message.
    pub fn add(&mut self, message: &Message, body: DhcpMessage) {
        let frame = message.first_frame();
        match body.kind {
            // Who has an address asks with it.
            DhcpKind::REQUEST if message.flow.src.addr == Ipv4Addr::UNSPECIFIED => {
                push(&mut self.asked, (body.transaction, frame));
            }
            DhcpKind::ACK if body.has.is_unspecified() => {
                let same = |(transaction, _): &(u32, FrameNumber)| *transaction == body.transaction;
                let asked = self.asked.iter().rposition(same);
                let asked = asked.and_then(|at| self.asked.remove(at));
                if let Some((_, asked)) = asked {
                    let lease = Lease {
                        client: body.gets.into(),
                        asked,
                        given: Moment {
                            frame,
                            time: message.time,
                        },
                        served: None,
                    };
                    push(&mut self.given, lease);
                }
            }
            _ => {}
        }
    }

    /// A domain controller answers `client`.
    pub fn serve(&mut self, client: IpAddr, at: Moment) {
        let mut leases = self.given.iter_mut().rev();
        if let Some(lease) = leases.find(|lease| lease.client == client) {
            lease.served.get_or_insert(at);
        }
    }

    /// The latest one of `client`.
    pub fn of(&self, client: IpAddr) -> Option<&Lease> {
        self.given.iter().rev().find(|lease| lease.client == client)
    }
}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= Budget::LEASES {
        list.pop_front();
    }
    list.push_back(item);
}
