//! The words of the story: one short function for each kind of step.
//!
//! Never says more than the message does: no cause, no advice.

use crate::frame::PacketDrop;
use crate::model::attempt::Attempt;
use crate::model::connect::Connect;
use crate::model::exchange::Unreachable;
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::wire::auth_header::AuthToken;
use crate::wire::ccm::points::ManagementPoint;
use crate::wire::kerberos::message::{KrbError, Ticket};
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::kerberos::padata::PaDataType;
use crate::wire::ntlm::NtlmMessage;
use crate::wire::spnego::NegState;

/// What a web request says: `CCM_POST /ccm_system_windowsauth/request, no security information`.
pub(super) fn web_request(attempt: &Attempt, exchange: &HttpExchange, is_again: bool) -> String {
    let head = &exchange.request.head;
    let what = if is_again {
        format!("{} again", head.method)
    } else {
        format!("{} {}", head.method, head.uri)
    };
    let certificate = invalid_certificate(exchange);
    format!("{what}, {}{certificate}", proof(attempt, exchange))
}

/// That the certificate of a registration is not valid when it is sent, by the clock of the capture.
fn invalid_certificate(exchange: &HttpExchange) -> String {
    let message = exchange.request.ccm.as_ref();
    let sent = message.and_then(|message| message.registration.as_ref()?.certificate.as_ref());
    let fault = sent.and_then(|sent| sent.fault_at(exchange.asked.time));
    fault.map_or_else(String::new, |fault| {
        format!("; registers with a certificate {fault}")
    })
}

fn proof(attempt: &Attempt, exchange: &HttpExchange) -> String {
    let Some(token) = &exchange.request.head.auth else {
        return if exchange.request.head.is_cut {
            "cut before it tells whether it shows proof".to_owned()
        } else {
            "no security information".to_owned()
        };
    };
    if let Some(request) = token.ap_req() {
        return request.ticket.as_ref().map_or_else(
            || "with a Kerberos ticket".to_owned(),
            |ticket| shown_ticket(attempt, ticket),
        );
    }
    match (&token.ntlm, &token.kerberos) {
        (Some(ntlm), _) => format!("with {}", ntlm_message(ntlm)),
        (None, Some(_)) => "with a Kerberos message that is no ticket".to_owned(),
        (None, None) => unread_token(token),
    }
}

fn unread_token(token: &AuthToken) -> String {
    match token.neg_state {
        Some(NegState::Reject) => "and breaks the negotiation off (SPNEGO reject)".to_owned(),
        Some(_) => format!("with a {} token that ends the negotiation", token.scheme.0),
        None => format!("with a {} token", token.scheme.0),
    }
}

fn shown_ticket(attempt: &Attempt, ticket: &Ticket) -> String {
    match attempt
        .source_of(ticket)
        .and_then(|request| request.answer.as_ref())
    {
        Some(answer) => format!("with the ticket of frame {}", answer.span.last()),
        None => format!(
            "with a ticket for {} that was not issued in this capture",
            ticket.sname
        ),
    }
}

fn ntlm_message(ntlm: &NtlmMessage) -> String {
    match ntlm {
        NtlmMessage::Negotiate(_) => "an NTLM offer (type 1)".to_owned(),
        NtlmMessage::Challenge(_) => "an NTLM challenge (type 2)".to_owned(),
        NtlmMessage::Authenticate(proof) => {
            let user = proof
                .user
                .as_ref()
                .map(super::super::text::WireText::as_str)
                .unwrap_or_default();
            let domain = proof
                .domain
                .as_ref()
                .map(super::super::text::WireText::as_str)
                .unwrap_or_default();
            match (domain, user) {
                (_, "") => "an anonymous NTLM proof (type 3)".to_owned(),
                ("", user) => format!("the NTLM proof of {user} (type 3)"),
                (domain, user) => format!("the NTLM proof of {domain}\\{user} (type 3)"),
            }
        }
    }
}

/// What a web answer says: `401: asks for proof (Negotiate, NTLM)`.
pub(super) fn web_answer(exchange: &HttpExchange) -> String {
    let Some(answer) = &exchange.answer else {
        return String::new();
    };
    let head = &answer.response.head;
    let status = head.status;
    let shown = exchange.windows_token().is_some();
    if let Some(error) = exchange.krb_error() {
        return format!("{status}: does not take the ticket: {}", krb_error(error));
    }
    match status {
        200..=299 => match named_points(exchange) {
            Some(named) => format!("{status}: {named}"),
            None => format!("{status}: accepted"),
        },
        401 if exchange.is_ntlm_leg() => "401: goes on with an NTLM challenge (type 2)".to_owned(),
        401 if exchange.loses_token().is_some() => {
            "401 again, as to a request without a token".to_owned()
        }
        401 if shown => format!("401 again: refuses {}", refused(exchange)),
        401 if exchange.other_proof().is_some() => {
            format!(
                "401: refuses that, and asks for proof ({})",
                schemes(exchange)
            )
        }
        401 if exchange.shows_no_token() => format!("401: asks for proof ({})", schemes(exchange)),
        401 => format!("401: asks for proof, or refuses it ({})", schemes(exchange)),
        403 if shown => "403: forbids it".to_owned(),
        407 => "407: a proxy asks for proof".to_owned(),
        _ => {
            let reason = head.reason.as_str().trim();
            if reason.is_empty() {
                format!("{status}")
            } else {
                format!("{status}: {reason}")
            }
        }
    }
}

/// What the answer says of management points.
fn named_points(exchange: &HttpExchange) -> Option<String> {
    let list = exchange.named_points()?;
    let own = exchange.own_point();
    let site = list.site_code.as_ref();
    let site = site.map_or_else(String::new, |site| format!(" of the site {site}"));
    let own = own.and_then(|own| Some((own, own.best_name()?)));
    Some(match (own, list.points.len()) {
        (Some((point, name)), 1) => format!("{name}{site}: {}", of_point(point)),
        (Some((point, name)), all) => {
            format!(
                "names {all} management points{site}, among them {name}: {}",
                of_point(point)
            )
        }
        (None, 0) => match &list.site_code {
            Some(site) => format!("names the site {site}"),
            None => "names no management point".to_owned(),
        },
        (None, all) => {
            format!("names {all} management points{site}, none by the name that is asked")
        }
    })
}

/// `management point, version 6221, SSL state 0 (HTTP)`.
pub(super) fn of_point(point: &ManagementPoint) -> String {
    let mut text = "management point".to_owned();
    if let Some(version) = &point.version {
        text.push_str(&format!(", version {version}"));
    }
    match point.ssl_state {
        Some(0) => text.push_str(", SSL state 0 (HTTP)"),
        Some(state) => text.push_str(&format!(", SSL state {state}")),
        None => {}
    }
    text
}

fn refused(exchange: &HttpExchange) -> &'static str {
    if exchange.opens_ticket() {
        "the request, though it opened the ticket"
    } else if exchange.ap_req().is_some() && exchange.gives_no_reason() {
        "the ticket and gives no reason"
    } else if exchange.ap_req().is_some() {
        "the ticket; a reason may stand behind the cut"
    } else if exchange.ntlm_type().is_some() {
        "the NTLM message"
    } else {
        "the token"
    }
}

fn schemes(exchange: &HttpExchange) -> String {
    let challenges = exchange
        .answer
        .iter()
        .flat_map(|answer| &answer.response.head.challenges);
    let names: Vec<&str> = challenges.map(|scheme| scheme.0.as_str()).collect();
    let is_cut = exchange
        .answer
        .as_ref()
        .is_some_and(|answer| answer.response.head.is_cut);
    if names.is_empty() && is_cut {
        "what it offers is cut off".to_owned()
    } else if names.is_empty() {
        "of no kind that it names".to_owned()
    } else {
        names.join(", ")
    }
}

/// What a client asks a KDC: `asks for a ticket for HTTP/mp.example.com`.
pub(super) fn ticket_request(attempt: &Attempt, request: &TicketRequest, is_again: bool) -> String {
    let mut text = match request.kind {
        TicketKind::As => first_ticket_request(request),
        TicketKind::Tgs => service_ticket_request(attempt, request, is_again),
    };
    if !request.again.is_empty() && request.is_unanswered() {
        text.push_str(&format!("; asks {} times", request.again.len() + 1));
    }
    if request.is_unanswered() && request.unreachable.is_none() {
        text.push_str("; ");
        text.push_str(no_answer(attempt));
    }
    text
}

fn first_ticket_request(request: &TicketRequest) -> String {
    let account = request
        .request
        .cname
        .as_ref()
        .map_or_else(|| "an account".to_owned(), ToString::to_string);
    let proof = [
        PaDataType::ENC_TIMESTAMP,
        PaDataType::ENCRYPTED_CHALLENGE,
        PaDataType::PK_AS_REQ,
    ];
    let proven = proof
        .iter()
        .any(|kind| request.request.padata.contains(kind));
    let proof = if proven {
        ", with proof of its key"
    } else {
        ""
    };
    format!("asks for the first ticket of {account}{proof}")
}

fn service_ticket_request(attempt: &Attempt, request: &TicketRequest, is_again: bool) -> String {
    let service = request
        .service()
        .map_or_else(|| "a service".to_owned(), ToString::to_string);
    let tgt = request.request.tgt.as_ref();
    let source = tgt
        .and_then(|tgt| attempt.source_of(tgt))
        .filter(|source| source.referral().is_some())
        .and_then(|source| source.answer.as_ref());
    match source {
        Some(answer) if is_again => format!(
            "makes the same request, showing the referral of frame {}",
            answer.span.last()
        ),
        Some(answer) => format!(
            "asks for a ticket for {service}, showing the referral of frame {}",
            answer.span.last()
        ),
        None => format!("asks for a ticket for {service}"),
    }
}

/// What a KDC answers: `refers the client to A2003.VM.LOCAL`.
pub(super) fn ticket_answer(request: &TicketRequest) -> String {
    if let Some(error) = request.error() {
        return format!("refuses: {}", krb_error(error));
    }
    if let Some(realm) = request.referral() {
        return format!("refers the client to {realm}");
    }
    let key = request.ticket().map(key_of).unwrap_or_default();
    match request.kind {
        TicketKind::As => format!("issues the first ticket{key}"),
        TicketKind::Tgs if request.service().is_some_and(PrincipalName::is_krbtgt) => {
            let realm = request
                .ticket()
                .and_then(|ticket| ticket.sname.krbtgt_realm());
            format!(
                "issues a ticket for the KDC of {}{key}",
                realm.unwrap_or("a realm")
            )
        }
        TicketKind::Tgs if is_nameless(request) => {
            "issues a ticket, whose name is cut off".to_owned()
        }
        TicketKind::Tgs => format!("issues the ticket{key}"),
    }
}

/// Whether the ticket's own name, which tells a referral, is not in the capture.
fn is_nameless(request: &TicketRequest) -> bool {
    request
        .ticket()
        .is_none_or(|ticket| ticket.sname.parts.is_empty())
}

fn key_of(ticket: &Ticket) -> String {
    let name = ticket
        .etype
        .name()
        .map_or_else(|| ticket.etype.to_string(), str::to_owned);
    match ticket.kvno {
        Some(version) => format!(" ({name}, key version {version})"),
        None => format!(" ({name})"),
    }
}

fn krb_error(error: &KrbError) -> String {
    match error.ntstatus {
        Some(status) => format!("{}, status {status}", error.code),
        None => error.code.to_string(),
    }
}

/// That nothing came back, as far as the capture can tell.
pub(super) fn no_answer(attempt: &Attempt) -> &'static str {
    if attempt.unheard().is_some() {
        "no answer in this capture, which lacks what came to the client"
    } else {
        "no answer"
    }
}

/// That the machine that recorded the trace dropped `what` itself, if it says so.
pub(super) fn dropped(drop: Option<&PacketDrop>, what: &str) -> String {
    drop.map_or_else(String::new, |drop| format!("; {}", drop.told(what)))
}

/// How a connection came to nothing.
pub(super) fn failed_connect(attempt: &Attempt, connect: &Connect) -> String {
    let times = match connect.syns.len() {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    let port = connect.server.port;
    if connect.reset_by_server.is_some() {
        format!("tries to connect to port {port}: refused")
    } else if connect.unreachable.is_some() {
        format!("tries to connect to port {port}")
    } else {
        let silence = no_answer(attempt);
        let dropped = dropped(connect.dropped(), "the SYN");
        format!("tries to connect to port {port}, {times}: {silence}{dropped}")
    }
}

/// What an ICMP error says (RFC 792, RFC 4443).
pub(super) fn unreachable(error: &Unreachable) -> String {
    let what = match (error.reporter.is_ipv6(), error.icmp_type, error.icmp_code) {
        (false, 3, 3) | (true, 1, 4) => "the port is closed",
        (false, 3, 9 | 10 | 13) | (true, 1, 1) => "a filter forbids it",
        (false, 3, 0 | 6 | 11) | (true, 1, 0) => "no route to the network",
        (false, 3, 1 | 7 | 12) | (true, 1, 3) => "the host does not answer",
        (false, 3, 4) | (true, 2, _) => "the packet is too big for the way",
        (false, 11, _) | (true, 3, _) => "the packet was lost on the way (time exceeded)",
        _ => "it cannot be delivered",
    };
    format!(
        "reports: {what} (ICMP type {}, code {})",
        error.icmp_type, error.icmp_code
    )
}
