//! Tickets for the server's host that a challenged client asked for under another service than the web's.
//!
//! Never takes what a computer asks of the same host all day, as for its file service, and nothing where the client asked for the
//! web's service too, or showed any token.

use crate::frame::Timestamp;
use crate::model::draft::Draft;
use crate::model::http_exchange::HttpExchange;
use crate::model::siblings;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::model::window::Window;
use crate::wire::kerberos::name::PrincipalName;

/// A client asks for the ticket at once when it is challenged (in nanoseconds).
const AT_ONCE: i64 = 1_000_000_000;

/// Where such requests stand in `window`, for a client that was refused each of them.
pub fn tickets(window: &Window, draft: &Draft) -> Vec<usize> {
    let shows_token = |exchange: &HttpExchange| !exchange.shows_no_token();
    if !draft.tickets.is_empty() || draft.exchanges(window).any(shows_token) {
        return Vec::new();
    }
    let challenges: Vec<Timestamp> = draft
        .exchanges(window)
        .filter(|exchange| exchange.is_challenged())
        .filter_map(|exchange| Some(exchange.answer.as_ref()?.span.last_time))
        .collect();
    let is_answer_to_challenge = |request: &TicketRequest| {
        challenges
            .iter()
            .any(|challenge| (0..AT_ONCE).contains(&request.asked.time.since(*challenge)))
    };
    let all = window.tickets.iter().enumerate();
    let asked: Vec<(usize, &TicketRequest)> = all
        .filter(|(_, request)| is_for_host(request, draft) && is_answer_to_challenge(request))
        .collect();
    let is_refused = asked
        .last()
        .is_some_and(|(_, request)| request.error().is_some());
    if !is_refused || asked.iter().any(|(_, request)| request.is_granted()) {
        return Vec::new();
    }
    asked.into_iter().map(|(at, _)| at).collect()
}

/// Whether it asks for a service of the draft's host that is neither the web's nor one that any computer asks for.
fn is_for_host(request: &TicketRequest, draft: &Draft) -> bool {
    let is_odd = |service: &PrincipalName| {
        let class = service.service_class().unwrap_or_default();
        let is_common = siblings::is_of_computer(service) && !class.eq_ignore_ascii_case("host");
        !service.is_http() && !service.is_krbtgt() && !is_common
    };
    request.kind == TicketKind::Tgs
        && request.is_plain()
        && request.service().is_some_and(|service| {
            let host = service.host();
            is_odd(service) && host.is_some_and(|host| draft.target.is_meant_by(host))
        })
}
