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
    /// The machine to which the server passed it on, where that is seen.
    pub behind: Option<IpAddr>,
    /// An answer that accepts it after it was refused.
    pub again: Option<FrameNumber>,
    /// An answer that refused it before.
    pub refused: Option<FrameNumber>,
}

/// The latest of them.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    accepted: VecDeque<TakenTicket>,
    refused: VecDeque<TakenTicket>,
}

impl Taken {
    /// Adds what `attempt` shows and what comes of it. Attempts of one client may be added before the first of them is judged.
    pub fn add(&mut self, attempt: &Attempt) {
        for exchange in attempt.shown_tickets() {
            let list = match exchange.status() {
                Some(401) => &mut self.refused,
                _ if exchange.is_accepted() => &mut self.accepted,
                _ => continue,
            };
            if list.len() >= Budget::ISSUED_TICKETS {
                list.pop_front();
            }
            list.extend(TakenTicket::of(exchange));
        }
    }

    /// Where the ticket that `attempt` was refused had been accepted by a server at the same address.
    pub fn before(&self, attempt: &Attempt) -> Option<TakenTicket> {
        let refused = attempt.refused_ticket()?;
        let digest = digest_of(refused)?;
        let (server, asked) = (refused.server.addr, refused.asked.first());
        let is_same = |taken: &TakenTicket| taken.digest == digest && taken.server == server;
        let own = attempt.shown_tickets().filter(|shown| shown.is_accepted());
        let own = own.filter_map(TakenTicket::of);
        let accepted = self.accepted.iter().copied().chain(own).filter(is_same);
        let (before, after): (Vec<_>, Vec<_>) = accepted.partition(|taken| taken.frame < asked);
        let before = before.into_iter().max_by_key(|taken| taken.frame)?;
        let refused = self.refused.iter().copied().filter(is_same);
        let refused = refused.map(|it| it.frame).filter(|it| *it < before.frame);
        Some(TakenTicket {
            again: after.iter().map(|taken| taken.frame).min(),
            refused: refused.max(),
            ..before
        })
    }
}

impl TakenTicket {
    /// What came of the ticket that is shown in `exchange`.
    fn of(exchange: &HttpExchange) -> Option<Self> {
        Some(Self {
            digest: digest_of(exchange)?,
            server: exchange.server.addr,
            frame: exchange.answer.as_ref()?.span.first(),
            behind: exchange.passed_on.as_ref().map(|passed| passed.server.addr),
            again: None,
            refused: None,
        })
    }
}

fn digest_of(shown: &HttpExchange) -> Option<CipherDigest> {
    shown.ap_req()?.ticket.as_ref()?.cipher_digest
}
