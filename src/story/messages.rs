//! Steps of requests and answers: web server, KDCs, connections that came to nothing.
//!
//! Never orders them: that is the story's.

use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::{Span, Unreachable};
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::{KdcVerdict, TicketKind, TicketRequest};
use crate::story::cast::Cast;
use crate::story::{Actor, Mark, Step, phrase};

/// All such steps of `attempt`.
pub(super) fn steps(attempt: &Attempt, cast: &Cast) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, exchange) in attempt.http.iter().enumerate() {
        steps.extend(web_steps(attempt, at, exchange, cast));
    }
    for (at, request) in attempt.tickets.iter().enumerate() {
        steps.extend(ticket_steps(attempt, at, request, cast));
    }
    let failed = |connect: &&Connect| connect.is_failed() && !attempt.is_used(connect);
    for connect in attempt.connects.iter().filter(failed) {
        steps.extend(connect_steps(
            attempt,
            connect,
            cast.server(connect.server.addr),
            cast,
        ));
    }
    for connect in attempt.kdc_connects.iter().filter(failed) {
        steps.extend(connect_steps(
            attempt,
            connect,
            cast.kdc(connect.server.addr),
            cast,
        ));
    }
    for start in &attempt.tls {
        steps.push(step(
            "tls-client-hello",
            &start.span,
            (cast.client(), cast.server(start.server.addr)),
            "begins a TLS connection: what follows in it cannot be read".to_owned(),
        ));
    }
    steps
}

pub(super) fn step(
    kind: &'static str,
    span: &Span,
    (from, to): (Actor, Actor),
    text: String,
) -> Step {
    Step {
        kind,
        frames: span.frames.to_vec(),
        other_frames: Vec::new(),
        time: span.time,
        from,
        to,
        text,
        mark: Mark::Plain,
        source: None,
        places: Vec::new(),
        is_dated: true,
    }
}

fn web_steps(attempt: &Attempt, at: usize, exchange: &HttpExchange, cast: &Cast) -> Vec<Step> {
    let is_again = attempt.http.iter().take(at).any(|earlier| {
        earlier.request.head.uri == exchange.request.head.uri
            && earlier.request.head.method == exchange.request.head.method
    });
    let server = cast.server(exchange.server.addr);
    let mut text = phrase::web_request(attempt, exchange, is_again);
    if exchange.answer.is_none() {
        text.push_str("; no answer is in the capture");
    }
    let asked = step(
        "http-request",
        &exchange.asked,
        (cast.client(), server.clone()),
        text,
    );
    let answered = exchange.answer.as_ref().map(|answer| {
        step(
            "http-response",
            &answer.span,
            (server, cast.client()),
            phrase::web_answer(exchange),
        )
    });
    let passed_on = exchange.passed_on.as_deref();
    let passed_on = passed_on.map(|passed| passed_steps(exchange, passed, cast));
    let passed_on = passed_on.into_iter().flatten();
    std::iter::once(asked)
        .chain(passed_on)
        .chain(answered)
        .collect()
}

/// How the server passes the request on to another machine, and what that one answers.
fn passed_steps(exchange: &HttpExchange, passed: &HttpExchange, cast: &Cast) -> Vec<Step> {
    let (from, to) = (
        cast.server(exchange.server.addr),
        cast.anyone(passed.server.addr),
    );
    let text = match exchange.loses_token() {
        Some(_) => "passes the request on without the token".to_owned(),
        None => "passes the request on".to_owned(),
    };
    let asked = step(
        "http-request",
        &passed.asked,
        (from.clone(), to.clone()),
        text,
    );
    let answered = passed.answer.as_ref().map(|answer| {
        let text = phrase::web_answer(passed);
        step("http-response", &answer.span, (to, from), text)
    });
    std::iter::once(asked).chain(answered).collect()
}

fn ticket_steps(attempt: &Attempt, at: usize, request: &TicketRequest, cast: &Cast) -> Vec<Step> {
    let is_again = attempt
        .tickets
        .iter()
        .take(at)
        .any(|earlier| earlier.asks_the_same(request));
    let kdc = cast.kdc(request.kdc.addr);
    let mut asked = step(
        match request.kind {
            TicketKind::As => "as-req",
            TicketKind::Tgs => "tgs-req",
        },
        &request.asked,
        (cast.client(), kdc.clone()),
        phrase::ticket_request(attempt, request, is_again),
    );
    if request.is_unanswered() {
        let again = request.again.iter().flat_map(|span| &span.frames);
        asked.frames.extend(again.copied());
        let dropped = phrase::dropped(request.dropped(), "the request");
        asked.text.push_str(&dropped);
    }
    let answered = request.answer.as_ref().map(|answer| {
        let kind = match (&answer.verdict, request.kind) {
            (KdcVerdict::Refused(_), _) => "krb-error",
            (KdcVerdict::Issued(_), TicketKind::As) => "as-rep",
            (KdcVerdict::Issued(_), TicketKind::Tgs) => "tgs-rep",
        };
        step(
            kind,
            &answer.span,
            (kdc, cast.client()),
            phrase::ticket_answer(request),
        )
    });
    let refused = request
        .unreachable
        .as_ref()
        .map(|error| icmp_step(error, cast));
    std::iter::once(asked)
        .chain(answered)
        .chain(refused)
        .collect()
}

fn connect_steps(attempt: &Attempt, connect: &Connect, server: Actor, cast: &Cast) -> Vec<Step> {
    let ends = connect.reset_by_server.iter();
    let mut frames: Vec<_> = connect.syns.iter().chain(ends).map(|at| at.frame).collect();
    frames.sort_unstable();
    let tried = Step {
        kind: "tcp-connect",
        frames,
        other_frames: Vec::new(),
        time: connect.first().time,
        from: cast.client(),
        to: server,
        text: phrase::failed_connect(attempt, connect),
        mark: Mark::Plain,
        source: None,
        places: Vec::new(),
        is_dated: true,
    };
    let refused = connect
        .unreachable
        .as_ref()
        .map(|error| icmp_step(error, cast));
    std::iter::once(tried).chain(refused).collect()
}

pub(super) fn icmp_step(error: &Unreachable, cast: &Cast) -> Step {
    Step {
        kind: "icmp-error",
        frames: vec![error.at.frame],
        other_frames: Vec::new(),
        time: error.at.time,
        from: cast.anyone(error.reporter),
        to: cast.client(),
        text: phrase::unreachable(error),
        mark: Mark::Plain,
        source: None,
        places: Vec::new(),
        is_dated: true,
    }
}
