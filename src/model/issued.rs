//! The tickets for web servers that KDCs issued: a client shows one in later sign-ons too.
//!
//! Never holds more than the budget: of very many the oldest are let go. Never takes two tickets for one but by all their bytes.

use std::collections::VecDeque;

use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::wire::kerberos::message::Ticket;
use crate::wire::kerberos::name::PrincipalName;

/// The exchanges that brought such tickets, in order.
#[derive(Clone, Debug, Default)]
pub struct Issued(VecDeque<TicketRequest>);

impl Issued {
    /// Adds `request`, if it was answered with a ticket for a web server.
    pub fn add(&mut self, request: &TicketRequest) {
        let is_for_web = request.ticket().is_some_and(|ticket| {
            ticket.cipher_digest.is_some() && PrincipalName::is_http(&ticket.sname)
        });
        if !is_for_web {
            return;
        }
        if self.0.len() >= Budget::ISSUED_TICKETS {
            self.0.pop_front();
        }
        self.0.push_back(request.clone());
    }

    /// The exchange that brought `ticket`.
    pub fn source_of(&self, ticket: &Ticket) -> Option<&TicketRequest> {
        let digest = ticket.cipher_digest?;
        self.0.iter().find(|request| {
            request.ticket().and_then(|ticket| ticket.cipher_digest) == Some(digest)
        })
    }

    /// The exchanges that brought the tickets which `attempt` shows and did not ask for itself.
    pub fn shown_in(&self, attempt: &Attempt) -> Vec<TicketRequest> {
        let shown = attempt
            .shown_tickets()
            .filter_map(|exchange| exchange.ap_req()?.ticket.as_ref())
            .filter(|ticket| attempt.source_of(ticket).is_none());
        let mut sources: Vec<TicketRequest> = Vec::new();
        for source in shown.filter_map(|ticket| self.source_of(ticket)) {
            let first = source.asked.first();
            if sources.iter().all(|known| known.asked.first() != first) {
                sources.push(source.clone());
            }
        }
        sources
    }
}
