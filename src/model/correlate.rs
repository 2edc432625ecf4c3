//! From messages, one after the other, to attempts: who is asking, what belongs together, when an attempt is over.
//!
//! Never keeps more than the budget: clients that fell silent are settled and let go.

mod one_machine;
mod passing;

use std::net::IpAddr;
use std::sync::Arc;

use crate::dissect::message::{
    Loss, Message, MessageBody, Observation, TcpEvent, TdsMessage, Unread,
};
use crate::endpoint::Flow;
use crate::frame::{FrameNumber, Timestamp};
use crate::keys::Keytab;
use crate::limits::{Budget, Limitation};
use crate::model::attempt::{Attempt, TlsStart};
use crate::model::calls::Calls;
use crate::model::capture_facts::CaptureFacts;
use crate::model::clients::Clients;
use crate::model::drops;
use crate::model::early::Early;
use crate::model::exchange::{Moment, Span};
use crate::model::focus::Focus;
use crate::model::locator::Heard;
use crate::model::neighbours::Spoken;
use crate::model::other_kerberos::OtherKerberos;
use crate::model::pairing::Pairing;
use crate::model::passed_on::PassedOn;
use crate::model::presume::Presumption;
use crate::model::remains::Remains;
use crate::model::settle::{self, Scope};
use crate::model::sighting::User;
use crate::model::stacks::Stacks;
use crate::model::ticket_request::{KdcVerdict, TicketKind};
use crate::model::trials::Trials;
use crate::model::visibility::Lost;
use crate::model::window::Window;
use crate::wire::kerberos::message::KerberosMessage;

/// How often silent clients are looked for, in capture time.
const SWEEP_NANOS: i64 = Budget::ATTEMPT_IDLE_NANOS / 4;

/// What stands in for a body that was taken out of its message.
const NOTHING: MessageBody = MessageBody::Kerberos(KerberosMessage::ApRep);

/// Joins messages into attempts.
#[derive(Debug, Default)]
pub struct Correlator {
    focus: Focus,
    pairing: Pairing,
    early: Early,
    clients: Clients,
    swept: Option<Timestamp>,
    begun: Option<Timestamp>,
    now: Option<Timestamp>,
    presumption: Presumption,
    other: OtherKerberos,
    facts: CaptureFacts,
    calls: Calls,
    trials: Trials,
    stacks: Stacks,
    passed_on: PassedOn,
    crowded: Option<FrameNumber>,
}

impl Correlator {
    /// A correlator that looks at the machines of `focus`.
    pub fn new(focus: Focus) -> Self {
        Self {
            focus,
            ..Self::default()
        }
    }

    /// One that also tries keys on tickets.
    #[must_use]
    pub fn with_keys(self, keytabs: Arc<[Keytab]>) -> Self {
        Self {
            trials: Trials::new(keytabs),
            ..self
        }
    }

    /// Takes in what was observed, and gives attempts that are over to `done`.
    pub fn observe(&mut self, observation: Observation, done: &mut dyn FnMut(Attempt)) {
        match observation {
            Observation::Message(message) => {
                let (now, frame) = (message.last_time, message.last_frame());
                self.tick(now, frame, done);
                while let Some(answer) = self.early.overdue(now, frame) {
                    self.take(answer, None);
                }
                let flow = message.flow;
                self.message(message);
                for answer in self.early.answers_to(flow) {
                    self.message(answer);
                }
            }
            Observation::Tcp(event) => {
                self.tick(event.time, event.frame, done);
                self.connection(&event);
            }
            Observation::Unread(unread) => self.unread(unread),
            Observation::Dropped(packet) => drops::note(packet, &mut self.clients),
            Observation::Limitation(_) => {}
        }
    }

    /// The capture is over: gives all attempts that are still open to `done`. `ended` is the time of the last frame.
    pub fn finish(mut self, ended: Option<Timestamp>, done: &mut dyn FnMut(Attempt)) -> Remains {
        self.now = ended.or(self.now);
        self.facts.ended = self.now;
        while let Some(answer) = self.early.left() {
            self.take(answer, None);
        }
        self.sweep(Scope::All, |_| true, done);
        self.calls.finish(done);
        if self.facts.attempts == 0 {
            for attempt in std::mem::take(&mut self.presumption).attempts(self.watched()) {
                self.facts.attempts += 1;
                done(attempt);
            }
        }
        Remains {
            limitations: self.limitations(),
            facts: self.facts,
            other: self.other,
        }
    }

    fn limitations(&self) -> Vec<Limitation> {
        let crowded = self.crowded
            .map(|frame| {
                Limitation::since(
                    frame,
                    "More clients or exchanges were open at once than are kept: attempts that were under way were settled early, so a late part of one may stand as an attempt of its own.",
                )
            });
        let strangers = self.calls.limitations();
        crowded.into_iter().chain(strangers).collect()
    }

    /// Settles clients that are silent, now and then, and keeps to the budget.
    fn tick(&mut self, now: Timestamp, frame: FrameNumber, done: &mut dyn FnMut(Attempt)) {
        self.begun.get_or_insert(now);
        self.now = self.now.max(Some(now));
        let swept = *self.swept.get_or_insert(now);
        let crowded = self.clients.are_crowded();
        if now.since(swept) < SWEEP_NANOS && !crowded {
            return;
        }
        self.swept = Some(now);
        self.sweep(Scope::Silent, |window| window.is_worth_settling(now), done);
        if crowded {
            // Clients of which nothing speaks of a sign-on lose little; the others come last.
            self.sweep(Scope::All, |window| !window.is_promising(), done);
        }
        if crowded && self.clients.kept() > Budget::EXCHANGES / 2 {
            self.crowded.get_or_insert(frame);
            self.sweep(Scope::All, |_| true, done);
        }
    }

    /// Settles those clients that `wanted` picks, in the order of their addresses, so that the same input gives the same output.
    fn sweep(
        &mut self,
        scope: Scope,
        wanted: impl Fn(&Window) -> bool,
        done: &mut dyn FnMut(Attempt),
    ) {
        let found = self.clients.iter().filter(|(_, window)| wanted(window));
        let mut clients: Vec<IpAddr> = found.map(|(client, _)| client).collect();
        clients.sort_unstable();
        for client in clients {
            self.settle(client, scope, done);
        }
    }

    fn settle(&mut self, client: IpAddr, scope: Scope, done: &mut dyn FnMut(Attempt)) {
        let (server, watched) = (self.focus.server, self.watched());
        let settled = self.clients.thin_out(client, |window| {
            settle::settle(window, client, server, watched, scope)
        });
        let Some(settled) = settled else {
            return;
        };
        for request in &settled.unclaimed {
            self.other.add(client, request);
            self.facts.add_other(request);
        }
        self.facts.foresee(&settled.attempts);
        for mut attempt in settled.attempts {
            self.facts.surround(&mut attempt);
            self.trials.tell(&mut attempt);
            self.facts.count(&attempt);
            self.calls.wait(attempt, done);
        }
        self.presumption.add(client, settled.failures);
    }

    fn watched(&self) -> settle::Watched {
        let zero = Timestamp::from_nanos(0);
        settle::Watched {
            from: self.begun.unwrap_or(zero),
            now: self.now.unwrap_or(zero),
        }
    }

    /// An answer that nobody has asked for yet is held for a while.
    fn message(&mut self, message: Message) {
        let request = self.pairing.pair(&message);
        if request.is_some() || !Early::may_hold(&message) {
            self.take(message, request);
        } else if let Some(answer) = self.early.hold(message) {
            self.take(answer, None);
        }
    }

    /// Takes in a message, with the first frame of the request that it answers.
    fn take(&mut self, mut message: Message, request: Option<FrameNumber>) {
        let (src, dst) = (message.flow.src.addr, message.flow.dst.addr);
        let first = message.first_frame();
        self.trials.learn(&mut message);
        self.facts.forests.learn(&message);
        self.facts.domain_names.learn(&message);
        self.facts.secrets.learn(&message);
        if message.loss == Some(Loss::Missed) {
            self.facts.first_gap.get_or_insert(first);
        }
        match std::mem::replace(&mut message.body, NOTHING) {
            MessageBody::HttpRequest(body) => self.ask_web(&mut message, body),
            MessageBody::HttpResponse(body) if body.head.status >= 200 => match request {
                Some(request) => self.answer_web(&mut message, body, request),
                None => self.unasked(&message),
            },
            MessageBody::HttpResponse(_) => {}
            MessageBody::Tds(said) => {
                if let TdsMessage::Call(call) = &said {
                    self.facts
                        .identities
                        .add_call(call, User::seen_in(&message));
                }
                self.calls.take(message, said);
            }
            MessageBody::Kerberos(body) => self.kerberos(&mut message, body, request),
            MessageBody::Dns(dns) if !dns.is_response => {
                self.facts.lookups.add(first);
                self.with(src, |window| window.ask_dns(&mut message, dns));
            }
            MessageBody::Dns(dns) => {
                if let Some(request) = request {
                    self.facts.locator.hear(dst, Heard::Others);
                    self.with(dst, |window| window.answer_dns(&mut message, dns, request));
                }
            }
            MessageBody::Nbns(nbns) => {
                self.neighbours(&mut message, Spoken::of_nbns(nbns), request);
            }
            MessageBody::Llmnr(llmnr) => {
                self.neighbours(&mut message, Spoken::of_llmnr(llmnr), request);
            }
            MessageBody::Cldap(body) => self.facts.hear_ping(&message, &body),
            MessageBody::Dhcp(body) => self.facts.leases.add(&message, body),
            MessageBody::Ntp(packet) => self.facts.times.add_ntp(&message, packet),
            MessageBody::SmbNegotiate(answer) => self.facts.times.add_smb(&message, &answer),
            MessageBody::SmbSetup(setup) => self.facts.set_up(&message, &setup),
            MessageBody::LdapRootDse(entry) => self.facts.times.add_root_dse(&message, &entry),
            MessageBody::TlsClientHello(hello) => {
                self.facts.add_tls(&message, &hello);
                let start = TlsStart {
                    server: message.flow.dst,
                    span: Span::take(&mut message),
                    sni: hello.sni,
                };
                self.with(src, |window| window.begin_tls(start));
            }
            MessageBody::IcmpError(icmp) => {
                if let Some(about) = icmp.about {
                    self.with(about.src.addr, |window| {
                        window.unreachable(&message, &icmp, about);
                    });
                }
            }
        }
    }

    fn neighbours(
        &mut self,
        message: &mut Message,
        spoken: Option<Spoken>,
        request: Option<FrameNumber>,
    ) {
        let Some(spoken) = spoken else {
            return;
        };
        let client = if spoken.is_answer() {
            message.flow.dst.addr
        } else {
            message.flow.src.addr
        };
        self.with(client, |window| {
            window.neighbours.add(message, spoken, request);
        });
    }

    fn kerberos(
        &mut self,
        message: &mut Message,
        body: KerberosMessage,
        request: Option<FrameNumber>,
    ) {
        let (src, dst) = (message.flow.src.addr, message.flow.dst.addr);
        let verdict = match body {
            KerberosMessage::AsReq(asked) if self.is_wanted_kdc(dst) => {
                self.facts.ticket_requests.add(message.first_frame());
                return self.with(src, |window| window.ask_kdc(message, TicketKind::As, asked));
            }
            KerberosMessage::TgsReq(asked) if self.is_wanted_kdc(dst) => {
                self.facts.ticket_requests.add(message.first_frame());
                return self.with(src, |window| {
                    window.ask_kdc(message, TicketKind::Tgs, asked);
                });
            }
            KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => {
                KdcVerdict::Issued(reply)
            }
            KerberosMessage::Error(error) => KdcVerdict::Refused(error),
            _ => return,
        };
        self.facts.hear_verdict(message, &verdict);
        match request {
            Some(request) => {
                let mut answered = None;
                self.with(dst, |window| {
                    answered = window.answer_kdc(message, verdict, request);
                });
                self.hear_kdc(dst, answered);
            }
            None => self.unasked(message),
        }
    }

    fn is_wanted_kdc(&self, address: IpAddr) -> bool {
        self.focus.kdc.is_none_or(|kdc| kdc == address)
    }

    /// A message that could not be read says no more than that there is one.
    fn unread(&mut self, unread: Unread) {
        if let Some(connection) = unread.connection {
            self.pairing.miss_answers(connection);
        }
        let at = Moment {
            frame: unread.frame,
            time: unread.time,
        };
        let Flow { src, dst, .. } = unread.flow;
        for (client, is_answer) in [(src.addr, false), (dst.addr, true)] {
            if let Some(window) = self.clients.get_mut(self.stacks.main(client)) {
                window.unread(Lost { at, is_answer });
            }
        }
    }

    /// An answer whose request is not in the capture.
    fn unasked(&mut self, answer: &Message) {
        self.facts.unasked.add(answer.first_frame());
        self.unread(Unread {
            flow: answer.flow,
            connection: None,
            frame: answer.first_frame(),
            time: answer.time,
        });
    }

    fn connection(&mut self, event: &TcpEvent) {
        self.with(event.client.addr, |window| window.connect(event));
    }

    /// Lets `act` work on the window of `client`, if that client counts.
    fn with(&mut self, client: IpAddr, act: impl FnOnce(&mut Window)) {
        let client = self.stacks.main(client);
        if self.focus.client.is_some_and(|only| only != client) {
            return;
        }
        let now = self.now;
        self.clients.with(client, |window| {
            act(window);
            window.last = now;
        });
    }
}
