//! The tickets that web servers accepted: one that is refused later did not change, so something at the server did.
//!
//! Never holds more than the budget: of very many the oldest are let go. Never takes two tickets for one but by all their bytes.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::wire::kerberos::message::CipherDigest;

/// A ticket that a server accepted.
#[derive(Clone, Copy, Debug)]
pub struct TakenTicket {
    digest: CipherDigest,
    /// The server.
    pub server: IpAddr,
    /// The answer that accepts it.
    pub frame: FrameNumber,
}

/// The latest of them.
#[derive(Clone, Debug, Default)]
pub struct Taken(VecDeque<TakenTicket>);

impl Taken {
    /// Adds what `attempt` shows and is accepted.
    pub fn add(&mut self, attempt: &Attempt) {
        for taken in accepted(attempt) {
            if self.0.len() >= Budget::ISSUED_TICKETS {
                self.0.pop_front();
            }
            self.0.push_back(taken);
        }
    }

    /// Where the ticket that `attempt` was refused had been accepted by a server at the same address.
    pub fn before(&self, attempt: &Attempt) -> Option<TakenTicket> {
        let refused = attempt.refused_ticket()?;
        let digest = digest_of(refused)?;
        let own = accepted(attempt);
        let all = self.0.iter().copied().chain(own);
        all.filter(|taken| {
            taken.digest == digest
                && taken.server == refused.server.addr
                && taken.frame < refused.asked.first()
        })
        .last()
    }
}

fn accepted(attempt: &Attempt) -> impl Iterator<Item = TakenTicket> {
    let shown = attempt.shown_tickets().filter(|shown| shown.is_accepted());
    shown.filter_map(|shown| {
        Some(TakenTicket {
            digest: digest_of(shown)?,
            server: shown.server.addr,
            frame: shown.answer.as_ref()?.span.first(),
        })
    })
}

fn digest_of(shown: &HttpExchange) -> Option<CipherDigest> {
    shown.ap_req()?.ticket.as_ref()?.cipher_digest
}
