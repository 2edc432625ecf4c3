//! Rule `as-normal-rc4-rollover`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client proves its key with one encryption type after the other until one fits.
    ///
    /// ## How it shows
    ///
    /// Several AS-REQs for one account with different lists of types, the last of which is granted.
    ///
    /// ## What else it could be
    ///
    /// Where the last one fails, it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static AS_NORMAL_RC4_ROLLOVER = {
        id: "as-normal-rc4-rollover",
        summary: "encryption types are tried in turn for the first ticket",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 3.1.3"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .first_tickets()
        .filter(|request| {
            request.is_refused_with(ErrorCode::PREAUTH_FAILED)
                || request.is_refused_with(ErrorCode::ETYPE_NOSUPP)
        })
        .filter(|request| is_granted_with_other_types(attempt, request))
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "not with this list; a later one is granted",
            ))
        });
    AS_NORMAL_RC4_ROLLOVER.expected(
        "The client tries encryption types in turn",
        "Client and KDC find the type that both have.",
        evidence.collect(),
    )
}

/// Whether the same was asked for later with another list, and granted.
fn is_granted_with_other_types(attempt: &Attempt, request: &TicketRequest) -> bool {
    attempt.first_tickets().any(|later| {
        later.asked.first() > request.asked.first()
            && later.asks_the_same(request)
            && later.issued().is_some()
            && later.request.etypes != request.request.etypes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, attempt, first_ticket, issued, refused};
    use crate::wire::kerberos::etype::EncryptionType;

    fn with_types(mut request: TicketRequest, types: &[EncryptionType]) -> TicketRequest {
        request.request.etypes = types.to_vec();
        request
    }

    fn is_expected(tickets: Vec<TicketRequest>) -> bool {
        let mut attempt = attempt(60);
        attempt.tickets = tickets;
        check(&attempt).is_some()
    }

    #[test]
    fn only_a_later_grant_for_other_types_makes_a_refusal_expected() {
        let granted = |frame| issued(first_ticket(frame, "WK02$"), &format!("krbtgt/{HOME}"));
        let refused = |frame| refused(first_ticket(frame, "WK02$"), ErrorCode::ETYPE_NOSUPP);
        let other = |request| with_types(request, &[EncryptionType::RC4]);
        assert!(is_expected(vec![refused(1), other(granted(3))]));
        assert!(!is_expected(vec![other(granted(1)), refused(3)]));
        assert!(!is_expected(vec![refused(1), granted(3)]));
    }
}
