//! What the user's keys say to a rule: whose key a ticket is under.
//!
//! Never takes the name of a service for that of an account: a keytab may hold the same key under both.

use crate::finding::Evidence;
use crate::frame::FrameNumber;
use crate::keys::KeyName;
use crate::model::attempt::Attempt;
use crate::wire::kerberos::message::Ticket;

/// The account whose key opens a ticket.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Account<'a> {
    pub(in crate::rules) key: &'a KeyName,
    keytab: &'a str,
}

impl<'a> Account<'a> {
    /// That of `ticket`, where a keytab has its key under the name of an account.
    pub(in crate::rules) fn of(attempt: &'a Attempt, ticket: &Ticket) -> Option<Self> {
        let (key, trial) = attempt.key_of(ticket)?;
        let is_account = key.principal.parts.len() == 1;
        is_account.then_some(Self {
            key,
            keytab: &trial.keytab,
        })
    }

    /// Its name without the realm, as `setspn` takes it.
    pub(in crate::rules) fn name(self) -> String {
        self.key.principal.to_string()
    }

    /// Whether it is the computer's account of the server that `attempt` is about.
    pub(in crate::rules) fn is_servers_own(self, attempt: &Attempt) -> bool {
        let name = self.name();
        let host = name.strip_suffix('$');
        host.is_some_and(|host| attempt.target.is_meant_by(host))
    }

    /// That its key opens the ticket, as evidence beside `frame`, which shows the ticket.
    pub(in crate::rules) fn evidence(self, frame: FrameNumber) -> Evidence {
        let text = format!("the key of {} opens the ticket", self.key);
        Evidence::of_line(frame, self.keytab, text)
    }
}
