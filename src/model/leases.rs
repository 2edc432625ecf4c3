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

/// An exchange of which one half may still be missing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Open {
    transaction: u32,
    asked: Option<FrameNumber>,
    given: Option<(IpAddr, Moment)>,
}

/// The latest such leases of a capture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leases {
    open: VecDeque<Open>,
    given: VecDeque<Lease>,
}

impl Leases {
    /// Takes in a message. Two that were written in the wrong order say the same.
    pub fn add(&mut self, message: &Message, body: DhcpMessage) {
        let frame = message.first_frame();
        match body.kind {
            // Who has an address asks with it.
            DhcpKind::REQUEST if message.flow.src.addr == Ipv4Addr::UNSPECIFIED => {
                self.note(body.transaction, |open| open.asked = Some(frame));
            }
            DhcpKind::ACK if body.has.is_unspecified() => {
                let at = Moment {
                    frame,
                    time: message.time,
                };
                let given = (body.gets.into(), at);
                self.note(body.transaction, |open| open.given = Some(given));
            }
            _ => return,
        }
        self.close(body.transaction);
    }

    /// Notes a half of an exchange.
    fn note(&mut self, transaction: u32, half: impl FnOnce(&mut Open)) {
        let mut known = self.open.iter_mut();
        if let Some(open) = known.find(|it| it.transaction == transaction) {
            half(open);
            return;
        }
        let mut open = Open {
            transaction,
            ..Open::default()
        };
        half(&mut open);
        push(&mut self.open, open);
    }

    /// Keeps the lease, once both halves are there.
    fn close(&mut self, transaction: u32) {
        let whole = self.open.iter().position(|it| {
            it.transaction == transaction && it.asked.is_some() && it.given.is_some()
        });
        let whole = whole.and_then(|at| self.open.remove(at));
        let halves = whole.and_then(|it| Some((it.asked?, it.given?)));
        if let Some((asked, (client, given))) = halves {
            let lease = Lease {
                client,
                asked,
                given,
                served: None,
            };
            push(&mut self.given, lease);
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
