//! The machines of all attempts: their names, what they do, and how that is known; and the way a ticket took.
//!
//! Never asks a resolver: a name is what a message of the capture says.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::finding::Evidence;
use crate::frame::FrameNumber;
use crate::limits::{Budget, Limitation};
use crate::model::attempt::{Attempt, is_same_ticket};
use crate::model::clock::{self, ClockSample};
use crate::model::lookup::Lookup;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::story::cast::Cast;
use crate::story::host::{Hop, Host, HostClock, Role};
use crate::story::phrase;
use crate::wire::kerberos::message::Ticket;
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::ntlm::NtlmMessage;

/// Gathers hosts from attempts.
#[derive(Debug, Default)]
pub struct Hosts {
    machines: BTreeMap<IpAddr, Host>,
    clocks: BTreeMap<IpAddr, Vec<ClockSample>>,
    /// The first reading of a machine whose clock had no place any more.
    crowded: Option<FrameNumber>,
}

impl Hosts {
    /// Adds the machines of `attempt`.
    pub fn add(&mut self, attempt: &Attempt) {
        self.add_client(attempt);
        self.add_server(attempt);
        self.add_behind(attempt);
        self.add_kdcs(attempt);
        self.add_dns(attempt);
        self.add_clocks(&attempt.clocks);
    }

    /// Adds readings of clocks, of machines that take part and of others.
    pub fn add_clocks(&mut self, readings: &[ClockSample]) {
        for reading in readings {
            let is_known = self.clocks.contains_key(&reading.host);
            if !is_known && self.clocks.len() >= Budget::CLOCK_HOSTS {
                self.crowded.get_or_insert(reading.frame);
                continue;
            }
            let samples = self.clocks.entry(reading.host).or_default();
            if samples.len() < Budget::CLOCK_SAMPLES {
                samples.push(*reading);
            }
        }
    }

    /// What could not be kept.
    pub fn limitation(&self) -> Option<Limitation> {
        self.crowded.map(|frame| {
            Limitation::since(
                frame,
                format!(
                    "The clocks of the first {} machines are compared; those of others are not.",
                    Budget::CLOCK_HOSTS
                ),
            )
        })
    }

    /// The hosts by role, then by address.
    pub fn into_list(self) -> Vec<Host> {
        let mut list: Vec<Host> = self.machines.into_values().collect();
        for host in &mut list {
            let samples = self.clocks.get(&host.address);
            host.clock = samples.and_then(|samples| host_clock(samples, host.address));
        }
        list.sort_by(|a, b| (a.roles.first(), a.address).cmp(&(b.roles.first(), b.address)));
        list
    }

    /// The best name of `address`.
    pub fn name(&self, address: IpAddr) -> Option<&str> {
        self.machines
            .get(&address)?
            .names
            .first()
            .map(String::as_str)
    }

    fn add_client(&mut self, attempt: &Attempt) {
        let host = self.host(attempt.client, Role::Client);
        if let Some(principal) = &attempt.principal {
            let account = principal.name.to_string();
            let told = format!("account {account}");
            if principal.name.is_computer() {
                host.call(account.trim_end_matches('$'), principal.frame, &told);
            }
            if host.realm.is_none() {
                host.realm = principal.realm.as_ref().map(ToString::to_string);
            }
        }
        for exchange in &attempt.http {
            let message = exchange.request.ccm.as_ref();
            let asked = message.and_then(|message| message.registration.as_ref());
            if let Some(name) =
                asked.and_then(|asked| asked.fqdn.as_ref().or(asked.netbios_name.as_ref()))
            {
                host.call(
                    name.as_str(),
                    exchange.asked.first(),
                    "names itself in its registration",
                );
            }
            let token = exchange
                .windows_token()
                .and_then(|token| token.ntlm.as_ref());
            if let Some(NtlmMessage::Authenticate(proof)) = token
                && let Some(name) = proof.workstation.as_ref().filter(|name| !name.is_empty())
            {
                host.call(
                    name.as_str(),
                    exchange.asked.first(),
                    "workstation in the NTLM proof",
                );
            }
        }
    }

    fn add_server(&mut self, attempt: &Attempt) {
        let Some(address) = attempt.target.address else {
            return;
        };
        let asked = || {
            let over = attempt.http.iter();
            over.filter(move |exchange| exchange.server.addr == address)
        };
        if let Some(proxied) = asked().find(|exchange| exchange.is_for_proxy()) {
            let how = "is asked in the form that is for proxies".to_owned();
            self.host(address, Role::Proxy)
                .prove(proxied.asked.first(), how);
            return;
        }
        let host = self.host(address, Role::Server);
        for exchange in asked() {
            if let Some(name) = exchange.host() {
                host.call(name, exchange.asked.first(), "Host header of the request");
            }
            if let (Some(point), Some(answer)) = (exchange.own_point(), &exchange.answer) {
                let frame = answer.span.first();
                if let Some(name) = point.best_name() {
                    host.call(name.as_str(), frame, "names itself as a management point");
                }
                host.prove(frame, phrase::of_point(point));
            }
            let token = exchange
                .answer_token()
                .and_then(|token| token.ntlm.as_ref());
            if let (Some(NtlmMessage::Challenge(challenge)), Some(answer)) =
                (token, &exchange.answer)
                && let Some(name) = challenge
                    .av
                    .dns_computer
                    .as_ref()
                    .filter(|name| !name.is_empty())
            {
                host.call(
                    name.as_str(),
                    answer.span.first(),
                    "names itself in the NTLM challenge",
                );
            }
        }
        for start in attempt
            .tls
            .iter()
            .filter(|start| start.server.addr == address)
        {
            if let Some(name) = &start.sni {
                host.call(
                    name.as_str(),
                    start.span.first(),
                    "server name in the TLS ClientHello",
                );
            }
        }
        host.resolve(address, &attempt.lookups);
        for lookup in &attempt.around.neighbours {
            if let Some(answer) = lookup.answer_with(address) {
                let how = format!("{} answer", lookup.system.name());
                host.call(lookup.name.as_str(), answer.span.first(), &how);
            }
        }
    }

    /// Those that are asked by a proxy or a balancer in the client's place, where the capture shows that side too.
    fn add_behind(&mut self, attempt: &Attempt) {
        for exchange in &attempt.http {
            let Some(passed) = exchange.passed_on.as_deref() else {
                continue;
            };
            let (front, frame) = (exchange.server.addr, passed.asked.first());
            self.host(front, Role::Proxy)
                .prove(frame, "passes requests on".to_owned());
            let host = self.host(passed.server.addr, Role::Server);
            host.prove(frame, format!("is asked by {front} in the client's place"));
            if let Some(name) = passed.host().filter(|name| exchange.host() != Some(*name)) {
                host.call(name, frame, "Host header of the request that is passed on");
            }
        }
    }

    fn add_kdcs(&mut self, attempt: &Attempt) {
        let cast = Cast::of(attempt);
        for request in &attempt.tickets {
            let address = request.kdc.addr;
            let host = self.host(address, Role::Kdc);
            if let Some(answer) = &request.answer {
                host.prove(answer.span.last(), "answers as a KDC".to_owned());
            } else {
                host.prove(request.asked.first(), "is asked for a ticket".to_owned());
            }
            if host.realm.is_none() {
                host.realm = cast.kdc_realm(address).map(str::to_owned);
            }
            host.resolve(address, &attempt.kdc_lookups);
        }
        for connect in attempt
            .kdc_connects
            .iter()
            .filter(|connect| connect.is_failed())
        {
            let host = self.host(connect.server.addr, Role::Kdc);
            host.prove(
                connect.first().frame,
                "is called on the port of Kerberos".to_owned(),
            );
            host.resolve(connect.server.addr, &attempt.kdc_lookups);
        }
    }

    fn add_dns(&mut self, attempt: &Attempt) {
        for lookup in attempt.lookups.iter().chain(&attempt.kdc_lookups) {
            let host = self.host(lookup.server.addr, Role::Dns);
            host.prove(lookup.asked.first(), "is asked for names".to_owned());
        }
    }

    fn host(&mut self, address: IpAddr, role: Role) -> &mut Host {
        let host = self.machines.entry(address).or_insert_with(|| Host {
            address,
            names: Vec::new(),
            roles: Vec::new(),
            realm: None,
            because: Vec::new(),
            clock: None,
        });
        if !host.roles.contains(&role) {
            host.roles.push(role);
        }
        host
    }
}

fn host_clock(samples: &[ClockSample], host: IpAddr) -> Option<HostClock> {
    let reading = clock::reading(samples, host)?;
    let mut sources: Vec<&'static str> = samples.iter().map(|sample| sample.source).collect();
    sources.sort_unstable();
    sources.dedup();
    Some(HostClock {
        offset_ms: reading.offset_nanos / 1_000_000,
        spread_ms: reading.spread_nanos / 1_000_000,
        samples: reading.samples,
        frame: reading.frame,
        sources,
    })
}

impl Host {
    /// Adds a name, unless it is known already or is the first label of a known one.
    fn call(&mut self, name: &str, frame: FrameNumber, how: &str) {
        let name = name.trim_end_matches('.');
        let known = self
            .names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        if known || name.is_empty() {
            return;
        }
        self.names.push(name.to_owned());
        self.prove(frame, format!("{name}: {how}"));
    }

    /// Names `address` after the look-up that found it.
    fn resolve(&mut self, address: IpAddr, lookups: &[Lookup]) {
        let found = lookups
            .iter()
            .filter(|lookup| lookup.addresses().any(|found| found == address));
        for lookup in found {
            let frame = lookup.last_span().first();
            self.call(lookup.name.as_str(), frame, "DNS answer");
        }
    }

    /// Says once how something is known.
    fn prove(&mut self, frame: FrameNumber, text: String) {
        if !self.because.iter().any(|evidence| evidence.text == text) {
            self.because.push(Evidence::new(frame, text));
        }
    }
}

/// From the client's realm to the service, hop by hop: the last way that the client went, where it began anew.
pub fn ticket_path(attempt: &Attempt) -> Vec<Hop> {
    let leads = |request: &&TicketRequest| {
        request.kind == TicketKind::Tgs
            && (request.next_realm().is_some()
                || request.service().is_some_and(PrincipalName::is_http))
    };
    let mut way: Vec<(&Ticket, Hop)> = Vec::new();
    for request in attempt.tickets.iter().filter(leads) {
        if let (Some(ticket), Some(hop)) = (request.ticket(), hop(attempt, request)) {
            way.truncate(hops_before(&way, request, &hop));
            way.push((ticket, hop));
        }
    }
    way.into_iter().map(|(_, hop)| hop).collect()
}

/// How many hops of `way` lead to `request`: those up to the ticket that it shows. Where that is none of theirs, the request
/// begins anew if its realm was on the way before.
fn hops_before(way: &[(&Ticket, Hop)], request: &TicketRequest, hop: &Hop) -> usize {
    let shown = request.request.tgt.as_ref();
    let by_ticket =
        shown.and_then(|shown| way.iter().rposition(|(got, _)| is_same_ticket(got, shown)));
    let by_realm = || way.iter().position(|(_, before)| before.realm == hop.realm);
    by_ticket
        .map(|last| last + 1)
        .or_else(by_realm)
        .unwrap_or(way.len())
}

/// Where a ticket is shown: to the next KDC, or to the server.
fn shown_in(attempt: &Attempt, ticket: &Ticket) -> Option<FrameNumber> {
    let to_kdcs = attempt
        .tickets
        .iter()
        .filter_map(|request| Some((request.request.tgt.as_ref()?, request.asked.first())));
    let to_server = attempt
        .shown_tickets()
        .filter_map(|shown| Some((shown.ap_req()?.ticket.as_ref()?, shown.asked.first())));
    to_kdcs
        .chain(to_server)
        .find_map(|(shown, frame)| is_same_ticket(shown, ticket).then_some(frame))
}

fn hop(attempt: &Attempt, request: &TicketRequest) -> Option<Hop> {
    let ticket = request.ticket()?;
    let next_realm = request.next_realm().map(str::to_owned);
    Some(Hop {
        realm: ticket.realm.to_string(),
        frame: request.answer.as_ref()?.span.last(),
        gives: next_realm.as_ref().map_or_else(
            || ticket.sname.to_string(),
            |realm| match request.referral() {
                Some(_) => format!("referral to {realm}"),
                None => format!("ticket for the KDC of {realm}"),
            },
        ),
        next_realm,
        shown_in: shown_in(attempt, ticket),
    })
}
