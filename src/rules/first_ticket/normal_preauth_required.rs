//! Rule `normal-preauth-required`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// A KDC answers the first request with the kinds of proof that it takes. The client comes back with one of them.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 25, then the same request with proof of the key.
    ///
    /// ## What else it could be
    ///
    /// Where the client does not come back, it has nothing that the KDC takes.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_PREAUTH_REQUIRED = {
        id: "normal-preauth-required",
        summary: "the KDC asks for proof first",
        severity: Expected,
        stage: As,
        owner: Client,
        sources: ["RFC 4120 section 5.2.7"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .first_tickets()
        .filter(|request| request.is_refused_with(ErrorCode::PREAUTH_REQUIRED))
        .filter(|request| attempt.is_healed(request) || is_proved_later(attempt, request))
        .filter_map(|request| {
            Some(Evidence::new(
                request.answered_in()?,
                "asks for proof of the key, and gets it",
            ))
        });
    NORMAL_PREAUTH_REQUIRED.expected(
        "The KDC asks for proof of the key before it issues a ticket",
        "Every first ticket begins so: the error names the kinds of proof that are taken.",
        evidence.collect(),
    )
}

/// Whether the client came back with a proof that `request` does not have.
fn is_proved_later(attempt: &Attempt, request: &TicketRequest) -> bool {
    attempt.first_tickets().any(|later| {
        later.asked.first() > request.asked.first()
            && later.asks_the_same(request)
            && later.proves_key()
            && later.request.padata != request.request.padata
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{attempt, first_ticket, refused};
    use crate::wire::kerberos::padata::PaDataType;

    fn is_expected(padata: &[PaDataType]) -> bool {
        let mut again = first_ticket(3, "WK02$");
        again.request.padata = padata.to_vec();
        let mut attempt = attempt(60);
        let asked = refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_REQUIRED);
        attempt.tickets = vec![asked, again];
        check(&attempt).is_some()
    }

    #[test]
    fn only_a_client_that_comes_back_with_proof_is_expected() {
        assert!(is_expected(&[PaDataType::ENC_TIMESTAMP]));
        assert!(!is_expected(&[PaDataType::PAC_REQUEST]));
        assert!(!is_expected(&[]));
    }
}
