//! Cuts a client's window into drafts of attempts: which web exchanges, TLS connections and service tickets make one try.
//!
//! Never looks at names or KDCs beyond what says which server is meant; what else belongs to a try is gathered later.

use std::net::IpAddr;

use crate::endpoint::{ConnectionId, Endpoint};
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::attempt::{AttemptKind, is_same_ticket};
use crate::model::http_exchange::HttpExchange;
use crate::model::target::Target;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::model::window::Window;
use crate::text::WireText;
use crate::wire::kerberos::name::PrincipalName;

/// After this time without anything, a challenged client that begins anew without a token is at its next try.
const GIVEN_UP_NANOS: i64 = 10_000_000_000;

/// The core of an attempt: positions in the window's lists.
#[derive(Debug)]
pub struct Draft {
    /// Why it is taken for an attempt.
    pub kind: AttemptKind,
    /// The server that is meant.
    pub target: Target,
    /// Web exchanges.
    pub http: Vec<usize>,
    /// TLS connections.
    pub tls: Vec<usize>,
    /// Requests for a ticket to the target.
    pub tickets: Vec<usize>,
    /// When it begins.
    pub first: Timestamp,
    /// When the last thing of it ends.
    pub last: Timestamp,
    state: State,
    connections: Vec<ConnectionId>,
}

/// How far a try has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing is decided.
    Open,
    /// The server asked for proof.
    Challenged,
    /// A proof was accepted.
    Accepted,
    /// A proof was refused, or the server failed.
    Refused,
}

/// One thing that makes an attempt.
#[derive(Clone, Copy, Debug)]
enum Seed {
    Http(usize),
    Ticket(usize),
}

/// Cuts `window` into drafts, in the order of their first frames. `server` is the address that the user named.
pub fn drafts(window: &Window, server: Option<IpAddr>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (_, seed) in seeds(window, server) {
        let open = drafts
            .iter_mut()
            .rev()
            .find(|draft| draft.is_about(window, seed));
        match open {
            Some(draft) if draft.goes_on_with(window, seed) => draft.add(window, seed),
            _ => drafts.push(Draft::begun_by(window, seed)),
        }
    }
    join_by_ticket(window, &mut drafts);
    for (at, start) in window.tls.iter().enumerate() {
        let meant = |draft: &&mut Draft| {
            let by_name = start
                .sni
                .as_ref()
                .is_some_and(|sni| draft.target.is_meant_by(sni.as_str()));
            draft.http.is_empty()
                && (by_name || draft.target.address == Some(start.server.addr))
                && start.span.time.since(draft.last) < Budget::ATTEMPT_IDLE_NANOS
                && draft.first.since(start.span.time) < Budget::ATTEMPT_IDLE_NANOS
        };
        if let Some(draft) = drafts.iter_mut().rev().find(meant) {
            draft.add_tls(at, start.span.time, start.server);
        } else if server == Some(start.server.addr) {
            drafts.push(Draft::begun_by_tls(window, at));
        }
    }
    drafts.sort_by_key(|draft| draft.first);
    drafts
}

/// All seeds in frame order; questions to a management point count only beside a sign-on, so they come as seeds too and
/// drafts without a sign-on are dropped by the caller.
fn seeds(window: &Window, server: Option<IpAddr>) -> Vec<(FrameNumber, Seed)> {
    let http = window.http.iter().enumerate().filter(|(_, exchange)| {
        exchange.is_sign_on() || exchange.is_mp_query() || server == Some(exchange.server.addr)
    });
    let tickets = window
        .tickets
        .iter()
        .enumerate()
        .filter(|(_, request)| is_for_web_service(request));
    let mut seeds: Vec<_> = http
        .map(|(at, exchange)| (exchange.asked.first(), Seed::Http(at)))
        .chain(tickets.map(|(at, request)| (request.asked.first(), Seed::Ticket(at))))
        .collect();
    seeds.sort_by_key(|(frame, _)| *frame);
    seeds
}

/// Whether it asks for a ticket to a web server.
fn is_for_web_service(request: &TicketRequest) -> bool {
    request.kind == TicketKind::Tgs && request.service().is_some_and(PrincipalName::is_http)
}

/// A ticket that was asked for under a name nobody calls the server by, but that was shown to it, belongs to that try.
fn join_by_ticket(window: &Window, drafts: &mut Vec<Draft>) {
    let shown_to = |drafts: &[Draft], at: usize| {
        let issued = window.tickets.get(at)?.ticket()?;
        drafts.iter().position(|draft| {
            draft
                .exchanges(window)
                .filter_map(|exchange| exchange.ap_req()?.ticket.as_ref())
                .any(|shown| is_same_ticket(issued, shown))
        })
    };
    let mut at = 0;
    while at < drafts.len() {
        let lonely = drafts[at].http.is_empty() && drafts[at].tls.is_empty();
        let owner = drafts[at]
            .tickets
            .iter()
            .find_map(|ticket| shown_to(drafts, *ticket));
        match owner {
            Some(owner) if lonely && owner != at => {
                let joined = drafts.remove(at);
                let owner = if owner > at { owner - 1 } else { owner };
                drafts[owner].take_tickets_of(joined);
            }
            _ => at += 1,
        }
    }
}

impl Draft {
    /// The draft's web exchanges.
    pub fn exchanges<'w>(&self, window: &'w Window) -> impl Iterator<Item = &'w HttpExchange> {
        self.http.iter().filter_map(|at| window.http.get(*at))
    }

    /// Whether anything in it asks for proof or shows it.
    pub fn is_sign_on(&self, window: &Window, server: Option<IpAddr>) -> bool {
        !self.tickets.is_empty()
            || !self.tls.is_empty()
            || self
                .exchanges(window)
                .any(|exchange| exchange.is_sign_on() || server == Some(exchange.server.addr))
    }

    /// Whether a proof was accepted.
    pub fn is_accepted(&self) -> bool {
        self.state == State::Accepted
    }

    fn empty(kind: AttemptKind, first: Timestamp) -> Self {
        Self {
            kind,
            target: Target::default(),
            http: Vec::new(),
            tls: Vec::new(),
            tickets: Vec::new(),
            first,
            last: first,
            state: State::Open,
            connections: Vec::new(),
        }
    }

    fn begun_by(window: &Window, seed: Seed) -> Self {
        let first = match seed {
            Seed::Http(at) => window.http[at].asked.time,
            Seed::Ticket(at) => window.tickets[at].asked.time,
        };
        let mut draft = Self::empty(AttemptKind::SignOn, first);
        draft.add(window, seed);
        draft
    }

    fn begun_by_tls(window: &Window, at: usize) -> Self {
        let start = &window.tls[at];
        let mut draft = Self::empty(AttemptKind::Ccm, start.span.time);
        draft.add_tls(at, start.span.time, start.server);
        draft.target.names.extend(start.sni.clone());
        draft
    }

    /// Whether `seed` means the same server. A challenged try whose server's name was cut off takes the next ticket for its own.
    fn is_about(&self, window: &Window, seed: Seed) -> bool {
        match seed {
            Seed::Http(at) => {
                let exchange = &window.http[at];
                match exchange.host() {
                    Some(host) if !self.target.names.is_empty() => self.target.is_meant_by(host),
                    _ => self.target.address == Some(exchange.server.addr),
                }
            }
            Seed::Ticket(at) => {
                let request = &window.tickets[at];
                let nameless = self.target.names.is_empty() && self.state == State::Challenged;
                nameless
                    || request
                        .service()
                        .and_then(PrincipalName::host)
                        .is_some_and(|host| self.target.is_meant_by(host))
            }
        }
    }

    /// Whether `seed`, which is about the same server, is part of this try and not the beginning of the next.
    fn goes_on_with(&self, window: &Window, seed: Seed) -> bool {
        match seed {
            Seed::Http(at) => self.goes_on_with_exchange(&window.http[at]),
            Seed::Ticket(at) => {
                let pause = window.tickets[at].asked.time.since(self.last);
                self.state != State::Accepted && pause < Budget::ATTEMPT_IDLE_NANOS
            }
        }
    }

    fn goes_on_with_exchange(&self, exchange: &HttpExchange) -> bool {
        let pause = exchange.asked.time.since(self.last);
        let same_connection = exchange
            .connection
            .is_some_and(|id| self.connections.contains(&id));
        if pause >= Budget::ATTEMPT_IDLE_NANOS {
            return false;
        }
        if same_connection || exchange.windows_token().is_some() || !exchange.is_sign_on() {
            return true;
        }
        match self.state {
            State::Open => true,
            State::Challenged => pause < GIVEN_UP_NANOS,
            State::Accepted | State::Refused => false,
        }
    }

    fn add(&mut self, window: &Window, seed: Seed) {
        match seed {
            Seed::Http(at) => self.add_exchange(window, at),
            Seed::Ticket(at) => self.add_ticket(window, at),
        }
    }

    fn add_exchange(&mut self, window: &Window, at: usize) {
        let exchange = &window.http[at];
        self.http.push(at);
        if exchange.is_ccm() {
            self.kind = AttemptKind::Ccm;
        }
        if self.target.port.is_none() {
            self.target.address = Some(exchange.server.addr);
            self.target.port = Some(exchange.server.port);
        }
        if let Some(host) = exchange.host() {
            self.name(window, host);
            self.call_it(host);
        }
        self.connections.extend(exchange.connection);
        self.state = self.state.after(exchange);
        self.reach(exchange.last_span().last_time);
    }

    fn add_ticket(&mut self, window: &Window, at: usize) {
        let request = &window.tickets[at];
        self.tickets.push(at);
        if let Some(host) = request.service().and_then(PrincipalName::host) {
            self.name(window, host);
        }
        self.reach(request.last_span().last_time);
    }

    fn add_tls(&mut self, at: usize, time: Timestamp, server: Endpoint) {
        self.tls.push(at);
        self.target.address.get_or_insert(server.addr);
        self.target.port.get_or_insert(server.port);
        self.first = self.first.min(time);
        self.reach(time);
    }

    fn take_tickets_of(&mut self, other: Self) {
        self.tickets.extend(other.tickets);
        self.tickets.sort_unstable();
        self.first = self.first.min(other.first);
        self.reach(other.last);
    }

    /// Adds `host` and the aliases that DNS gives for it.
    fn name(&mut self, window: &Window, host: &str) {
        let aliases = window
            .lookups
            .iter()
            .filter(|lookup| lookup.is_for_address() && lookup.name.same_name(host))
            .flat_map(|lookup| lookup.aliases().cloned());
        for name in std::iter::once(WireText::from(host)).chain(aliases) {
            if !self
                .target
                .names
                .iter()
                .any(|known| known.same_name(name.as_str()))
            {
                self.target.names.push(name);
            }
        }
    }

    /// Puts the name that the client writes in `Host` first.
    fn call_it(&mut self, host: &str) {
        let names = &mut self.target.names;
        if let Some(at) = names.iter().position(|name| name.same_name(host)) {
            names[..=at].rotate_right(1);
        }
    }

    fn reach(&mut self, time: Timestamp) {
        self.last = self.last.max(time);
    }
}

impl State {
    fn after(self, exchange: &HttpExchange) -> Self {
        let proof = exchange.windows_token().is_some();
        match exchange.status() {
            Some(200..=299) if proof || exchange.is_windowsauth() => Self::Accepted,
            Some(401) if exchange.is_ntlm_leg() || !proof => Self::Challenged,
            Some(400..=599) if proof || exchange.is_windowsauth() => Self::Refused,
            _ => self,
        }
    }
}
