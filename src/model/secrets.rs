//! What a capture holds that proves accounts, and can be attacked by whoever has it.
//!
//! Never keeps a secret: tickets are told apart by their digests, and the rest is counted.

use std::collections::BTreeSet;

use crate::dissect::message::{Message, MessageBody};
use crate::limits::Budget;
use crate::wire::auth_header::AuthToken;
use crate::wire::kerberos::message::{CipherDigest, KerberosMessage, Ticket};

/// Counts of what proves accounts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Secrets {
    tickets: BTreeSet<CipherDigest>,
    /// NTLM messages of type 3.
    pub ntlm_responses: u64,
    /// Registrations with the client's certificate in them.
    pub certificates: u64,
}

impl Secrets {
    /// Different tickets, as far as they are counted.
    pub fn tickets(&self) -> u64 {
        self.tickets.len() as u64
    }

    /// Counts what a message holds.
    pub fn learn(&mut self, message: &Message) {
        match &message.body {
            MessageBody::Kerberos(kerberos) => self.kerberos(kerberos),
            MessageBody::HttpRequest(request) => {
                if let Some(token) = &request.head.auth {
                    self.token(token);
                }
                let registration = request
                    .ccm
                    .as_ref()
                    .and_then(|ccm| ccm.registration.as_ref());
                let has_certificate =
                    registration.is_some_and(|it| it.signing_thumbprint.is_some());
                self.certificates += u64::from(has_certificate);
            }
            MessageBody::SmbSetup(setup) => self.token(&setup.token),
            _ => {}
        }
    }

    fn token(&mut self, token: &AuthToken) {
        self.ntlm_responses += u64::from(token.ntlm_type() == Some(3));
        if let Some(kerberos) = &token.kerberos {
            self.kerberos(kerberos);
        }
    }

    fn kerberos(&mut self, message: &KerberosMessage) {
        let ticket = match message {
            KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request) => &request.tgt,
            KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => &reply.ticket,
            KerberosMessage::ApReq(request) => &request.ticket,
            _ => return,
        };
        self.ticket(ticket.as_ref());
    }

    fn ticket(&mut self, ticket: Option<&Ticket>) {
        let digest = ticket.and_then(|ticket| ticket.cipher_digest);
        if self.tickets.len() < Budget::TICKETS_COUNTED {
            self.tickets.extend(digest);
        }
    }
}
