//! Turns what is over in a client's window into attempts, and lets go of what is old.
//!
//! Never waits: what is not over stays in the window.

use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::draft::{self, Draft};
use crate::model::gather::{self, Period};
use crate::model::lookup::Lookup;
use crate::model::neighbour_lookup::NeighbourLookup;
use crate::model::surroundings::Surroundings;
use crate::model::ticket_request::TicketRequest;
use crate::model::visibility::Visibility;
use crate::model::window::Window;
use crate::model::{aside, clock, conclude};
use crate::outcome::Outcome;

/// What to settle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Attempts that nothing was added to for a long time.
    Silent,
    /// Everything.
    All,
}

/// When the capture began, and how far it has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The time of the first frame that mattered.
    pub from: Timestamp,
    /// The latest time so far.
    pub now: Timestamp,
}

/// What was settled.
#[derive(Debug, Default)]
pub struct Settled {
    /// Attempts that are over, by first frame.
    pub attempts: Vec<Attempt>,
    /// Ticket requests that belong to none of them.
    pub unclaimed: Vec<TicketRequest>,
    /// Look-ups and connections that came to nothing and belong to none of them.
    pub failures: Failures,
}

/// Look-ups and connections that came to nothing.
#[derive(Debug, Default)]
pub struct Failures {
    /// Look-ups of addresses, whatever came back.
    pub lookups: Vec<Lookup>,
    /// Names asked for without DNS.
    pub neighbours: Vec<NeighbourLookup>,
    /// Connections, whatever came of them.
    pub connects: Vec<Connect>,
    /// Whether a request to a KDC of the client would have been seen.
    pub sees_kdc_side: bool,
    /// Whether the client ever reached a web server.
    pub reached_web: bool,
}

/// Settles the window of `client`. `server` is the address that the user named.
pub fn settle(
    window: &mut Window,
    client: IpAddr,
    server: Option<IpAddr>,
    watched: Watched,
    scope: Scope,
) -> Settled {
    let mut drafts = draft::drafts(window, server);
    for draft in &mut drafts {
        let aside = aside::tickets(window, draft);
        draft.tickets.extend(aside);
    }
    let is_over = |draft: &Draft| {
        scope == Scope::All || watched.now.since(draft.last) >= Budget::ATTEMPT_IDLE_NANOS
    };
    let mut settled = Settled::default();
    for (at, draft) in drafts.iter().enumerate() {
        if is_over(draft) && draft.is_sign_on(window, server) {
            let period = Period::around(&drafts, at);
            settled
                .attempts
                .push(attempt(window, client, draft, period, watched));
        }
    }
    let open = drafts.iter().filter(|draft| !is_over(draft));
    let horizon = horizon(open, watched, scope);
    let horizon = crowd_horizon(window, horizon);
    let claimed = Claimed::by(&settled.attempts);
    drop_claimed(window, &drafts, is_over);
    settled.failures = failures(window, &claimed, horizon);
    settled.unclaimed = window
        .forget_before(horizon)
        .into_iter()
        .filter(|request| !claimed.has_ticket(request))
        .collect();
    settled
}

/// What is older may be let go: it is too old for anything that is still open or may yet begin.
fn horizon<'d>(open: impl Iterator<Item = &'d Draft>, watched: Watched, scope: Scope) -> Timestamp {
    if scope == Scope::All {
        return Timestamp::from_nanos(i64::MAX);
    }
    let begins = open.map(|draft| draft.first).min().unwrap_or(watched.now);
    let lead = Budget::ATTEMPT_LEAD_NANOS.max(Budget::ATTEMPT_IDLE_NANOS);
    Timestamp::from_nanos(begins.min(watched.now).nanos().saturating_sub(lead))
}

/// A client that is too busy keeps only the newer half of its period.
fn crowd_horizon(window: &Window, horizon: Timestamp) -> Timestamp {
    let Some(last) = window
        .last
        .filter(|_| window.len() > Budget::EXCHANGES_PER_CLIENT)
    else {
        return horizon;
    };
    horizon.max(Timestamp::from_nanos(
        last.nanos().saturating_sub(Budget::ATTEMPT_LEAD_NANOS / 2),
    ))
}

/// What attempts have claimed, by first frame.
struct Claimed {
    tickets: Vec<crate::frame::FrameNumber>,
    lookups: Vec<crate::frame::FrameNumber>,
    connects: Vec<crate::endpoint::ConnectionId>,
}

impl Claimed {
    fn by(attempts: &[Attempt]) -> Self {
        let tickets = attempts.iter().flat_map(|attempt| &attempt.tickets);
        let lookups = attempts
            .iter()
            .flat_map(|attempt| attempt.lookups.iter().chain(&attempt.kdc_lookups));
        let connects = attempts
            .iter()
            .flat_map(|attempt| attempt.connects.iter().chain(&attempt.kdc_connects));
        Self {
            tickets: tickets.map(|request| request.asked.first()).collect(),
            lookups: lookups.map(|lookup| lookup.asked.first()).collect(),
            connects: connects.map(|connect| connect.id).collect(),
        }
    }

    fn has_ticket(&self, request: &TicketRequest) -> bool {
        self.tickets.contains(&request.asked.first())
    }
}

/// Takes the cores of finished attempts out of the window.
fn drop_claimed(window: &mut Window, drafts: &[Draft], is_over: impl Fn(&Draft) -> bool) {
    let over = || drafts.iter().filter(|draft| is_over(draft));
    let http: Vec<usize> = over()
        .flat_map(|draft| draft.http.iter().copied())
        .collect();
    let tls: Vec<usize> = over().flat_map(|draft| draft.tls.iter().copied()).collect();
    let tickets: Vec<usize> = over()
        .flat_map(|draft| draft.tickets.iter().copied())
        .collect();
    drop_at(&mut window.http, &http);
    drop_at(&mut window.tls, &tls);
    drop_at(&mut window.tickets, &tickets);
}

fn drop_at<T>(list: &mut Vec<T>, places: &[usize]) {
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        !places.contains(&(at - 1))
    });
}

fn failures(window: &Window, claimed: &Claimed, horizon: Timestamp) -> Failures {
    let lookups = || {
        window.lookups.iter().filter(|lookup| {
            lookup.is_for_address()
                && lookup.last_span().last_time < horizon
                && !claimed.lookups.contains(&lookup.asked.first())
        })
    };
    let connects = || {
        window.connects.iter().filter(|connect| {
            connect.last.time < horizon && !claimed.connects.contains(&connect.id)
        })
    };
    let failed = lookups().any(|lookup| !lookup.is_found()) || connects().any(Connect::is_failed);
    if !failed {
        return Failures {
            reached_web: window.reached_web,
            ..Failures::default()
        };
    }
    Failures {
        lookups: lookups().cloned().collect(),
        neighbours: window.neighbours.before(horizon).cloned().collect(),
        connects: connects().cloned().collect(),
        sees_kdc_side: window.sees_kdc_side,
        reached_web: window.reached_web,
    }
}

fn attempt(
    window: &Window,
    client: IpAddr,
    draft: &Draft,
    period: Period,
    watched: Watched,
) -> Attempt {
    let lookups = gather::lookups(window, &draft.target, period);
    let neighbours: Vec<NeighbourLookup> = window
        .neighbours
        .about(&draft.target, period)
        .cloned()
        .collect();
    let found = gather::addresses(&lookups, &neighbours);
    let connects = gather::connects(window, draft, &found, period);
    let tickets = gather::tickets(window, draft, period);
    let locating = gather::locating(&tickets, draft, period);
    let mut attempt = Attempt {
        kind: draft.kind,
        client,
        principal: gather::principal(&tickets),
        target: draft.target.clone(),
        kdc_connects: gather::kdc_connects(window, &tickets, locating),
        kdc_lookups: gather::kdc_lookups(window, &tickets, locating),
        lookups,
        connects,
        http: draft.exchanges(window).cloned().collect(),
        tls: draft
            .tls
            .iter()
            .filter_map(|at| window.tls.get(*at))
            .cloned()
            .collect(),
        tls_aside: None,
        tickets,
        computer_ticket: window.computer_ticket,
        clocks: Vec::new(),
        inside: Vec::new(),
        told: Vec::new(),
        calls: Vec::new(),
        outputs: Vec::new(),
        around: Surroundings {
            neighbours,
            ..Surroundings::default()
        },
        outcome: Outcome::CutShort,
        visibility: Visibility {
            sees_kdc_side: window.sees_kdc_side,
            snapped: None,
            missed: None,
            unread: gather::unread(window, period, |_| true),
            unread_answer: gather::unread(window, period, |lost| lost.is_answer),
            from: watched.from,
            until: watched.now,
        },
    };
    attempt.tls_aside = gather::tls_aside(window, &attempt);
    complete(&mut attempt);
    attempt
}

/// Fills in what follows from the exchanges.
pub fn complete(attempt: &mut Attempt) {
    attempt.clocks = clock::samples(attempt);
    let mut visibility = attempt.visibility.clone();
    visibility.note_losses(attempt.message_spans());
    attempt.visibility = visibility;
    if attempt.target.address.is_none() {
        attempt.target.address = gather::addresses(&attempt.lookups, &attempt.around.neighbours)
            .first()
            .copied();
    }
    attempt.outcome = conclude::outcome(attempt);
}
