//! A client whose own KDC finds no service of the server's name and refers it to nobody: what all rules about that see alike.
//!
//! Never says why there is no route.

use crate::finding::Evidence;
use crate::model::attempt::Attempt;
use crate::model::kinship::{self, Told};
use crate::model::referrals::SeenReferral;
use crate::model::ticket_request::TicketRequest;
use crate::wire::kerberos::error_code::ErrorCode;

/// The client's realm, where the client got no ticket and nothing shows a way to another realm.
pub(in crate::rules) fn home(attempt: &Attempt) -> Option<&str> {
    if !attempt.lacks_ticket() || attempt.referrals().next().is_some() {
        return None;
    }
    attempt.home_realm()
}

/// The last request for the service that a KDC of `home` finds unknown.
pub(in crate::rules) fn refused_service<'a>(
    attempt: &'a Attempt,
    home: &str,
) -> Option<&'a TicketRequest> {
    let of_home = attempt.service_tickets().filter(|request| {
        let of_home = request
            .realm()
            .is_some_and(|realm| realm.eq_ignore_ascii_case(home));
        of_home && is_unknown(attempt, request)
    });
    of_home.last()
}

/// Whether what `request` asks for is unknown to the KDC, then and later.
pub(in crate::rules) fn is_unknown(attempt: &Attempt, request: &TicketRequest) -> bool {
    request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) && !attempt.is_healed(request)
}

/// A referral of the KDC that refused, for a service of another host, and the one that enters the server's forest for the same
/// service: itself, or one of a realm on the way.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Routed<'a> {
    pub(in crate::rules) first: &'a SeenReferral,
    pub(in crate::rules) enters: &'a SeenReferral,
}

/// All that the KDC which refused routes into the server's forest.
pub(in crate::rules) fn routed<'a>(
    attempt: &'a Attempt,
    refused: &TicketRequest,
    server: Told<'a>,
) -> impl Iterator<Item = Routed<'a>> {
    let kdc = refused.kdc.addr;
    let enters = move |first: &SeenReferral| {
        attempt.around.referrals.iter().find(|seen| {
            seen.service.same_principal(&first.service) && is_there(attempt, seen, server)
        })
    };
    let of_kdc = attempt.around.referrals.iter().filter(move |seen| {
        let is_other = host_of(seen).is_some_and(|host| !attempt.target.is_meant_by(host));
        seen.kdc == kdc && is_other
    });
    of_kdc.filter_map(move |first| {
        let enters = enters(first)?;
        Some(Routed { first, enters })
    })
}

/// Whether a referral leads to a realm of the server's forest.
fn is_there(attempt: &Attempt, seen: &SeenReferral, server: Told<'_>) -> bool {
    let next = seen.next.as_str();
    next.eq_ignore_ascii_case(server.forest)
        || attempt
            .forest_of(next)
            .is_some_and(|told| told.forest.eq_ignore_ascii_case(server.forest))
}

/// The host that a referral was given for.
pub(in crate::rules) fn host_of(seen: &SeenReferral) -> Option<&str> {
    seen.service.host()
}

/// Whether a KDC that knows the way to one of two hosts by its suffix would know the way to the other one too.
pub(in crate::rules) fn shares_suffix(a: &str, b: &str) -> bool {
    let is_below = |name: &str, other: &str| {
        let suffix = other.split_once('.').map(|(_, suffix)| suffix);
        suffix.is_some_and(|suffix| kinship::is_under(name, suffix))
    };
    is_below(a, b) || is_below(b, a)
}

/// `NTLM challenge: the server is of the forest other.lab`.
pub(in crate::rules) fn evidence(who: &str, told: Told<'_>) -> Evidence {
    let (source, forest) = (told.source, told.forest);
    Evidence::new(
        told.frame,
        format!("{source}: {who} is of the forest {forest}"),
    )
}
