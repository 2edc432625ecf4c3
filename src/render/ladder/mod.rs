//! The story as a ladder: a lane for each machine, and what passes between them from top to bottom.
//!
//! Never knows how it is drawn, and leaves no step out.

mod passages;

pub(super) use passages::{Passage, passages};

use std::net::IpAddr;

use crate::report::{AttemptReport, Report};
use crate::story::Step;
use crate::story::host::{Host, Role};

/// Lanes, from left to right.
pub(super) struct Ladder<'r> {
    /// The client first and its server last, and between them whom it asks on the way.
    pub(super) lanes: Vec<Lane<'r>>,
}

/// A machine.
pub(super) struct Lane<'r> {
    /// Its address.
    pub(super) address: IpAddr,
    /// What the story calls it: `client`, or `MP, KDC AD` where it has two parts.
    pub(super) label: String,
    /// What is known of it.
    host: Option<&'r Host>,
}

impl<'r> Lane<'r> {
    /// Its best name, where the evidence gives one.
    pub(super) fn name(&self) -> Option<&'r str> {
        self.host?.names.first().map(String::as_str)
    }

    /// Whether it issues tickets for `realm`.
    pub(super) fn issues_for(&self, realm: &str) -> bool {
        self.host.is_some_and(|host| {
            host.roles.contains(&Role::Kdc)
                && host
                    .realm
                    .as_ref()
                    .is_some_and(|own| own.eq_ignore_ascii_case(realm))
        })
    }

    /// How far on the way from client to server it stands.
    fn place(&self) -> u8 {
        let has = |role: Role| self.host.is_some_and(|host| host.roles.contains(&role));
        match () {
            () if has(Role::Client) => 0,
            () if has(Role::Server) => 4,
            () if has(Role::Proxy) => 3,
            () if has(Role::Dns) && !has(Role::Kdc) => 1,
            () => 2,
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// From a lane to another one.
    Between(usize, usize),
    /// At one lane: a line of a log, or a machine that speaks to itself.
    At(usize),
}

impl<'r> Ladder<'r> {
    /// The ladder of `attempts`.
    pub(super) fn of(report: &'r Report, attempts: &'r [AttemptReport]) -> Self {
        let mut lanes: Vec<Lane<'r>> = Vec::new();
        for step in attempts.iter().flat_map(|attempt| &attempt.steps) {
            let is_message = step.source.is_none();
            for actor in [&step.from, &step.to] {
                let host = || report.hosts.iter().find(|it| it.address == actor.address);
                let known = lanes.iter_mut().find(|it| it.address == actor.address);
                match known {
                    Some(lane) => lane.call(&actor.label, is_message),
                    None => lanes.push(Lane {
                        address: actor.address,
                        label: actor.label.clone(),
                        host: host(),
                    }),
                }
            }
        }
        lanes.sort_by_key(Lane::place);
        Self { lanes }
    }

    /// Where `step` stands.
    pub(super) fn way(&self, step: &Step) -> Way {
        let (from, to) = (self.lane(step.from.address), self.lane(step.to.address));
        if from == to {
            Way::At(from)
        } else {
            Way::Between(from, to)
        }
    }

    fn lane(&self, address: IpAddr) -> usize {
        let place = self.lanes.iter().position(|lane| lane.address == address);
        place.unwrap_or_default()
    }
}

impl Lane<'_> {
    /// A second part in the story; logs are no parts.
    fn call(&mut self, label: &str, is_message: bool) {
        if is_message && !self.label.split(", ").any(|known| known == label) {
            self.label = format!("{}, {label}", self.label);
        }
    }
}
