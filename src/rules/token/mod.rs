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
pub(in crate::rules) mod http_401_no_reason;
pub(in crate::rules) mod http_spn_on_user_account;
pub(in crate::rules) mod nlb_name_computer_spn;
pub(in crate::rules) mod normal_cached_ticket;
pub(in crate::rules) mod token_over_maxtokensize;

use crate::finding::Evidence;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};

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
