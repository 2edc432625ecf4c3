//! Rule `ref-dead-end`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::outputs::Holders;
use crate::rules::rule::declare_rule;
use crate::rules::{command, refusal};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client was referred to another realm and reached it, and that realm finds no account with the service name. The
    /// way is good; the name is missing there, or is on two accounts.
    ///
    /// ## How it shows
    ///
    /// One referral or more, then KRB-ERROR 7 from the last realm's KDC.
    ///
    /// ## What else it could be
    ///
    /// That realm may itself need one more hop that it cannot give. Two accounts with the same name leave the same answer.
    ///
    /// ## What to do
    ///
    /// Ask the last realm who holds the name, and register it there.
    pub(in crate::rules) static REF_DEAD_END = {
        id: "ref-dead-end",
        summary: "the last realm does not know the service",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-error-kdc-err-s-principal-unknown-or-not-unique", "RFC 6806 section 8"],
        since: "0.1.0",
        supersedes: ["tgs-spn-unknown", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let unknown = attempt.service_tickets().filter(|request| {
        request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) && !attempt.is_healed(request)
    });
    let (refused, way) = unknown
        .filter_map(|request| {
            let way = referral_to(attempt, request).map(Way::Told);
            let way = way.or_else(|| shown_to(attempt, request).map(Way::Shown));
            Some((request, way?))
        })
        .last()?;
    let (reference, led) = match way {
        Way::Told(frame) => (frame, "the referral that led there"),
        Way::Shown(frame) => (
            frame,
            "shows a ticket for that realm's KDC, which another realm issued",
        ),
    };
    let holders = Holders::of(attempt, refused.service()?);
    if holders.are_several() {
        return None;
    }
    let service = refused.service()?.to_string();
    let realm = refused.realm().unwrap_or("the last realm");
    let came = match way {
        Way::Told(_) => format!("The client was referred to {realm}"),
        Way::Shown(_) => {
            format!("The client had a ticket for the KDC of {realm} from another realm")
        }
    };
    let asked = refused.asked.first();
    let mut evidence = vec![
        Evidence::new(
            refused.answered_in()?,
            format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) from {realm}"),
        ),
        Evidence::new(asked, format!("asks {realm} for {service}")),
        Evidence::new(reference, led),
    ];
    evidence.extend(holders.evidence(asked));
    Some(Finding {
        title: format!("{realm} was reached and does not find {service}"),
        explanation: format!(
            "{came} and asked there for {service}. The KDC of {realm} answered that it finds no such service: the way through the realms is good. The name is missing at its end, or is on two accounts, or on one that is disabled.{}",
            holders.sentence()
        ),
        evidence,
        rivals: holders.may_be_several().into_iter().collect(),
        fix: vec![
            Fix::new(
                "Ask that realm who holds the name",
                command::with(realm, |realm| format!("setspn -T {realm} -Q {service}"))
                    .filter(|_| command::argument(&service).is_some()),
            ),
            Fix::new(
                "Look for names that are held twice",
                Some("setspn -X -F".to_owned()),
            ),
        ],
        ..REF_DEAD_END.finding(Confidence::Proven)
    })
}

/// What led the client to the realm, and where it stands.
enum Way {
    /// A referral to it.
    Told(FrameNumber),
    /// The request itself shows it: the client had it from before.
    Shown(FrameNumber),
}

/// Where `request` shows a ticket of another realm for the one that it asks, and nothing of how the client came by it is seen: where
/// the client asked for that ticket itself, nobody referred it.
fn shown_to(attempt: &Attempt, request: &TicketRequest) -> Option<FrameNumber> {
    let is_answered_before = |earlier: &TicketRequest| {
        earlier.kind == TicketKind::Tgs
            && earlier.issued().is_some()
            && earlier.asked.first() < request.asked.first()
    };
    if attempt.tickets.iter().any(is_answered_before) {
        return None;
    }
    let shown = refusal::referral_shown_by(request)?;
    let reader = shown.sname.krbtgt_realm()?;
    let asked = request.realm()?;
    reader
        .eq_ignore_ascii_case(asked)
        .then(|| request.asked.first())
}

/// The frame of the last referral that led to the realm which `request` asks. A request that was cut before its realm may
/// follow any.
fn referral_to(attempt: &Attempt, request: &TicketRequest) -> Option<FrameNumber> {
    let leads_there = |next: &str| {
        request
            .request
            .realm
            .as_ref()
            .is_none_or(|realm| realm.same_name(next))
    };
    attempt
        .referrals()
        .filter(|(request, next)| request.referral().is_some() && leads_there(next))
        .filter_map(|(referred, _)| referred.answered_in())
        .filter(|answered| *answered < request.asked.first())
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, issued, referral, refused, tgs};

    fn unknown(frame: u64, realm: &str) -> TicketRequest {
        refused(tgs(frame, realm, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN)
    }

    fn finding(tickets: Vec<TicketRequest>) -> Option<Finding> {
        let mut attempt = attempt(20);
        attempt.tickets = tickets;
        check(&attempt)
    }

    #[test]
    fn the_realm_at_the_end_of_the_way_is_the_one_that_does_not_know() {
        let again_at_home = unknown(5, HOME);
        let tickets = vec![referral(1), unknown(3, NEXT), again_at_home];
        let found = finding(tickets).expect("a finding");
        assert!(found.title.starts_with(NEXT), "{}", found.title);
        assert_eq!(found.evidence[0].frame, FrameNumber(4));
    }

    #[test]
    fn a_home_realm_that_does_not_know_is_no_dead_end() {
        assert!(finding(vec![unknown(1, HOME)]).is_none());
        assert!(finding(vec![unknown(1, HOME), referral(3)]).is_none());
    }

    #[test]
    fn a_referral_from_before_the_capture_is_seen_where_it_is_shown() {
        let mut last = unknown(3, NEXT);
        last.request.tgt = referral(1).ticket().cloned();
        let found = finding(vec![last]).expect("a finding");
        assert!(found.title.starts_with(NEXT), "{}", found.title);
        assert!(!found.explanation.contains("was referred"), "{found:?}");
        let own = issued(tgs(1, HOME, "krbtgt/ROOT.LAB"), "krbtgt/ROOT.LAB");
        let mut last = unknown(3, NEXT);
        last.request.tgt = own.ticket().cloned();
        assert!(
            finding(vec![own, last]).is_none(),
            "it asked for that itself"
        );
    }

    #[test]
    fn a_ticket_that_comes_later_heals_it() {
        let granted = issued(tgs(5, NEXT, SERVICE), SERVICE);
        assert!(finding(vec![referral(1), unknown(3, NEXT), granted]).is_none());
    }
}
