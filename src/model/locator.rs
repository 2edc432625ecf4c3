//! How clients looked for domain controllers: pings and their answers.
//!
//! Never holds more than the budget.

use std::net::IpAddr;

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
                let asked = self.pings.iter_mut().rev().find(|ping| {
                    ping.client == message.flow.dst && ping.server == message.flow.src
                });
                if let Some(ping) = asked.filter(|ping| ping.answer.is_none()) {
                    ping.answer = Some((at, (**told).clone()));
                }
            }
        }
    }
}
