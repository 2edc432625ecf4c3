//! Joins what was heard of two addresses of one machine.
//!
//! Never decides that two addresses are one machine's: that is for `stacks`.

use std::net::IpAddr;

use crate::model::correlate::Correlator;
use crate::model::sighting;
use crate::model::stacks::{Pair, Side};
use crate::model::ticket_request::TicketRequest;

impl Correlator {
    /// Looks at the web request that `client` just made: the name in its registration, and whose ticket it shows.
    pub(super) fn hear_web(&mut self, client: IpAddr) {
        let window = self.clients.get(&self.stacks.main(client));
        let Some(exchange) = window.and_then(|window| window.http.last()) else {
            return;
        };
        let shown = exchange.ap_req().and_then(|shown| shown.ticket.as_ref());
        let owner = shown
            .and_then(|ticket| self.facts.issued.source_of(ticket))
            .map(|source| source.client.addr);
        let registered = sighting::registered(exchange).and_then(|(_, user)| user.name);
        let by_ticket = owner.and_then(|owner| self.stacks.pair(owner, client));
        let by_name =
            registered.and_then(|name| self.stacks.hear(Side::Web, name.as_str(), client));
        for pair in by_ticket.into_iter().chain(by_name) {
            self.join(pair);
        }
    }

    /// Looks at a request that a KDC has answered, for the name of the computer that asked.
    pub(super) fn hear_kdc(&mut self, answered: &TicketRequest) {
        let asked = answered.request.cname.as_ref();
        let issued = answered.issued().and_then(|reply| reply.cname.as_ref());
        let computer = issued.or(asked).filter(|name| name.is_computer());
        let name = computer.and_then(|name| name.parts.first());
        let pair = name.and_then(|name| {
            self.stacks
                .hear(Side::Kdc, name.as_str(), answered.client.addr)
        });
        if let Some(pair) = pair {
            self.join(pair);
        }
    }

    fn join(&mut self, pair: Pair) {
        let Some(mut other) = self.clients.remove(&pair.other) else {
            return;
        };
        for unread in &mut other.unread {
            unread.flow = self.stacks.main_flow(unread.flow);
        }
        let main = self.clients.entry(pair.main).or_default();
        let before = main.len() + other.len();
        main.join(other);
        self.kept = (self.kept + main.len()).saturating_sub(before);
    }
}
