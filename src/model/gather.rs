//! Gathers what else belongs to a draft: names, connections, KDCs and first tickets.
//!
//! Never changes what is in the window, and never decides how the attempt ended.

use std::net::IpAddr;

use crate::endpoint::ConnectionId;
use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::model::attempt::{Attempt, Principal, TlsStart, is_same_ticket};
use crate::model::connect::Connect;
use crate::model::draft::Draft;
use crate::model::exchange::Moment;
use crate::model::lookup::Lookup;
use crate::model::neighbour_lookup::NeighbourLookup;
use crate::model::target::{Target, same_host};
use crate::model::ticket_request::{KdcVerdict, TicketKind, TicketRequest};
use crate::model::visibility::Lost;
use crate::model::window::Window;
use crate::wire::kerberos::message::Ticket;
use crate::wire::kerberos::name::PrincipalName;

/// The port of Kerberos (RFC 4120 section 7.2).
const KERBEROS_PORT: u16 = 88;
/// A client looks for a KDC at most this long before it asks one.
const LOCATE_NANOS: i64 = 5_000_000_000;
/// Realms are passed one by one, and hardly more than these.
const MOST_HOPS: usize = 8;

/// A span of capture time, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

impl Period {
    /// Whether `time` is in it.
    pub fn holds(self, time: Timestamp) -> bool {
        self.from <= time && time <= self.to
    }

    /// The period in which things may belong to the draft at `at`: some time before it and, unless it was accepted, after it,
    /// but not beyond its neighbours at the same server.
    pub fn around(drafts: &[Draft], at: usize) -> Self {
        let draft = &drafts[at];
        let same = |other: &&Draft| {
            other
                .target
                .name()
                .is_some_and(|name| draft.target.is_meant_by(name))
        };
        let before = drafts[..at]
            .iter()
            .filter(same)
            .map(|other| other.last)
            .max();
        let after = drafts[at + 1..]
            .iter()
            .filter(same)
            .map(|other| other.first)
            .min();
        let earliest = later_by(draft.first, -Budget::ATTEMPT_LEAD_NANOS);
        let latest = if draft.is_accepted() {
            draft.last
        } else {
            later_by(draft.last, Budget::ATTEMPT_IDLE_NANOS)
        };
        Self {
            from: before.map_or(earliest, |time| time.max(earliest)),
            to: after.map_or(latest, |time| time.min(latest)),
        }
    }
}

fn later_by(time: Timestamp, nanos: i64) -> Timestamp {
    Timestamp::from_nanos(time.nanos().saturating_add(nanos))
}

/// Where the last of those messages stands that could not be read, in `period`, among those that `wanted` picks.
pub fn unread(window: &Window, period: Period, wanted: impl Fn(&Lost) -> bool) -> Option<Moment> {
    let last = window
        .unread
        .iter()
        .rfind(|lost| period.holds(lost.at.time) && wanted(lost))?;
    Some(last.at)
}

/// Address look-ups of the target's names, with the search suffixes that the client tried.
pub fn lookups(window: &Window, target: &Target, period: Period) -> Vec<Lookup> {
    let means = |name: &str| {
        target.names.iter().any(|known| {
            let known = known.as_str().trim_end_matches('.');
            same_host(known, name)
                || name
                    .get(..known.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(known))
                    && name[known.len()..].starts_with('.')
        })
    };
    window
        .lookups
        .iter()
        .filter(|lookup| {
            lookup.is_for_address()
                && means(lookup.name.as_str())
                && period.holds(lookup.asked.time)
        })
        .cloned()
        .collect()
}

/// The addresses that look-ups gave, those of DNS first.
pub fn addresses(lookups: &[Lookup], neighbours: &[NeighbourLookup]) -> Vec<IpAddr> {
    let of_dns = lookups.iter().flat_map(Lookup::addresses);
    let of_others = neighbours.iter().flat_map(NeighbourLookup::addresses);
    of_dns.chain(of_others).collect()
}

/// Connections to the target, which may be at any of `addresses`: those of the exchanges, and those that came to nothing.
pub fn connects(
    window: &Window,
    draft: &Draft,
    addresses: &[IpAddr],
    period: Period,
) -> Vec<Connect> {
    let used: Vec<ConnectionId> = draft
        .exchanges(window)
        .filter_map(|exchange| exchange.connection)
        .collect();
    let is_target = |connect: &Connect| {
        let address = connect.server.addr;
        (draft.target.address == Some(address) || addresses.contains(&address))
            && draft
                .target
                .port
                .is_none_or(|port| port == connect.server.port)
            && connect.server.port != KERBEROS_PORT
    };
    let busy = |id: ConnectionId| {
        window
            .http
            .iter()
            .any(|exchange| exchange.connection == Some(id))
    };
    window
        .connects
        .iter()
        .filter(|connect| {
            used.contains(&connect.id)
                || (is_target(connect) && period.holds(connect.first().time) && !busy(connect.id))
        })
        .cloned()
        .collect()
}

/// The ticket requests of an attempt: those for the target, the ticket-granting tickets on the way, and the client's first ones.
pub fn tickets(window: &Window, draft: &Draft, period: Period) -> Vec<TicketRequest> {
    let of_target: Vec<&TicketRequest> = draft
        .tickets
        .iter()
        .filter_map(|at| window.tickets.get(*at))
        .collect();
    let account = of_target.iter().find_map(|request| account_of(request));
    let shown: Vec<&Ticket> = window
        .tickets
        .iter()
        .filter_map(|request| request.request.tgt.as_ref())
        .collect();
    let way = on_the_way(window, &of_target);
    let leads_here = |request: &TicketRequest| way.iter().any(|shown| issues_shown(request, shown));
    let leads_elsewhere =
        |request: &TicketRequest| shown.iter().any(|shown| issues_shown(request, shown));
    // What refused the first ticket that the client had already when it began says nothing of this attempt.
    let is_settled = |request: &TicketRequest| {
        window.tickets.iter().any(|later| {
            later.asks_the_same(request)
                && later.asked.first() > request.asked.first()
                && later.asked.time < draft.first
                && later.issued().is_some()
                && leads_elsewhere(later)
                && !leads_here(later)
        })
    };
    let belongs = |at: usize, request: &TicketRequest| {
        if draft.tickets.contains(&at) || leads_here(request) {
            return true;
        }
        let near = period.holds(request.asked.time) && !leads_elsewhere(request);
        if request.service().is_none() && request.kind == TicketKind::Tgs {
            return near && draft.first <= request.asked.time;
        }
        match request.kind {
            TicketKind::As => near && may_be_client(request, account) && !is_settled(request),
            TicketKind::Tgs => {
                near && request.asked.time >= later_by(draft.first, -LOCATE_NANOS)
                    && request.service().is_some_and(PrincipalName::is_krbtgt)
            }
        }
    };
    let all = || window.tickets.iter().enumerate();
    let gathered: Vec<&TicketRequest> = all()
        .filter(|(at, request)| belongs(*at, request))
        .map(|(_, request)| request)
        .collect();
    let behind = on_the_way(window, &gathered);
    let is_behind = |request: &TicketRequest| {
        may_be_client(request, account) && behind.iter().any(|shown| issues_shown(request, shown))
    };
    all()
        .filter(|(at, request)| belongs(*at, request) || is_behind(request))
        .map(|(_, request)| request.clone())
        .collect()
}

/// The ticket-granting tickets that `requests` show, and those that the requests for these show in turn: a client may ask for a
/// ticket for the KDC of another realm by itself.
fn on_the_way<'a>(window: &'a Window, requests: &[&'a TicketRequest]) -> Vec<&'a Ticket> {
    let tgt_of = |request: &'a TicketRequest| request.request.tgt.as_ref();
    let mut way: Vec<&Ticket> = requests.iter().filter_map(|it| tgt_of(it)).collect();
    for _ in 0..MOST_HOPS {
        let before: Vec<&Ticket> = window
            .tickets
            .iter()
            .filter(|request| way.iter().any(|shown| issues_shown(request, shown)))
            .filter_map(tgt_of)
            .filter(|tgt| !way.iter().any(|known| is_same_ticket(known, tgt)))
            .collect();
        if before.is_empty() {
            break;
        }
        way.extend(before);
    }
    way
}

/// Whether `request` is answered with the ticket that is shown.
fn issues_shown(request: &TicketRequest, shown: &Ticket) -> bool {
    request.ticket().is_some_and(|issued| {
        shown.cipher_digest.is_some() && shown.cipher_digest == issued.cipher_digest
    })
}

/// Whether an AS exchange is about the client's own account: the one of its service tickets, or a computer's. One that was
/// cut before the name may be.
fn may_be_client(request: &TicketRequest, account: Option<&PrincipalName>) -> bool {
    request.request.cname.as_ref().is_none_or(|cname| {
        account.map_or_else(
            || cname.is_computer(),
            |account| cname.same_principal(account),
        )
    })
}

fn account_of(request: &TicketRequest) -> Option<&PrincipalName> {
    request.issued()?.cname.as_ref()
}

/// TCP connections to KDCs: those of the ticket requests, and those that came to nothing.
pub fn kdc_connects(window: &Window, tickets: &[TicketRequest], period: Period) -> Vec<Connect> {
    let used: Vec<ConnectionId> = tickets
        .iter()
        .filter_map(|request| request.connection)
        .collect();
    let asked = |address: IpAddr| tickets.iter().any(|request| request.kdc.addr == address);
    let busy = |id: ConnectionId| {
        window
            .tickets
            .iter()
            .any(|request| request.connection == Some(id))
    };
    window
        .connects
        .iter()
        .filter(|connect| {
            let is_kdc = connect.server.port == KERBEROS_PORT
                || tickets.iter().any(|request| request.kdc == connect.server);
            used.contains(&connect.id)
                || (is_kdc
                    && period.holds(connect.first().time)
                    && !busy(connect.id)
                    && (connect.is_failed() || asked(connect.server.addr)))
        })
        .cloned()
        .collect()
}

/// Look-ups of KDCs, and of the addresses of the hosts that the answers name. A look-up serves the ticket request that follows
/// it: where that one is not the attempt's, neither is the look-up.
pub fn kdc_lookups(window: &Window, tickets: &[TicketRequest], period: Period) -> Vec<Lookup> {
    let realms = realms(tickets);
    let serves = |lookup: &&Lookup| {
        let next = window
            .tickets
            .iter()
            .map(|request| request.asked.first())
            .filter(|frame| *frame > lookup.asked.first())
            .min();
        next.is_none_or(|next| tickets.iter().any(|request| request.asked.first() == next))
    };
    let in_period = |lookup: &&Lookup| period.holds(lookup.asked.time);
    let for_realm = |lookup: &&Lookup| {
        lookup.kdc_realm().is_some_and(|found| {
            let found = found.trim_end_matches('.');
            realms.is_empty() || realms.iter().any(|realm| found.eq_ignore_ascii_case(realm))
        })
    };
    let near: Vec<&Lookup> = window
        .lookups
        .iter()
        .filter(in_period)
        .filter(serves)
        .collect();
    let hosts: Vec<&str> = near
        .iter()
        .filter(|lookup| for_realm(lookup))
        .flat_map(|lookup| lookup.service_hosts())
        .map(|host| host.as_str().trim_end_matches('.'))
        .collect();
    let of_host = |lookup: &Lookup| {
        lookup.is_for_address() && hosts.iter().any(|host| lookup.name.same_name(host))
    };
    near.into_iter()
        .filter(|lookup| for_realm(lookup) || of_host(lookup))
        .cloned()
        .collect()
}

/// The first TLS connection to another machine that began between the first challenge and the first token after it.
pub fn tls_aside(window: &Window, attempt: &Attempt) -> Option<TlsStart> {
    let challenged = attempt.first_challenge()?.answer.as_ref()?.span.last();
    let shown = attempt
        .http
        .iter()
        .filter(|exchange| exchange.windows_token().is_some())
        .map(|exchange| exchange.asked.first())
        .find(|frame| *frame > challenged)?;
    let is_aside = |start: &&TlsStart| {
        let frame = start.span.first();
        let server = start.server.addr;
        challenged < frame && frame < shown && attempt.target.address != Some(server)
    };
    window.tls.iter().find(is_aside).cloned()
}

/// When the client may have begun to look for a KDC: shortly before its first ticket request, or with the challenge.
pub fn locating(tickets: &[TicketRequest], draft: &Draft, period: Period) -> Period {
    let asked = tickets.iter().map(|request| request.asked.time).min();
    let first = asked.map_or(draft.first, |time| time.min(draft.first));
    Period {
        from: later_by(first, -LOCATE_NANOS).max(period.from),
        to: period.to,
    }
}

/// The realms that the ticket requests are about.
fn realms(tickets: &[TicketRequest]) -> Vec<String> {
    let mut realms: Vec<String> = Vec::new();
    let asked = tickets.iter().filter_map(TicketRequest::realm);
    let referred = tickets.iter().filter_map(TicketRequest::referral);
    for realm in asked.chain(referred) {
        if !realms.iter().any(|known| known.eq_ignore_ascii_case(realm)) {
            realms.push(realm.to_owned());
        }
    }
    realms
}

/// The client's account, as a KDC's answer, a first request or an NTLM token tells it in clear.
pub fn principal(tickets: &[TicketRequest]) -> Option<Principal> {
    let told = |request: &TicketRequest| {
        let answer = request.answer.as_ref()?;
        let (name, realm) = match &answer.verdict {
            KdcVerdict::Issued(reply) => (reply.cname.as_ref()?, reply.crealm.as_ref()),
            KdcVerdict::Refused(error) => (error.cname.as_ref()?, error.crealm.as_ref()),
        };
        Some(Principal {
            name: name.clone(),
            realm: realm.cloned(),
            frame: answer.span.last(),
        })
    };
    let asked = |request: &TicketRequest| {
        Some(Principal {
            name: request.request.cname.clone()?,
            realm: request.request.realm.clone(),
            frame: request.asked.last(),
        })
    };
    let known = |principal: &Principal| !principal.name.parts.is_empty();
    tickets
        .iter()
        .filter(|request| request.issued().is_some())
        .find_map(told)
        .filter(known)
        .or_else(|| tickets.iter().find_map(asked).filter(known))
        .or_else(|| tickets.iter().find_map(told).filter(known))
}
