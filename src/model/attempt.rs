//! One client trying to reach one service, from the first look-up to the last answer.
//!
//! Never says why it failed. Its lists are in capture order, and hold only what belongs to the attempt.

use std::net::IpAddr;

use crate::frame::{FrameNumber, Timestamp};
use crate::model::clock::{self, ClockReading, ClockSample};
use crate::model::connect::Connect;
use crate::model::exchange::{Span, Unreachable};
use crate::model::http_exchange::HttpExchange;
use crate::model::lookup::Lookup;
use crate::model::surroundings::Surroundings;
use crate::model::target::Target;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::model::times::Times;
use crate::model::visibility::Visibility;
use crate::model::witness::{CallRecord, OutputRecord, ToldRecord, WebRecord};
use crate::outcome::Outcome;
use crate::text::WireText;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::Ticket;
use crate::wire::kerberos::name::PrincipalName;

/// An attempt and all exchanges that serve it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Why it is taken for an attempt.
    pub kind: AttemptKind,
    /// The client's address.
    pub client: IpAddr,
    /// The client's account, where a message tells it in clear.
    pub principal: Option<Principal>,
    /// The service that is tried.
    pub target: Target,
    /// Look-ups of the target's names.
    pub lookups: Vec<Lookup>,
    /// TCP connections to the target, and failed ones.
    pub connects: Vec<Connect>,
    /// Web exchanges with the target.
    pub http: Vec<HttpExchange>,
    /// TLS connections to the target.
    pub tls: Vec<TlsStart>,
    /// The first TLS connection that the client began to another machine between the server's challenge and its own token.
    pub tls_aside: Option<TlsStart>,
    /// Look-ups of KDCs: SRV records, and the addresses of the hosts in them.
    pub kdc_lookups: Vec<Lookup>,
    /// TCP connections to KDCs, and failed ones.
    pub kdc_connects: Vec<Connect>,
    /// Ticket requests for the target, the ticket-granting tickets on the way to it, and the first tickets of the client's account.
    pub tickets: Vec<TicketRequest>,
    /// An answer, of this attempt or before it, that issues a ticket to a computer's account at the client's address: the
    /// client is in a domain.
    pub computer_ticket: Option<FrameNumber>,
    /// Readings of clocks in its messages.
    pub clocks: Vec<ClockSample>,
    /// Lines of the web server's log at the time of a connection that cannot be read, by time.
    pub inside: Vec<WebRecord>,
    /// What logs say of it, by time.
    pub told: Vec<ToldRecord>,
    /// Calls with which the site stored the registration, in the order in which they were found.
    pub calls: Vec<CallRecord>,
    /// What outputs of commands say of its service, its KDCs and its realms.
    pub outputs: Vec<OutputRecord>,
    /// What the capture tells around it.
    pub around: Surroundings,
    /// How it ended.
    pub outcome: Outcome,
    /// What the capture was able to show of it.
    pub visibility: Visibility,
}

/// Why an attempt is taken for one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AttemptKind {
    /// A Configuration Manager client's message, or the server that the user named.
    Ccm,
    /// Windows proof is asked or shown, or a ticket for a web service is asked for.
    SignOn,
    /// Nothing but a failed look-up or a failed connection: in a capture without any attempt, the only thing that could be one.
    Presumed,
}

/// An account with its realm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// `NAME$`.
    pub name: PrincipalName,
    /// The realm.
    pub realm: Option<WireText>,
    /// The frame that tells it.
    pub frame: FrameNumber,
}

/// The beginning of a TLS connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsStart {
    /// Where the ClientHello stands.
    pub span: Span,
    /// The server's address.
    pub server: crate::endpoint::Endpoint,
    /// The name in it.
    pub sni: Option<WireText>,
}

impl Attempt {
    /// For how long the client was watched after `time`, in nanoseconds.
    pub fn watched_since(&self, time: Timestamp) -> i64 {
        self.visibility.until.since(time)
    }

    /// Whether it ended in a 2xx.
    pub fn is_accepted(&self) -> bool {
        self.outcome.is_accepted()
    }

    /// Whether it ended in a 2xx to a request that showed a ticket.
    pub fn is_accepted_by_kerberos(&self) -> bool {
        self.outcome == Outcome::KerberosAccepted
    }

    /// The account that `request` is about: as it says, else the client's.
    pub fn account_of(&self, request: &TicketRequest) -> Option<String> {
        let told = request.error().and_then(|error| error.cname.as_ref());
        let known = self.principal.as_ref().map(|principal| &principal.name);
        request
            .request
            .cname
            .as_ref()
            .or(told)
            .or(known)
            .map(ToString::to_string)
    }

    /// Whether the host that `request` is about has a name outside the DNS domain of the realm that is asked. Domains may have
    /// other DNS names than their realms: it is a hint, no proof.
    pub fn is_foreign_name(&self, request: &TicketRequest) -> bool {
        let host = request.service().and_then(PrincipalName::host);
        let (Some(host), Some(realm)) = (host, request.realm()) else {
            return false;
        };
        let suffix = host
            .split_once('.')
            .map(|(_, suffix)| suffix.trim_end_matches('.'));
        suffix.is_some_and(|suffix| !suffix.eq_ignore_ascii_case(realm))
    }

    /// The ticket requests for the target itself.
    pub fn service_tickets(&self) -> impl Iterator<Item = &TicketRequest> {
        self.tickets.iter().filter(|request| {
            request.kind == TicketKind::Tgs && request.service().is_some_and(PrincipalName::is_http)
        })
    }

    /// The first tickets that were asked for.
    pub fn first_tickets(&self) -> impl Iterator<Item = &TicketRequest> {
        self.tickets
            .iter()
            .filter(|request| request.kind == TicketKind::As)
    }

    /// The answers with a ticket for the KDC of another realm, in order, with that realm: referrals as a rule.
    pub fn referrals(&self) -> impl Iterator<Item = (&TicketRequest, &str)> {
        self.tickets
            .iter()
            .filter_map(|request| Some((request, request.next_realm()?)))
    }

    /// Whether `request` was refused, or not answered, and the same thing was granted later in the attempt.
    pub fn is_healed(&self, request: &TicketRequest) -> bool {
        self.tickets.iter().any(|later| {
            later.asked.first() > request.asked.first()
                && later.asks_the_same(request)
                && later.issued().is_some()
        })
    }

    /// Whether the client asks for more after `request`, for which a ticket-granting ticket is needed, though `request` for one
    /// failed: it holds an earlier one.
    pub fn goes_on_without(&self, request: &TicketRequest) -> bool {
        request.kind == TicketKind::As
            && self.tickets.iter().any(|later| {
                later.kind == TicketKind::Tgs && later.asked.first() > request.asked.first()
            })
    }

    /// Whether the client got nowhere for want of a ticket: none was granted for the target, none was
    /// shown, and it was let in with NTLM at best.
    pub fn lacks_ticket(&self) -> bool {
        let is_let_in = self.is_accepted() && self.outcome != Outcome::NtlmAccepted;
        !is_let_in
            && self.granted_service_ticket().is_none()
            && self.shown_tickets().next().is_none()
            && !self.ends_with_nameless_ticket()
    }

    /// Whether the last thing that a KDC gave is a ticket whose name, or the name it was asked for, was cut: it may be the one
    /// for the target.
    fn ends_with_nameless_ticket(&self) -> bool {
        self.tickets
            .iter()
            .rfind(|request| request.kind == TicketKind::Tgs)
            .filter(|request| request.issued().is_some())
            .is_some_and(|request| {
                let named = request
                    .ticket()
                    .is_some_and(|ticket| !ticket.sname.parts.is_empty());
                request.service().is_none() || !named
            })
    }

    /// Whether a KDC answered anything after `frame`, even if it cannot be read.
    pub fn hears_from_kdc_after(&self, frame: FrameNumber) -> bool {
        let unread = self.visibility.unread_answer;
        unread.is_some_and(|unread| unread.frame > frame)
            || self
                .tickets
                .iter()
                .filter_map(TicketRequest::answered_in)
                .any(|answered| answered > frame)
    }

    /// Whether the same question as `request` got another answer later.
    pub fn is_answered_later(&self, request: &TicketRequest) -> bool {
        let code = request.error().map(|error| error.code);
        self.tickets.iter().any(|later| {
            later.asked.first() > request.asked.first()
                && later.asks_the_same(request)
                && later.answer.is_some()
                && later.error().map(|error| error.code) != code
        })
    }

    /// The last refusal with `code` that nothing healed.
    pub fn unhealed(&self, code: ErrorCode) -> Option<&TicketRequest> {
        self.tickets
            .iter()
            .rev()
            .find(|request| request.is_refused_with(code) && !self.is_healed(request))
    }

    /// The ticket for the target that was issued in the attempt.
    pub fn granted_service_ticket(&self) -> Option<&TicketRequest> {
        self.service_tickets()
            .filter(|request| request.is_granted())
            .last()
    }

    /// The exchange that brought the ticket with the cipher of `ticket`, here or before, compared by its bytes; where a snap
    /// length cut them, by realm, name, encryption type, key version and length.
    pub fn source_of(&self, ticket: &Ticket) -> Option<&TicketRequest> {
        self.tickets
            .iter()
            .chain(&self.around.issued)
            .find(|request| {
                request
                    .ticket()
                    .is_some_and(|issued| is_same_ticket(issued, ticket))
            })
    }

    /// The exchange whose answer is the first challenge of a Windows scheme.
    pub fn first_challenge(&self) -> Option<&HttpExchange> {
        self.http.iter().find(|exchange| exchange.is_challenged())
    }

    /// The exchanges that show a ticket.
    pub fn shown_tickets(&self) -> impl Iterator<Item = &HttpExchange> {
        self.http
            .iter()
            .filter(|exchange| exchange.ap_req().is_some())
    }

    /// The last exchange that shows a token of a Windows scheme.
    pub fn last_token(&self) -> Option<&HttpExchange> {
        self.http
            .iter()
            .rev()
            .find(|exchange| exchange.windows_token().is_some())
    }

    /// The last exchange that shows a ticket and was refused with a 401, if no later exchange was accepted. Not where the answer
    /// shows that the ticket was opened, nor where it was lost on the way: then it was not the ticket that was refused.
    pub fn refused_ticket(&self) -> Option<&HttpExchange> {
        let is_judged =
            |refused: &&HttpExchange| !refused.opens_ticket() && refused.loses_token().is_none();
        self.turned_away().filter(is_judged)
    }

    /// The same where the answer shows that the server opened the ticket.
    pub fn opened_ticket(&self) -> Option<&HttpExchange> {
        self.turned_away().filter(|refused| refused.opens_ticket())
    }

    /// The last exchange that shows a ticket and is answered 401, if no later exchange was accepted.
    fn turned_away(&self) -> Option<&HttpExchange> {
        let (at, refused) =
            self.http.iter().enumerate().rev().find(|(_, exchange)| {
                exchange.ap_req().is_some() && exchange.status() == Some(401)
            })?;
        let healed = self
            .http
            .iter()
            .skip(at + 1)
            .any(|later| later.is_accepted() && later.ap_req().is_some());
        (!healed).then_some(refused)
    }

    /// The exchange that decides: the last one with an answer among those that ask for or show proof, else the last one with an answer.
    pub fn deciding_exchange(&self) -> Option<&HttpExchange> {
        let answered = || {
            self.http
                .iter()
                .rev()
                .filter(|exchange| exchange.answer.is_some())
        };
        answered()
            .find(|exchange| {
                exchange.windows_token().is_some()
                    || exchange.other_proof().is_some()
                    || exchange.is_windowsauth()
                    || exchange.is_challenged()
            })
            .or_else(|| answered().next())
    }

    /// The realm of the client: that of its account, else the realm that issued the ticket-granting ticket it shows first.
    pub fn home_realm(&self) -> Option<&str> {
        self.principal
            .as_ref()
            .and_then(|principal| principal.realm.as_ref())
            .or_else(|| {
                self.tickets.iter().find_map(|request| match request.kind {
                    TicketKind::As => request.request.realm.as_ref(),
                    TicketKind::Tgs => request.request.tgt.as_ref().map(|tgt| &tgt.realm),
                })
            })
            .map(WireText::as_str)
    }

    /// Adds readings that its machines gave outside of it.
    pub fn add_clocks(&mut self, times: &Times) {
        let takes_part = |host: IpAddr| {
            host == self.client
                || self.target.address == Some(host)
                || self.tickets.iter().any(|request| request.kdc.addr == host)
        };
        let readings: Vec<ClockSample> = times.of(takes_part).copied().collect();
        self.clocks.extend(readings);
    }

    /// What is known of the clock of `host`.
    pub fn clock(&self, host: IpAddr) -> Option<ClockReading> {
        clock::reading(&self.clocks, host)
    }

    /// The clocks of `host` and of the last KDC that tells its time in this attempt.
    pub fn clock_beside_kdc(&self, host: IpAddr) -> Option<(ClockReading, ClockReading)> {
        let mut kdcs = self.tickets.iter().rev().map(|request| request.kdc.addr);
        let kdc = kdcs.find_map(|kdc| self.clock(kdc))?;
        Some((self.clock(host)?, kdc))
    }

    /// The ICMP errors about the attempt's requests and connections.
    pub fn icmp_errors(&self) -> impl Iterator<Item = &Unreachable> {
        let of_connects = self
            .connects
            .iter()
            .chain(&self.kdc_connects)
            .filter_map(|connect| connect.unreachable.as_ref());
        let of_lookups = self
            .lookups
            .iter()
            .chain(&self.kdc_lookups)
            .filter_map(|lookup| lookup.unreachable.as_ref());
        let of_tickets = self
            .tickets
            .iter()
            .filter_map(|request| request.unreachable.as_ref());
        of_connects.chain(of_lookups).chain(of_tickets)
    }
}

/// Whether two tickets are one: by the bytes of the cipher, else by all that is known of it.
pub fn is_same_ticket(a: &Ticket, b: &Ticket) -> bool {
    match (a.cipher_digest, b.cipher_digest) {
        (Some(a), Some(b)) => a == b,
        _ => {
            a.etype == b.etype
                && a.kvno == b.kvno
                && a.cipher_bytes == b.cipher_bytes
                && a.realm.same_name(b.realm.as_str())
                && a.sname.same_principal(&b.sname)
        }
    }
}
