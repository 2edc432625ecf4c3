//! In a capture without any attempt: the failed look-up or connection that may be one.
//!
//! Never competes with an attempt: it is asked only where there is none, and only for clients that reached no web server.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::connect::Connect;
use crate::model::lookup::Lookup;
use crate::model::neighbour_lookup::NeighbourLookup;
use crate::model::settle::{self, Failures, Watched};
use crate::model::surroundings::Surroundings;
use crate::model::target::Target;
use crate::model::visibility::Visibility;
use crate::model::window::is_web_port;
use crate::outcome::Outcome;

/// Failures kept per client: enough for every search suffix and retry of one name.
const KEPT_PER_CLIENT: usize = 32;
/// Clients whose failures are kept, and clients that reached a web server: in a capture with more of them nobody can say which
/// failure is the one.
const CLIENTS: usize = 256;
/// Failures of clients that reached nothing.
#[derive(Debug, Default)]
pub struct Presumption {
    clients: BTreeMap<IpAddr, Failures>,
    /// Clients that reached a web server: theirs are no attempts.
    reached: BTreeSet<IpAddr>,
}

impl Presumption {
    /// Keeps failures of `client`, as long as there is room.
    pub fn add(&mut self, client: IpAddr, failures: Failures) {
        if failures.reached_web && self.reached.len() <= CLIENTS {
            self.reached.insert(client);
        }
        let failed = !failures.lookups.is_empty() || !failures.connects.is_empty();
        if !failed || (self.clients.len() >= CLIENTS && !self.clients.contains_key(&client)) {
            return;
        }
        let kept = self.clients.entry(client).or_default();
        kept.sees_kdc_side |= failures.sees_kdc_side;
        fill(&mut kept.lookups, failures.lookups);
        fill(&mut kept.neighbours, failures.neighbours);
        fill(&mut kept.connects, failures.connects);
    }

    /// The attempts that the failures may be: one for each server that could not be reached.
    pub fn attempts(self, watched: Watched) -> Vec<Attempt> {
        let busy = self.reached.len() > CLIENTS;
        self.clients
            .into_iter()
            .filter(|(client, _)| !busy && !self.reached.contains(client))
            .flat_map(|(client, failures)| of_client(client, &failures, watched))
            .collect()
    }
}

fn fill<T>(kept: &mut Vec<T>, more: Vec<T>) {
    let room = KEPT_PER_CLIENT.saturating_sub(kept.len());
    kept.extend(more.into_iter().take(room));
}

fn is_web(connect: &Connect) -> bool {
    is_web_port(connect.server.port)
}

fn of_client(client: IpAddr, failures: &Failures, watched: Watched) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for connect in failures
        .connects
        .iter()
        .filter(|connect| is_web(connect) && connect.is_failed())
    {
        let known = attempts.iter_mut().find(|attempt| {
            attempt.target.address == Some(connect.server.addr)
                && attempt.target.port == Some(connect.server.port)
        });
        match known {
            Some(attempt) => attempt.connects.push(connect.clone()),
            None => attempts.push(unreached(client, connect, failures, watched)),
        }
    }
    if attempts.is_empty() {
        attempts.extend(unresolved(client, failures, watched));
    }
    for attempt in &mut attempts {
        settle::complete(attempt);
    }
    attempts
}

/// An attempt whose connection came to nothing, with the look-ups that gave the address.
fn unreached(client: IpAddr, connect: &Connect, failures: &Failures, watched: Watched) -> Attempt {
    let lookups: Vec<Lookup> = failures
        .lookups
        .iter()
        .filter(|lookup| {
            lookup
                .addresses()
                .any(|address| address == connect.server.addr)
        })
        .cloned()
        .collect();
    let gives_address =
        |lookup: &NeighbourLookup| lookup.answer_with(connect.server.addr).is_some();
    let around = surroundings(failures, gives_address);
    let by_dns = lookups.iter().map(|lookup| &lookup.name);
    let by_others = around.neighbours.iter().map(|lookup| &lookup.name);
    Attempt {
        target: Target {
            names: by_dns.chain(by_others).take(1).cloned().collect(),
            address: Some(connect.server.addr),
            port: Some(connect.server.port),
        },
        connects: vec![connect.clone()],
        lookups,
        around,
        ..blank(client, failures, watched)
    }
}

/// An attempt that ended with names that did not resolve: the name with the most labels in common with the others comes first.
fn unresolved(client: IpAddr, failures: &Failures, watched: Watched) -> Option<Attempt> {
    let failed: Vec<&Lookup> = failures
        .lookups
        .iter()
        .filter(|lookup| !lookup.is_found() && !lookup.lacks_ipv6_only())
        .filter(|lookup| is_host_name(lookup.name.as_str()))
        .collect();
    let name = failed
        .iter()
        .map(|lookup| &lookup.name)
        .min_by_key(|name| name.as_str().len())?
        .clone();
    let of_name = |lookup: &&Lookup| {
        lookup
            .name
            .as_str()
            .to_ascii_lowercase()
            .starts_with(&name.as_str().to_ascii_lowercase())
    };
    let lookups: Vec<Lookup> = failures.lookups.iter().filter(of_name).cloned().collect();
    let around = surroundings(failures, |lookup| {
        lookup.is_for(std::slice::from_ref(&name))
    });
    let resolved = lookups.iter().any(Lookup::is_found)
        || around.neighbours.iter().any(NeighbourLookup::is_found);
    (!resolved).then(|| Attempt {
        target: Target {
            names: vec![name],
            ..Target::default()
        },
        lookups,
        around,
        ..blank(client, failures, watched)
    })
}

/// The names asked for without DNS that `wanted` picks.
fn surroundings(failures: &Failures, wanted: impl Fn(&NeighbourLookup) -> bool) -> Surroundings {
    let neighbours = failures.neighbours.iter();
    Surroundings {
        neighbours: neighbours
            .filter(|lookup| wanted(lookup))
            .cloned()
            .collect(),
        ..Surroundings::default()
    }
}

/// Whether it can be the name of a server: not a service record, not a name that Windows probes by itself.
fn is_host_name(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    let probed = ["wpad", "isatap"];
    !name.is_empty()
        && !first.starts_with('_')
        && !probed.iter().any(|probe| first.eq_ignore_ascii_case(probe))
        && !name.to_ascii_lowercase().ends_with(".arpa")
}

fn blank(client: IpAddr, failures: &Failures, watched: Watched) -> Attempt {
    Attempt {
        kind: AttemptKind::Presumed,
        client,
        principal: None,
        target: Target::default(),
        lookups: Vec::new(),
        connects: Vec::new(),
        http: Vec::new(),
        tls: Vec::new(),
        tls_aside: None,
        kdc_lookups: Vec::new(),
        kdc_connects: Vec::new(),
        tickets: Vec::new(),
        computer_ticket: None,
        clocks: Vec::new(),
        inside: Vec::new(),
        told: Vec::new(),
        calls: Vec::new(),
        outputs: Vec::new(),
        around: Surroundings::default(),
        outcome: Outcome::Unreachable,
        visibility: Visibility {
            sees_kdc_side: failures.sees_kdc_side,
            snapped: None,
            missed: None,
            unread: None,
            unread_answer: None,
            from: watched.from,
            until: watched.now,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_probes_by_itself_are_no_servers() {
        assert!(is_host_name("SMS4-120-52S.A2003.VM.local"));
        assert!(!is_host_name("wpad.a2003.vm.local"));
        assert!(!is_host_name("_kerberos._udp.A2003.VM.LOCAL"));
        assert!(!is_host_name("10.20.168.192.in-addr.arpa"));
    }
}
