//! Ticket requests that belong to no attempt: other processes' business, summed up per client.
//!
//! Never keeps a request, only counts and the first few refusals.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

/// Refusals that are told one by one.
const REFUSALS_TOLD: usize = 5;

/// Sums per client.
#[derive(Debug, Default)]
pub struct OtherKerberos {
    /// By client.
    pub clients: BTreeMap<IpAddr, Sums>,
}

/// What became of the ticket requests of one client.
#[derive(Debug, Default)]
pub struct Sums {
    /// Got a ticket.
    pub granted: u64,
    /// Were refused as a part of the protocol.
    pub expected: u64,
    /// Were refused otherwise.
    pub refused: u64,
    /// Got no answer.
    pub unanswered: u64,
    /// The first few refusals.
    pub refusals: Vec<Refusal>,
}

/// A ticket request that was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The frame that completes the refusal.
    pub frame: FrameNumber,
    /// What was asked for: a service, or the account of a first ticket.
    pub wanted: String,
    /// The error.
    pub code: ErrorCode,
}

/// The same for rules: what it was, by its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherRefusal {
    /// The frame that completes the refusal.
    pub frame: FrameNumber,
    /// A first ticket, or one for a service.
    pub kind: TicketKind,
    /// The service.
    pub service: Option<PrincipalName>,
    /// The account, where the request names it.
    pub account: Option<PrincipalName>,
    /// The error.
    pub code: ErrorCode,
}

impl OtherRefusal {
    /// The refusal of `request`, if it was refused and not only asked for more.
    pub fn of(request: &TicketRequest) -> Option<Self> {
        let error = request.error()?;
        (!is_part_of_protocol(error.code)).then(|| Self {
            frame: request.answered_in().unwrap_or_default(),
            kind: request.kind,
            service: request.service().cloned(),
            account: request.request.cname.clone(),
            code: error.code,
        })
    }
}

impl OtherKerberos {
    /// Adds a request of `client`.
    pub fn add(&mut self, client: IpAddr, request: &TicketRequest) {
        if !self.clients.contains_key(&client) && self.clients.len() >= Budget::CLIENTS {
            return;
        }
        self.clients.entry(client).or_default().add(request);
    }
}

impl Sums {
    fn add(&mut self, request: &TicketRequest) {
        let Some(answer) = &request.answer else {
            self.unanswered += 1;
            return;
        };
        match request.error() {
            None => self.granted += 1,
            Some(error) if is_part_of_protocol(error.code) => self.expected += 1,
            Some(error) => {
                self.refused += 1;
                if self.refusals.len() < REFUSALS_TOLD {
                    self.refusals.push(Refusal {
                        frame: answer.span.last(),
                        wanted: wanted(request),
                        code: error.code,
                    });
                }
            }
        }
    }
}

fn is_part_of_protocol(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::PREAUTH_REQUIRED | ErrorCode::RESPONSE_TOO_BIG
    )
}

fn wanted(request: &TicketRequest) -> String {
    let name = match request.kind {
        TicketKind::As => request.request.cname.as_ref(),
        TicketKind::Tgs => request.service(),
    };
    name.map_or_else(|| "a ticket".to_owned(), ToString::to_string)
}
