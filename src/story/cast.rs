//! What the story calls the machines of one attempt.
//!
//! Never makes a name up: a machine without a known part is called by its address.

use std::net::IpAddr;

use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::TicketRequest;
use crate::story::Actor;

/// The machines of an attempt and their parts.
#[derive(Clone, Debug)]
pub struct Cast {
    client: IpAddr,
    server: Option<IpAddr>,
    server_label: &'static str,
    kdcs: Vec<(IpAddr, String)>,
}

impl Cast {
    /// The cast of `attempt`.
    pub fn of(attempt: &Attempt) -> Self {
        let mut kdcs: Vec<(IpAddr, String)> = Vec::new();
        for request in &attempt.tickets {
            if let Some(realm) = realm_of_kdc(request)
                && !kdcs.iter().any(|(address, _)| *address == request.kdc.addr)
            {
                kdcs.push((request.kdc.addr, realm.to_owned()));
            }
        }
        Self {
            client: attempt.client,
            server: attempt.target.address,
            server_label: match attempt.kind {
                _ if asks_proxy(attempt) => "proxy",
                AttemptKind::Ccm => "MP",
                AttemptKind::SignOn | AttemptKind::Presumed => "server",
            },
            kdcs,
        }
    }

    /// The client.
    pub fn client(&self) -> Actor {
        actor(self.client, "client".to_owned())
    }

    /// The web server at `address`.
    pub fn server(&self, address: IpAddr) -> Actor {
        actor(address, self.server_label.to_owned())
    }

    /// The KDC at `address`: named after the first label of its realm, if no other realm of the attempt begins with the same.
    pub fn kdc(&self, address: IpAddr) -> Actor {
        let label = self.kdc_realm(address).map_or_else(
            || "KDC".to_owned(),
            |realm| format!("KDC {}", self.short(realm)),
        );
        actor(address, label)
    }

    /// The DNS server at `address`.
    pub fn dns(&self, address: IpAddr) -> Actor {
        actor(address, "DNS".to_owned())
    }

    /// All on the network, who are asked for a name at `address`.
    pub fn neighbours(&self, address: IpAddr) -> Actor {
        actor(address, "neighbours".to_owned())
    }

    /// The name server of NetBIOS at `address`.
    pub fn wins(&self, address: IpAddr) -> Actor {
        actor(address, "WINS".to_owned())
    }

    /// Whoever is at `address`, by the part it has in the attempt.
    pub fn anyone(&self, address: IpAddr) -> Actor {
        if address == self.client {
            self.client()
        } else if Some(address) == self.server {
            self.server(address)
        } else if self.kdc_realm(address).is_some() {
            self.kdc(address)
        } else {
            actor(address, address.to_string())
        }
    }

    /// The realm of the KDC at `address`.
    pub fn kdc_realm(&self, address: IpAddr) -> Option<&str> {
        self.kdcs
            .iter()
            .find(|(known, _)| *known == address)
            .map(|(_, realm)| realm.as_str())
    }

    fn short<'r>(&self, realm: &'r str) -> &'r str {
        let label = first_label(realm);
        let shared = self.kdcs.iter().any(|(_, other)| {
            !other.eq_ignore_ascii_case(realm) && first_label(other).eq_ignore_ascii_case(label)
        });
        if shared { realm } else { label }
    }
}

fn actor(address: IpAddr, label: String) -> Actor {
    Actor { address, label }
}

/// Whether every request is in the form that only proxies take: the machine that is asked is one, and passes it on.
fn asks_proxy(attempt: &Attempt) -> bool {
    !attempt.http.is_empty() && attempt.http.iter().all(HttpExchange::is_for_proxy)
}

fn first_label(realm: &str) -> &str {
    realm.split('.').next().unwrap_or(realm)
}

/// The realm that a KDC issues tickets for: as its ticket says, else as it was asked.
fn realm_of_kdc(request: &TicketRequest) -> Option<&str> {
    request
        .ticket()
        .map(|ticket| ticket.realm.as_str())
        .or_else(|| request.realm())
        .filter(|realm| !realm.is_empty())
}
