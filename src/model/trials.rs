//! Which keys of the user's keytabs open which tickets.
//!
//! Never keeps a cipher text: each is tried once and let go, with keytabs or without.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dissect::message::{Message, MessageBody};
use crate::keys::{Fit, KeyName, Keytab, Lock, Trial};
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::wire::kerberos::message::{CipherDigest, KerberosMessage, Ticket};

/// A ticket, and what came of trying each keytab on it.
pub type Tried = (CipherDigest, Vec<Trial>);

/// What came of trying, for each ticket once.
#[derive(Clone, Debug, Default)]
pub struct Trials {
    keytabs: Arc<[Keytab]>,
    by_ticket: BTreeMap<CipherDigest, Vec<Trial>>,
}

impl Trials {
    /// With these keytabs.
    pub fn new(keytabs: Arc<[Keytab]>) -> Self {
        Self {
            keytabs,
            by_ticket: BTreeMap::new(),
        }
    }

    /// Takes the cipher texts out of a message, and tries the keys on them.
    pub fn learn(&mut self, message: &mut Message) {
        match &mut message.body {
            MessageBody::Kerberos(kerberos) => self.kerberos(kerberos),
            MessageBody::HttpRequest(request) => {
                let token = request.head.auth.as_deref_mut();
                if let Some(kerberos) = token.and_then(|it| it.kerberos.as_mut()) {
                    self.kerberos(kerberos);
                }
            }
            _ => {}
        }
    }

    /// Tells `attempt` what came of trying the keys on its tickets.
    pub fn tell(&self, attempt: &mut Attempt) {
        if self.by_ticket.is_empty() {
            return;
        }
        let shown = attempt.shown_tickets().filter_map(|it| it.ap_req());
        let shown = shown.filter_map(|it| it.ticket.as_ref());
        let issued = attempt.tickets.iter().filter_map(|it| it.ticket());
        let digests = shown.chain(issued).filter_map(|it| it.cipher_digest);
        let mut tried: Vec<Tried> = Vec::new();
        for digest in digests {
            if let Some(trials) = self.by_ticket.get(&digest)
                && !tried.iter().any(|(known, _)| *known == digest)
            {
                tried.push((digest, trials.clone()));
            }
        }
        attempt.around.tried = tried;
    }

    fn kerberos(&mut self, message: &mut KerberosMessage) {
        let ticket = match message {
            KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request) => &mut request.tgt,
            KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => &mut reply.ticket,
            KerberosMessage::ApReq(request) => &mut request.ticket,
            _ => return,
        };
        if let Some(ticket) = ticket {
            self.ticket(ticket);
        }
    }

    fn ticket(&mut self, ticket: &mut Ticket) {
        let (Some(cipher), Some(digest)) = (ticket.cipher.take(), ticket.cipher_digest) else {
            return;
        };
        let is_full = self.by_ticket.len() >= Budget::TICKETS_COUNTED;
        if self.keytabs.is_empty() || is_full || self.by_ticket.contains_key(&digest) {
            return;
        }
        let lock = Lock {
            sname: &ticket.sname,
            realm: &ticket.realm,
            etype: ticket.etype,
            cipher: &cipher,
        };
        let trials = self.keytabs.iter().map(|keytab| Trial {
            keytab: Arc::clone(&keytab.name),
            fit: keytab.try_on(lock),
        });
        self.by_ticket.insert(digest, trials.collect());
    }
}

impl Attempt {
    /// What came of trying the keytabs on `ticket`, in their order; nothing where none was tried.
    pub fn trials_of(&self, ticket: &Ticket) -> &[Trial] {
        let tried = self.around.tried.iter();
        let mut tried = tried.filter(|(digest, _)| ticket.cipher_digest == Some(*digest));
        tried.next().map_or(&[], |(_, trials)| trials)
    }

    /// The key that opens `ticket`, and the keytab that holds it. Of several names for it that of an account, which says more than
    /// that of a service.
    pub fn key_of(&self, ticket: &Ticket) -> Option<(&KeyName, &Trial)> {
        let fitting = self.trials_of(ticket).iter().filter_map(|trial| {
            let Fit::Opens(name) = &trial.fit else {
                return None;
            };
            Some((name, trial))
        });
        fitting.min_by_key(|(name, _)| name.principal.parts.len())
    }
}
