//! Joins what was heard of two addresses of one machine.
//!
//! Never decides that two addresses are one machine's: that is for `stacks`.

use std::net::IpAddr;

use crate::dissect::message::Loss;
use crate::model::clients::Clients;
use crate::model::correlate::Correlator;
use crate::model::sighting;
use crate::model::stacks::{Pair, Side, Stacks};
use crate::model::target::same_host;
use crate::model::ticket_request::TicketRequest;

/// A client that is challenged asks for a ticket at once.
const SOON_NANOS: i64 = 5_000_000_000;

impl Correlator {
    /// Looks at the web request that `client` just made: the name in its registration, and whose ticket it shows.
    pub(super) fn hear_web(&mut self, client: IpAddr) {
        let window = self.clients.get(self.stacks.main(client));
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
            self.clients.join(pair.other, pair.main);
        }
    }

    /// Takes in the request at a place in the window of `client`, which a KDC has answered.
    pub(super) fn hear_kdc(&mut self, client: IpAddr, place: Option<usize>) {
        let window = self.clients.get(self.stacks.main(client));
        let Some(answered) = place.and_then(|place| window?.tickets.get(place)) else {
            return;
        };
        self.facts.add_answered(answered);
        if let Some(pair) = named_to_kdc(answered, &mut self.stacks, &self.clients) {
            self.clients.join(pair.other, pair.main);
        }
    }
}

/// Looks at a request that a KDC has answered, for the name of the computer that asked, or else for the challenge behind it.
fn named_to_kdc(answered: &TicketRequest, stacks: &mut Stacks, clients: &Clients) -> Option<Pair> {
    let asked = answered.request.cname.as_ref();
    let issued = answered.issued().and_then(|reply| reply.cname.as_ref());
    // An error may name the client whose ticket was shown.
    let refused = answered.error().and_then(|error| error.cname.as_ref());
    let known = issued.or(asked).or(refused);
    let computer = known.filter(|name| name.is_computer());
    let name = computer.and_then(|name| name.parts.first());
    let client = answered.client.addr;
    let by_name = name.and_then(|name| stacks.hear(Side::Kdc, name.as_str(), client));
    by_name.or_else(|| stacks.pair(client, challenged(answered, clients)?))
}

/// The only client of the other version of IP that was just challenged by the server for which a ticket is asked, where whoever
/// asks speaks to no web server itself.
fn challenged(answered: &TicketRequest, clients: &Clients) -> Option<IpAddr> {
    let client = answered.client.addr;
    let service = answered.service().filter(|service| service.is_http())?;
    let host = service.host()?;
    let window = clients.get(client);
    if window.is_some_and(|window| !window.http.is_empty()) {
        return None;
    }
    let mut found = clients.iter().filter(|(other, window)| {
        other.is_ipv4() != client.is_ipv4()
            && window.http.last().is_some_and(|last| {
                let since = answered.asked.time.since(last.last_span().last_time);
                // What was cut is not known to be over before more follows: so its answer may come late.
                let is_cut = last.asked.loss == Some(Loss::Snapped) && last.answer.is_none();
                (last.is_challenged() || is_cut)
                    && last.host().is_some_and(|asked| same_host(asked, host))
                    && (0..SOON_NANOS).contains(&since)
            })
    });
    let (only, _) = found.next()?;
    found.next().is_none().then_some(only)
}
