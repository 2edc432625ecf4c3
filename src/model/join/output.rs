//! What outputs of commands say, and the attempts that it is about.
//!
//! Never takes a name for another one because it looks alike: hosts, realms and accounts have to be those of the attempt.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::Arc;

use crate::limits::Budget;
use crate::logs::command_output::{CachedTicket, ClockChart, CommandFact, Controller, TrustList};
use crate::model::attempt::Attempt;
use crate::model::target::is_host_of;
use crate::model::witness::{OutputRecord, Source};
use crate::text::WireText;
use crate::wire::kerberos::name::PrincipalName;

/// Gives `fact` of `file` to the attempts that it is about, and says whether there is one.
pub fn take(file: &Arc<str>, line: u64, fact: &CommandFact, attempts: &mut [Attempt]) -> bool {
    let mut found = false;
    for attempt in attempts {
        if !is_about(attempt, fact) {
            continue;
        }
        found = true;
        if attempt.outputs.len() < Budget::TOLD_LINES {
            attempt.outputs.push(OutputRecord {
                source: Source {
                    file: Arc::clone(file),
                    line,
                },
                fact: fact.clone(),
            });
        }
    }
    found
}

fn is_about(attempt: &Attempt, fact: &CommandFact) -> bool {
    match fact {
        CommandFact::Holder(held) => is_its_service(attempt, held.spn.as_str()),
        CommandFact::Nobody(spn) => is_its_service(attempt, spn.as_str()),
        CommandFact::Ticket(ticket) => is_its_ticket(attempt, ticket),
        CommandFact::Controller(found) => is_its_controller(attempt, found),
        CommandFact::Trusts(list) => is_its_list(attempt, list),
        CommandFact::Clock(chart) => is_its_machine(attempt, chart),
    }
}

/// Whether `spn` names a web service of the target, or stands for one: `HTTP/host` or `HOST/host`, with any port.
fn is_its_service(attempt: &Attempt, spn: &str) -> bool {
    let mut parts = spn.split('/');
    let (Some(class), Some(instance)) = (parts.next(), parts.next()) else {
        return false;
    };
    let host = instance.split(':').next().unwrap_or(instance);
    let is_web = class.eq_ignore_ascii_case("http") || class.eq_ignore_ascii_case("host");
    let asked = attempt.service_tickets();
    let asked = asked.filter_map(|request| request.service()?.host());
    let names = attempt.target.names.iter().map(WireText::as_str);
    is_web && is_host_of(names.chain(asked), host)
}

/// Whether it is a ticket for the target, or one with which the client's account asks for it.
fn is_its_ticket(attempt: &Attempt, ticket: &CachedTicket) -> bool {
    let is_clients = || {
        let account = attempt.principal.as_ref().map(|it| it.name.to_string());
        account.is_some_and(|account| ticket.client.same_name(&account))
    };
    let opens = ticket.server.as_str().split_once('/');
    let is_granting = opens.is_some_and(|(class, _)| class.eq_ignore_ascii_case("krbtgt"));
    is_its_service(attempt, ticket.server.as_str()) || is_granting && is_clients()
}

fn is_its_controller(attempt: &Attempt, found: &Controller) -> bool {
    found
        .address
        .is_some_and(|address| is_kdc(attempt, address))
}

/// Whether it is the list of the client's realm, or that of another one that was asked.
fn is_its_list(attempt: &Attempt, list: &TrustList) -> bool {
    let own = list.own().map(|own| own.name.as_str());
    own.is_some_and(|own| {
        let mut realms = attempt.tickets.iter().filter_map(|request| request.realm());
        attempt
            .home_realm()
            .is_some_and(|home| home.eq_ignore_ascii_case(own))
            || realms.any(|realm| realm.eq_ignore_ascii_case(own))
    })
}

fn is_its_machine(attempt: &Attempt, chart: &ClockChart) -> bool {
    attempt.target.address == Some(chart.peer)
        || attempt.client == chart.peer
        || is_kdc(attempt, chart.peer)
}

fn is_kdc(attempt: &Attempt, address: IpAddr) -> bool {
    let asked = attempt.tickets.iter().map(|request| request.kdc.addr);
    let tried = attempt.kdc_connects.iter().map(|it| it.server.addr);
    asked.chain(tried).any(|kdc| kdc == address)
}

/// The first one of each account among `records`.
fn each_once<'r>(records: impl IntoIterator<Item = &'r OutputRecord>) -> Vec<&'r OutputRecord> {
    let mut found: Vec<&OutputRecord> = Vec::new();
    for record in records {
        if !found.iter().any(|known| is_same_account(known, record)) {
            found.push(record);
        }
    }
    found
}

fn is_same_account(one: &OutputRecord, other: &OutputRecord) -> bool {
    match (&one.fact, &other.fact) {
        (CommandFact::Holder(one), CommandFact::Holder(other)) => {
            one.account.same_name(other.account.as_str())
        }
        _ => false,
    }
}

impl Attempt {
    /// What outputs say of who holds the very name `service`.
    pub fn exact_holders(&self, service: &PrincipalName) -> Vec<&OutputRecord> {
        self.holders_of(&service.to_string())
    }

    /// The same, or where no output has that name, who holds `HOST` of the same host, which stands for it.
    pub fn holders(&self, service: &PrincipalName) -> Vec<&OutputRecord> {
        let stands_for = service.host().map(|host| format!("HOST/{host}"));
        let mut held = self.exact_holders(service);
        if let Some(host) = stands_for.filter(|_| held.is_empty() && service.is_http()) {
            held = self.holders_of(&host);
        }
        held
    }

    /// Each account with `spn` once, out of the output that names the most of them: two in one output hold the name at one time,
    /// whatever other outputs repeat.
    fn holders_of(&self, spn: &str) -> Vec<&OutputRecord> {
        let held = |record: &&OutputRecord| matches!(&record.fact, CommandFact::Holder(held) if held.spn.same_name(spn));
        let all: Vec<&OutputRecord> = self.outputs.iter().filter(held).collect();
        let beside = |record: &OutputRecord| {
            let of_file = all
                .iter()
                .filter(|it| it.source.is_of_file_of(&record.source));
            each_once(of_file.copied()).len()
        };
        let mut found = all.clone();
        found.sort_by_cached_key(|record| Reverse(beside(record)));
        each_once(found)
    }

    /// What an output says of `service` being held by nobody.
    pub fn held_by_nobody(&self, service: &PrincipalName) -> Option<&OutputRecord> {
        let asked = service.to_string();
        let is_it = |record: &&OutputRecord| matches!(&record.fact, CommandFact::Nobody(spn) if spn.same_name(&asked));
        self.outputs.iter().find(is_it)
    }
}
