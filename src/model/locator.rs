//! How clients looked for domain controllers: pings, their answers, and whether the client was answered by anybody at all.
//!
//! Never holds more than the budget.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::dissect::message::Message;
use crate::endpoint::Endpoint;
use crate::limits::Budget;
use crate::model::exchange::Moment;
use crate::text::WireText;
use crate::wire::cldap::{Cldap, Netlogon};

/// The pings of a capture, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Locator {
    /// Each with its answer.
    pub pings: Vec<DcPing>,
    /// What each client was seen to hear.
    heard: FxHashMap<IpAddr, Heard>,
}

/// Whose answers to a client are in the capture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Heard {
    /// Those of web servers or DNS servers.
    Others,
    /// One of a KDC, or of a domain controller to a ping.
    Controller,
}

/// A ping of one domain controller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DcPing {
    /// Who asks.
    pub client: Endpoint,
    /// Who is asked.
    pub server: Endpoint,
    /// The domain that is looked for.
    pub domain: Option<WireText>,
    /// When it was asked last.
    pub asked: Moment,
    /// What came back, and where.
    pub answer: Option<(Moment, Netlogon)>,
}

impl Locator {
    /// The pings of `client`.
    pub fn of(&self, client: IpAddr) -> impl Iterator<Item = &DcPing> {
        self.pings
            .iter()
            .filter(move |ping| ping.client.addr == client)
    }

    /// Adds a ping, or the answer to one.
    pub fn add(&mut self, message: &Message, body: &Cldap) {
        let at = Moment {
            frame: message.first_frame(),
            time: message.time,
        };
        match body {
            Cldap::Ping { domain } => {
                if self.pings.len() < Budget::DC_PINGS {
                    self.pings.push(DcPing {
                        client: message.flow.src,
                        server: message.flow.dst,
                        domain: domain.clone(),
                        asked: at,
                        answer: None,
                    });
                }
            }
            Cldap::Answer(told) => {
                self.hear(message.flow.dst.addr, Heard::Controller);
                let asked = self.pings.iter_mut().rev().find(|ping| {
                    ping.client == message.flow.dst && ping.server == message.flow.src
                });
                if let Some(ping) = asked.filter(|ping| ping.answer.is_none()) {
                    ping.answer = Some((at, (**told).clone()));
                }
            }
            Cldap::CutAnswer => self.hear(message.flow.dst.addr, Heard::Controller),
        }
    }

    /// Notes that `client` was answered.
    pub fn hear(&mut self, client: IpAddr, whom: Heard) {
        if let Some(known) = self.heard.get_mut(&client) {
            *known = whom.max(*known);
        } else if self.heard.len() < Budget::CLIENTS {
            self.heard.insert(client, whom);
        }
    }

    /// What `client` was seen to hear; nothing where none of its answers is in the capture.
    pub fn heard_by(&self, client: IpAddr) -> Option<Heard> {
        self.heard.get(&client).copied()
    }
}
