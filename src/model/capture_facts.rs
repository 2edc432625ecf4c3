//! What the capture as a whole holds, for rules that are not about one attempt.
//!
//! Never grows with the capture: counts and first frames, and identities within the budget.

use std::net::IpAddr;

use crate::dissect::message::Message;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::domain_names::DomainNames;
use crate::model::exchange::Moment;
use crate::model::forests::Forests;
use crate::model::identity::Identities;
use crate::model::issued::Issued;
use crate::model::leases::Leases;
use crate::model::locator::{Heard, Locator};
use crate::model::log_sign_on::SignOns;
use crate::model::other_kerberos::OtherRefusal;
use crate::model::referrals::{Referrals, SeenReferral};
use crate::model::secrets::Secrets;
use crate::model::sessions::Sessions;
use crate::model::siblings::{SeenTicket, Siblings};
use crate::model::taken::Taken;
use crate::model::ticket_request::{KdcVerdict, TicketRequest};
use crate::model::times::Times;
use crate::text::WireText;
use crate::wire::cldap::Cldap;
use crate::wire::smb::SmbSetup;
use crate::wire::tls::ClientHello;

/// Counts over the whole capture.
#[derive(Clone, Debug, Default)]
pub struct CaptureFacts {
    /// All packet records.
    pub frames: u64,
    /// Those of which the capture has only the beginning.
    pub snapped: Tally,
    /// The first record; number 0 in an empty capture.
    pub first_frame: FrameNumber,
    /// Attempts, those that are only presumed included.
    pub attempts: u64,
    /// Attempts of a Configuration Manager client.
    pub ccm_attempts: u64,
    /// HTTP requests.
    pub web_requests: Tally,
    /// TLS connections.
    pub tls_starts: Tally,
    /// The first of them: server and name.
    pub first_tls: Option<(IpAddr, Option<WireText>)>,
    /// Requests to KDCs.
    pub ticket_requests: Tally,
    /// Answers of web servers and KDCs whose requests are not in the capture.
    pub unasked: Tally,
    /// Names that were looked up.
    pub lookups: Tally,
    /// Who registers under which identity.
    pub identities: Identities,
    /// Sign-ons in logs of web servers, where there is no capture.
    pub log_sign_ons: SignOns,
    /// When clients got their addresses.
    pub leases: Leases,
    /// How clients looked for domain controllers.
    pub locator: Locator,
    /// Which domains are of which forests.
    pub forests: Forests,
    /// Which short names are of which domains.
    pub domain_names: DomainNames,
    /// Where KDCs refer clients to.
    pub referrals: Referrals,
    /// Tickets for services that computers run under their own accounts.
    pub siblings: Siblings,
    /// Sessions with file servers.
    pub sessions: Sessions,
    /// Tickets for web servers.
    pub issued: Issued,
    /// Tickets that web servers accepted.
    pub taken: Taken,
    /// Tickets that were refused outside of sign-ons, the first few.
    pub refusals: Vec<OtherRefusal>,
    /// What proves accounts.
    pub secrets: Secrets,
    /// What machines tell about their clocks.
    pub times: Times,
    /// Attempts that were accepted with Kerberos.
    pub accepted: u64,
    /// The time of the last frame.
    pub ended: Option<Timestamp>,
    /// Bytes or frames that the capture missed: the first frame that shows it.
    pub first_gap: Option<FrameNumber>,
}

impl CaptureFacts {
    /// Notes a ticket request that belongs to no sign-on, if it was refused.
    pub fn add_other(&mut self, request: &TicketRequest) {
        if self.refusals.len() < Budget::REFUSALS {
            self.refusals.extend(OtherRefusal::of(request));
        }
    }

    /// Notes what a KDC's answer tells about others than the client that asked, and about its later sign-ons.
    pub fn add_answered(&mut self, request: &TicketRequest) {
        if let Some(sibling) = SeenTicket::of(request) {
            self.siblings.add(sibling);
        }
        if let Some(referral) = SeenReferral::of(request) {
            self.referrals.add(referral);
        }
        self.issued.add(request);
    }

    /// Counts an attempt.
    pub fn count(&mut self, attempt: &Attempt) {
        self.attempts += 1;
        self.accepted += u64::from(attempt.is_accepted_by_kerberos());
        if attempt.kind == AttemptKind::Ccm {
            self.ccm_attempts += 1;
        }
        self.identities.add(attempt);
    }

    /// Notes what attempts that are over at the same time tell of one another.
    pub fn foresee(&mut self, attempts: &[Attempt]) {
        for attempt in attempts {
            self.taken.add(attempt);
        }
    }

    /// Takes in what a KDC says to a request.
    pub fn hear_verdict(&mut self, message: &Message, verdict: &KdcVerdict) {
        let client = message.flow.dst.addr;
        self.locator.hear(client, Heard::Controller);
        self.sessions.issue(verdict, message.last_frame());
        if matches!(verdict, KdcVerdict::Issued(_)) {
            self.serve(message);
        }
    }

    /// Takes in a ping of a domain controller, or its answer.
    pub fn hear_ping(&mut self, message: &Message, body: &Cldap) {
        self.locator.add(message, body);
        if matches!(body, Cldap::Answer(_)) {
            self.serve(message);
        }
    }

    fn serve(&mut self, message: &Message) {
        let at = Moment {
            frame: message.first_frame(),
            time: message.time,
        };
        self.leases.serve(message.flow.dst.addr, at);
    }

    /// Takes in a leg of the setup of a session with a file server.
    pub fn set_up(&mut self, message: &Message, setup: &SmbSetup) {
        self.sessions.add(message, setup);
        let ticket = setup.token.ap_req().and_then(|it| it.ticket.as_ref());
        let sibling = ticket.and_then(|it| SeenTicket::in_frame(it, message.first_frame()));
        if let Some(sibling) = sibling {
            self.siblings.add(sibling);
        }
    }

    /// Adds to `attempt` what the capture has told so far and what belongs to no attempt.
    pub fn surround(&self, attempt: &mut Attempt) {
        attempt.add_clocks(&self.times);
        let home = attempt.home_realm();
        let referrals = home.map(|home| self.referrals.from(home));
        let servers: Vec<IpAddr> = attempt.http.iter().map(|it| it.server.addr).collect();
        let issued = self.issued.shown_in(attempt);
        let taken = self.taken.before(attempt);
        let around = &mut attempt.around;
        around.sessions = self.sessions.with(&servers);
        around.issued = issued;
        around.taken = taken;
        around.referrals = referrals.unwrap_or_default();
        around.siblings = self.siblings.of(&attempt.target);
        around.lease = self.leases.of(attempt.client).cloned();
        around.pings = self.locator.of(attempt.client).cloned().collect();
        around.forests = self.forests.clone();
        around.domain_names = self.domain_names.clone();
    }

    /// Counts a TLS connection.
    pub fn add_tls(&mut self, message: &Message, hello: &ClientHello) {
        self.tls_starts.add(message.first_frame());
        self.first_tls
            .get_or_insert_with(|| (message.flow.dst.addr, hello.sni.clone()));
    }
}

/// How often something occurs, and where first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The first frame of the first one.
    pub first: Option<FrameNumber>,
}

impl Tally {
    /// Counts one more, which begins in `frame`.
    pub fn add(&mut self, frame: FrameNumber) {
        self.count += 1;
        self.first.get_or_insert(frame);
    }
}
