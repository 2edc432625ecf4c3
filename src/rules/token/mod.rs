//! The ticket shown to the server: what the server made of it.
//!
//! Never looks at how the ticket was come by, but to name its frame.

pub(in crate::rules) mod ap_expired;
pub(in crate::rules) mod ap_mechanism_mismatch;
pub(in crate::rules) mod ap_modified_etype_policy;
pub(in crate::rules) mod ap_modified_kernel_mode;
pub(in crate::rules) mod ap_modified_stale_password;
pub(in crate::rules) mod ap_no_key;
pub(in crate::rules) mod ap_not_yet_valid;
pub(in crate::rules) mod ap_pac_validation;
pub(in crate::rules) mod ap_skew;
pub(in crate::rules) mod http_401_krb_error;
pub(in crate::rules) mod http_401_log_reason;
pub(in crate::rules) mod http_401_no_reason;
pub(in crate::rules) mod http_spn_on_user_account;
pub(in crate::rules) mod nlb_name_computer_spn;
pub(in crate::rules) mod normal_cached_ticket;
pub(in crate::rules) mod one_ticket_two_answers;
pub(in crate::rules) mod token_over_maxtokensize;

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::Rule;
use crate::wire::kerberos::error_code::ErrorCode;

/// Where a ticket was refused, where it was shown, and where it was issued.
pub(in crate::rules) fn evidence(
    attempt: &Attempt,
    refused: &HttpExchange,
    answer: &HttpAnswer,
    said: String,
) -> Vec<Evidence> {
    let issued = refused
        .ap_req()
        .and_then(|request| attempt.source_of(request.ticket.as_ref()?)?.answered_in())
        .map(|frame| Evidence::new(frame, "the KDC issues this ticket"));
    let refusal = Evidence::new(answer.span.first(), said);
    let shown = Evidence::new(refused.asked.first(), "the client shows the ticket");
    [refusal, shown].into_iter().chain(issued).collect()
}

/// A ticket that the server refused with a certain error.
struct Refused<'a> {
    exchange: &'a HttpExchange,
    answer: &'a HttpAnswer,
    code: ErrorCode,
    /// The frame in which the KDC issued the ticket, where the capture has that.
    issued: Option<FrameNumber>,
}

impl<'a> Refused<'a> {
    /// The refused ticket of `attempt`, if the server refused it with `code`.
    fn with(attempt: &'a Attempt, code: ErrorCode) -> Option<Self> {
        let exchange = attempt.refused_ticket()?;
        let said = exchange.krb_error()?.code;
        let source = exchange
            .ap_req()
            .and_then(|shown| attempt.source_of(shown.ticket.as_ref()?));
        (said == code).then_some(Self {
            exchange,
            answer: exchange.answer.as_ref()?,
            code,
            issued: source.and_then(TicketRequest::answered_in),
        })
    }

    /// The address of the server.
    fn server(&self) -> IpAddr {
        self.exchange.server.addr
    }

    /// The finding of `rule`, with its evidence.
    fn finding(&self, attempt: &Attempt, rule: &'static Rule) -> Finding {
        Finding {
            evidence: evidence(attempt, self.exchange, self.answer, self.code.to_string()),
            ..rule.finding(Confidence::Proven)
        }
    }
}

/// Whether the server refuses the ticket for the time at which it is shown, or for being shown twice: not for its key.
fn is_of_time(refused: &HttpExchange) -> bool {
    refused.krb_error().is_some_and(|error| {
        matches!(
            error.code,
            ErrorCode::SKEW | ErrorCode::TKT_EXPIRED | ErrorCode::TKT_NYV | ErrorCode::REPEAT
        )
    })
}

/// How to compare the clock of `server` with a domain controller's, which is where the first command runs, and to set it
/// anew.
fn clock_fixes(server: IpAddr) -> [Fix; 2] {
    [
        Fix::new(
            "On a domain controller: compare its clock with the server's",
            Some(format!(
                "w32tm /stripchart /computer:{server} /samples:5 /dataonly"
            )),
        ),
        Fix::new(
            "Set the server's clock anew, on the server",
            Some("w32tm /resync /rediscover".to_owned()),
        ),
    ]
}
