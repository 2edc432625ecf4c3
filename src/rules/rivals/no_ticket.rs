//! The client got no ticket for the service: the facts that part one cause from another.
//!
//! Never repeats what a cause's own rule goes by: that is in the confidence of its finding.

use crate::finding::Evidence;
use crate::model::attempt::Attempt;
use crate::model::kinship::Kinship;
use crate::rules::rivals::{CONTRADICTED, Mark};
use crate::rules::{no_route, words};

const NO_ROUTE: &str = "trust-external";
const NOT_ROUTED: &str = "trust-suffix-not-routed";
const UNREACHABLE: &str = "foreign-kdc-unreachable";

/// The causes that these facts compare.
pub(super) const CAUSES: &[&str] = &[
    "tgs-spn-unknown",
    "tgs-spn-duplicate",
    NO_ROUTE,
    NOT_ROUTED,
    "ref-dead-end",
    UNREACHABLE,
    "tgs-etype-nosupp",
    "ref-etype-nosupp",
];

/// What the facts of `attempt` mean for each cause; nothing where the client got a ticket.
pub(super) fn marks(attempt: &Attempt) -> Vec<Mark> {
    if !attempt.lacks_ticket() {
        return Vec::new();
    }
    let mut marks = by_referral(attempt);
    marks.extend(by_far_kdc(attempt));
    marks.extend(by_forest(attempt));
    marks.extend(by_other_names(attempt));
    marks
}

/// Whoever is referred to a realm has a route to it.
fn by_referral(attempt: &Attempt) -> Vec<Mark> {
    let referred = attempt
        .referrals()
        .find_map(|(request, next)| Some((request.answered_in()?, request, next)));
    referred.map_or_else(Vec::new, |(frame, request, next)| {
        let text = format!("{}: there is a route", words::leads_to(request, next));
        Mark::each(
            &[NO_ROUTE, NOT_ROUTED],
            CONTRADICTED,
            &Evidence::new(frame, text),
        )
    })
}

/// A realm whose KDC answers can be reached.
fn by_far_kdc(attempt: &Attempt) -> Vec<Mark> {
    let answered = attempt.referrals().last().and_then(|(_, next)| {
        attempt.tickets.iter().find_map(|request| {
            let is_there = request.realm()?.eq_ignore_ascii_case(next);
            is_there.then_some((request.answered_in()?, next))
        })
    });
    answered.map_or_else(Vec::new, |(frame, realm)| {
        let text = format!("a KDC of {realm} answers");
        Mark::each(&[UNREACHABLE], CONTRADICTED, &Evidence::new(frame, text))
    })
}

/// Within one forest there is always a route.
fn by_forest(attempt: &Attempt) -> Vec<Mark> {
    let told = match attempt.kinship() {
        Kinship::Same => attempt.server_forest(),
        Kinship::Apart { .. } | Kinship::Unknown => None,
    };
    // The server's name need not lie in the server's domain.
    told.filter(|told| !told.is_by_name)
        .map_or_else(Vec::new, |told| {
            let text = format!(
                "{}: the server is of the client's own forest {}",
                told.source, told.forest
            );
            Mark::each(
                &[NO_ROUTE, NOT_ROUTED],
                CONTRADICTED,
                &Evidence::new(told.frame, text),
            )
        })
}

/// Where the same KDC refers other names of the server's forest there, the route is there.
fn by_other_names(attempt: &Attempt) -> Vec<Mark> {
    let Kinship::Apart { server, .. } = attempt.kinship() else {
        return Vec::new();
    };
    let home = no_route::home(attempt);
    let refused = home.and_then(|home| no_route::refused_service(attempt, home));
    let routed = refused.and_then(|refused| no_route::routed(attempt, refused, server).next());
    routed.map_or_else(Vec::new, |routed| {
        let text = format!(
            "the same KDC refers {} on its way to {}",
            routed.first.service, server.forest
        );
        Mark::each(
            &[NO_ROUTE],
            CONTRADICTED,
            &Evidence::new(routed.first.frame, text),
        )
    })
}
