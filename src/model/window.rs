//! The exchanges of one client that are not yet part of a finished attempt.
//!
//! Never decides what belongs together.

mod names;

use std::collections::VecDeque;

use crate::dissect::message::{
    HttpRequest, HttpResponse, IcmpError, Message, TcpEvent, TcpEventKind,
};
use crate::endpoint::{ConnectionId, Endpoint, Flow, Transport};
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::asked::Asked;
use crate::model::attempt::TlsStart;
use crate::model::connect::Connect;
use crate::model::drops::Drops;
use crate::model::exchange::{Moment, Span, Unreachable};
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::model::lookup::Lookup;
use crate::model::neighbours::Neighbours;
use crate::model::ticket_request::{KdcAnswer, KdcVerdict, TicketKind, TicketRequest};
use crate::model::visibility::Lost;
use crate::wire::kerberos::message::KdcReq;
use crate::wire::kerberos::name::PrincipalName;

/// Exchanges of a client that is busy with other things: so few are not worth looking through.
const FEW: usize = 32;

/// What is known of one client since its last finished attempt.
#[derive(Debug, Default)]
pub struct Window {
    /// Web exchanges: sign-ons, questions to a management point, and requests that wait for their answers.
    pub http: Vec<HttpExchange>,
    /// TLS connections.
    pub tls: Vec<TlsStart>,
    /// Ticket requests.
    pub tickets: Vec<TicketRequest>,
    /// Names asked for.
    pub lookups: Vec<Lookup>,
    /// Which of them wait for an answer.
    asked: Asked,
    /// Names asked for without DNS.
    pub neighbours: Neighbours,
    /// TCP connections.
    pub connects: Vec<Connect>,
    /// Messages of the client, or to it, that could not be read; the latest ones.
    pub unread: VecDeque<Lost>,
    /// A time before which nothing ended of which attempts are made, if there is anything and it is known. Measured: to look at
    /// each thing now and then was a thirtieth of all that becomes of messages.
    ends_after: Option<Timestamp>,
    /// When the client was last heard of.
    pub last: Option<Timestamp>,
    /// Whether the capture has shown any traffic between the client and a KDC or a DNS server.
    pub sees_kdc_side: bool,
    /// The first answer that issues a ticket to a computer's account at the client's address.
    pub computer_ticket: Option<FrameNumber>,
    /// Whether the client ever had a connection to a web server, or an answer of one.
    pub reached_web: bool,
}

impl Window {
    /// Takes over what was heard of another address of the same machine.
    pub fn join(&mut self, other: Self) {
        self.http.extend(other.http);
        self.tls.extend(other.tls);
        self.tickets.extend(other.tickets);
        self.tickets.sort_by_key(|request| request.asked.first());
        self.lookups.extend(other.lookups);
        self.lookups.sort_by_key(|lookup| lookup.asked.first());
        self.connects.extend(other.connects);
        self.asked = Asked::default();
        self.ends_after = None;
        self.unread.extend(other.unread);
        self.last = self.last.max(other.last);
        self.sees_kdc_side |= other.sees_kdc_side;
        self.reached_web |= other.reached_web;
        self.computer_ticket = self.computer_ticket.or(other.computer_ticket);
    }

    /// How many exchanges there are.
    pub fn len(&self) -> usize {
        self.http.len()
            + self.tls.len()
            + self.tickets.len()
            + self.lookups.len()
            + self.neighbours.len()
            + self.connects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether anything in it speaks of a sign-on.
    pub fn is_promising(&self) -> bool {
        !self.tickets.is_empty()
            || self
                .http
                .iter()
                .any(|exchange| exchange.is_sign_on() || exchange.is_mp_query())
    }

    /// Whether there may be something in it that is over, or too much of it.
    pub fn is_worth_settling(&self, now: Timestamp) -> bool {
        let is_over = |last: Timestamp| now.since(last) >= Budget::ATTEMPT_IDLE_NANOS;
        let may_be_over = || self.ends_after.is_none_or(is_over) && self.ends().any(is_over);
        self.last.is_none_or(is_over) || self.len() > FEW || may_be_over()
    }

    /// When each thing ends of which attempts are made: none is over before one of its things is.
    fn ends(&self) -> impl Iterator<Item = Timestamp> {
        let http = self.http.iter().map(HttpExchange::last_span);
        let tickets = self.tickets.iter().map(TicketRequest::last_span);
        let tls = self.tls.iter().map(|start| start.span.time);
        let answered = http.chain(tickets).map(|span| span.last_time);
        answered.chain(tls)
    }

    /// Something begins of which attempts are made.
    fn begin(&mut self, time: Timestamp) {
        let is_first = self.http.is_empty() && self.tickets.is_empty() && self.tls.is_empty();
        self.ends_after = match self.ends_after {
            None if is_first => Some(time),
            earlier => earlier.map(|earlier| earlier.min(time)),
        };
    }

    /// A TLS connection of the client.
    pub fn begin_tls(&mut self, start: TlsStart) {
        self.begin(start.span.time);
        self.tls.push(start);
    }

    /// A web request of the client: it is sent over a connection, so the server was reached.
    pub fn ask_web(&mut self, message: &mut Message, request: HttpRequest) {
        self.reached_web = true;
        let exchange = HttpExchange::begun_by(message, request);
        self.begin(exchange.asked.time);
        push(&mut self.http, exchange);
    }

    /// The answer to the web request that begins in frame `request`. A plain exchange is let go.
    pub fn answer_web(
        &mut self,
        message: &mut Message,
        response: HttpResponse,
        request: FrameNumber,
    ) {
        self.reached_web = true;
        let is_asked = |exchange: &HttpExchange| {
            exchange.asked.first() == request && exchange.connection == message.connection
        };
        let Some(at) = self.http.iter().rposition(is_asked) else {
            return;
        };
        let Some(exchange) = self.http.get_mut(at) else {
            return;
        };
        exchange.answer = Some(HttpAnswer {
            span: Span::take(message),
            response,
        });
        if !exchange.is_sign_on() && !exchange.is_mp_query() {
            self.http.remove(at);
            if self.ends().next().is_none() {
                self.ends_after = None;
            }
        }
    }

    /// A request to a KDC; a datagram that was sent before is only counted.
    pub fn ask_kdc(&mut self, message: &mut Message, kind: TicketKind, request: KdcReq) {
        self.sees_kdc_side = true;
        let sent_before = |earlier: &&mut TicketRequest| {
            message.flow.transport == Transport::Udp
                && earlier.transport == Transport::Udp
                && earlier.kind == kind
                && earlier.client == message.flow.src
                && earlier.kdc == message.flow.dst
                && earlier.request.nonce == request.nonce
                && earlier.request.nonce.is_some()
        };
        if let Some(earlier) = self.tickets.iter_mut().rev().find(sent_before) {
            repeat(&mut earlier.again, Span::take(message));
            return;
        }
        self.begin(message.time);
        push(
            &mut self.tickets,
            TicketRequest {
                kind,
                client: message.flow.src,
                kdc: message.flow.dst,
                transport: message.flow.transport,
                connection: message.connection,
                asked: Span::take(message),
                again: Vec::new(),
                request,
                answer: None,
                unreachable: None,
                drops: Drops::default(),
            },
        );
    }

    /// A KDC's answer to the request that begins in frame `request`; gives the place of that request. A second copy changes nothing.
    pub fn answer_kdc(
        &mut self,
        message: &mut Message,
        verdict: KdcVerdict,
        request: FrameNumber,
    ) -> Option<usize> {
        if is_for_computer(&verdict) {
            self.computer_ticket.get_or_insert(message.last_frame());
        }
        let is_asked = |ticket: &TicketRequest| {
            ticket.kdc == message.flow.src
                && (ticket.asked.first() == request
                    || ticket.again.iter().any(|span| span.first() == request))
        };
        let place = self.tickets.iter().rposition(is_asked)?;
        let ticket = self.tickets.get_mut(place)?;
        if ticket.answer.is_none() {
            ticket.answer = Some(KdcAnswer {
                span: Span::take(message),
                verdict,
            });
        }
        Some(place)
    }

    /// Something that happened to a connection of the client.
    pub fn connect(&mut self, event: &TcpEvent) {
        self.reached_web |= event.kind == TcpEventKind::SynAck && is_web_port(event.server.port);
        let known = self
            .connects
            .iter()
            .rposition(|connect| connect.id == event.connection);
        let begins = matches!(event.kind, TcpEventKind::Syn | TcpEventKind::SynAck);
        if let Some(connect) = known.and_then(|at| self.connects.get_mut(at)) {
            connect.add(event);
        } else if begins || self.uses(event.connection) {
            push(&mut self.connects, Connect::begun_by(event));
        }
        if is_end(event.kind) {
            self.drop_useless(event.connection);
        }
    }

    /// A connection that worked, that is over, and that carried nothing that was kept says nothing any more.
    fn drop_useless(&mut self, id: ConnectionId) {
        if !self.uses(id) {
            self.connects
                .retain(|connect| connect.id != id || connect.is_failed());
        }
    }

    /// Whether a message that is kept came over this connection.
    fn uses(&self, id: ConnectionId) -> bool {
        let web = self.http.iter().map(|exchange| exchange.connection);
        let kdc = self.tickets.iter().map(|request| request.connection);
        web.chain(kdc).any(|used| used == Some(id))
    }

    /// An ICMP error about something that the client sent by `about`.
    pub fn unreachable(&mut self, message: &Message, icmp: &IcmpError, about: Flow) {
        let notice = Unreachable {
            at: Moment {
                frame: message.first_frame(),
                time: message.time,
            },
            reporter: icmp.reporter,
            icmp_type: icmp.icmp_type,
            icmp_code: icmp.icmp_code,
        };
        if !notice.is_final() {
            return;
        }
        let goes = |client: Endpoint, server: Endpoint| client == about.src && server == about.dst;
        let place =
            if about.transport == Transport::Tcp {
                let opening = self.connects.iter_mut().rev().find(|connect| {
                    goes(connect.client, connect.server) && connect.syn_ack.is_none()
                });
                opening.map(|connect| &mut connect.unreachable)
            } else {
                let ticket = self
                    .tickets
                    .iter_mut()
                    .rev()
                    .find(|ticket| goes(ticket.client, ticket.kdc) && ticket.answer.is_none());
                let lookup =
                    self.lookups.iter_mut().rev().find(|lookup| {
                        goes(lookup.client, lookup.server) && lookup.answer.is_none()
                    });
                ticket
                    .map(|ticket| &mut ticket.unreachable)
                    .or(lookup.map(|lookup| &mut lookup.unreachable))
            };
        if let Some(place) = place {
            place.get_or_insert(notice);
        }
    }

    /// A message of the client, or to it, that could not be read.
    pub fn unread(&mut self, lost: Lost) {
        if self.unread.len() >= Budget::UNREAD {
            self.unread.pop_front();
        }
        self.unread.push_back(lost);
    }

    /// Lets go of what ended before `horizon`, and gives the ticket requests among it.
    pub fn forget_before(&mut self, horizon: Timestamp) -> Vec<TicketRequest> {
        self.http
            .retain(|exchange| exchange.last_span().last_time >= horizon);
        self.tls.retain(|start| start.span.last_time >= horizon);
        self.unread.retain(|lost| lost.at.time >= horizon);
        self.lookups
            .retain(|lookup| lookup.last_span().last_time >= horizon);
        self.neighbours.forget_before(horizon);
        self.connects.retain(|connect| connect.last.time >= horizon);
        let old = |ticket: &mut TicketRequest| ticket.last_span().last_time < horizon;
        let old = self.tickets.extract_if(.., old).collect();
        self.ends_after = self.ends().min();
        old
    }
}

/// Adds where a question was sent again. Of very many the last one takes the place of the one before.
fn repeat(again: &mut Vec<Span>, span: Span) {
    if again.len() >= Budget::REPEATED_QUESTIONS {
        again.pop();
    }
    again.push(span);
}

/// Adds an item. Most clients have one or two of each kind, and room for more costs more than the items.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(item);
}

/// Ports of management points: HTTP, HTTPS, and the two that setup offers instead.
pub const fn is_web_port(port: u16) -> bool {
    matches!(port, 80 | 443 | 8530 | 8531)
}

const fn is_end(kind: TcpEventKind) -> bool {
    matches!(
        kind,
        TcpEventKind::ClosedByClient
            | TcpEventKind::ClosedByServer
            | TcpEventKind::ResetByClient
            | TcpEventKind::ResetByServer
    )
}

/// Whether a ticket is issued to a computer's account.
fn is_for_computer(verdict: &KdcVerdict) -> bool {
    match verdict {
        KdcVerdict::Issued(reply) => reply.cname.as_ref().is_some_and(PrincipalName::is_computer),
        KdcVerdict::Refused(_) => false,
    }
}
