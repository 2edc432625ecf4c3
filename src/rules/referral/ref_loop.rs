//! Rule `ref-loop`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The referrals lead back to a realm where the client has been, or through more realms than a client follows.
    ///
    /// ## How it shows
    ///
    /// A realm occurs twice in the chain of referrals for one service, or there are more than six hops.
    ///
    /// ## What else it could be
    ///
    /// The same request to another KDC of the same realm is no loop.
    ///
    /// ## What to do
    ///
    /// Look for service names, name suffixes and realm mappings that point the wrong way in each of the realms.
    pub(in crate::rules) static REF_LOOP = {
        id: "ref-loop",
        summary: "the realms send the client in circles",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["RFC 6806 section 8"],
        since: "0.1.0",
        supersedes: ["ref-dead-end", "tgs-policy-other", "tgs-spn-unknown", "tgs-etype-nosupp", "foreign-kdc-unreachable", "trust-external", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

/// Windows follows no more referrals than this, by default.
const HOPS: usize = 6;

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let last = attempt
        .service_tickets()
        .filter(|request| request.referral().is_some())
        .last()?;
    let chain = chain(attempt, last);
    let realms = realms(&chain);
    let circles = returns(&realms);
    if !circles && chain.len() <= HOPS {
        return None;
    }
    let service = last.service()?.to_string();
    let path = realms.join(" > ");
    let (title, meaning) = if circles {
        (
            format!("The realms send the client in circles for {service}: {path}"),
            "the chain comes back to where it has been",
        )
    } else {
        (
            format!("The way to {service} leads through too many realms: {path}"),
            "the chain is longer than a client follows",
        )
    };
    Some(Finding {
        title,
        explanation: format!(
            "Each realm that the client asked for {service} referred it to the next, and {meaning}. No realm of the chain holds the name, or their routes contradict each other."
        ),
        evidence: evidence(attempt, &chain),
        fix: vec![
            Fix::new(
                "See which account holds the name, in each realm of the chain",
                command::with(&service, |service| format!("setspn -F -Q {service}")),
            ),
            Fix::new(
                "See which realm the client maps the host to",
                Some("ksetup /dumpstate".to_owned()),
            ),
        ],
        ..REF_LOOP.finding(Confidence::Proven)
    })
}

/// One referral.
#[derive(Clone, Copy)]
struct Hop<'a> {
    request: &'a TicketRequest,
    from: &'a str,
    next: &'a str,
}

/// The longest run of referrals for the service of `last`, each by the realm to which the one before it led. What another KDC
/// of the same realm says again counts once.
fn chain<'a>(attempt: &'a Attempt, last: &TicketRequest) -> Vec<Hop<'a>> {
    let hops = attempt
        .service_tickets()
        .filter(|request| request.asks_the_same(last))
        .filter_map(|request| {
            let next = request.referral()?;
            let from = request.ticket()?.realm.as_str();
            Some(Hop {
                request,
                from,
                next,
            })
        });
    let mut longest: Vec<Hop<'_>> = Vec::new();
    let mut run: Vec<Hop<'_>> = Vec::new();
    for hop in hops {
        if run.last().is_some_and(|before| is_same(before, &hop)) {
            continue;
        }
        if run
            .last()
            .is_some_and(|before| !before.next.eq_ignore_ascii_case(hop.from))
        {
            run.clear();
        }
        run.push(hop);
        if run.len() > longest.len() {
            longest.clone_from(&run);
        }
    }
    longest
}

fn is_same(a: &Hop<'_>, b: &Hop<'_>) -> bool {
    a.from.eq_ignore_ascii_case(b.from) && a.next.eq_ignore_ascii_case(b.next)
}

fn realms<'a>(chain: &[Hop<'a>]) -> Vec<&'a str> {
    let first = chain.first().map(|hop| hop.from);
    first
        .into_iter()
        .chain(chain.iter().map(|hop| hop.next))
        .collect()
}

/// Whether a realm occurs twice.
fn returns(realms: &[&str]) -> bool {
    realms.iter().enumerate().any(|(at, realm)| {
        realms[..at]
            .iter()
            .any(|earlier| earlier.eq_ignore_ascii_case(realm))
    })
}

/// The referrals, the last one first, and the refusal that ends the chain, where there is one.
fn evidence(attempt: &Attempt, chain: &[Hop<'_>]) -> Vec<Evidence> {
    let hops = chain.iter().rev().filter_map(|hop| {
        Some(Evidence::new(
            hop.request.answered_in()?,
            format!("{} refers the client to {}", hop.from, hop.next),
        ))
    });
    let ended = chain.last().and_then(|last| {
        let refused = attempt.tickets.iter().find(|request| {
            request.asked.first() > last.request.asked.first() && request.error().is_some()
        })?;
        Some(Evidence::new(
            refused.answered_in()?,
            format!("the chain ends: {}", refused.error()?.code),
        ))
    });
    hops.take(8).chain(ended).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, issued, refused, tgs};
    use crate::wire::kerberos::error_code::ErrorCode;

    fn hop(frame: u64, from: &str, next: &str) -> TicketRequest {
        issued(tgs(frame, from, SERVICE), &format!("krbtgt/{next}"))
    }

    fn title(tickets: Vec<TicketRequest>) -> Option<String> {
        let mut attempt = attempt(60);
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.title)
    }

    #[test]
    fn a_chain_that_comes_back_is_a_loop_whatever_error_ends_it() {
        let end = refused(tgs(5, HOME, SERVICE), ErrorCode::POLICY);
        let title = title(vec![hop(1, HOME, NEXT), hop(3, NEXT, HOME), end]).expect("a finding");
        assert!(title.contains("circles"), "{title}");
    }

    #[test]
    fn the_same_referral_asked_for_many_times_is_no_chain() {
        let asked = (0..9).map(|at| hop(at * 2 + 1, HOME, NEXT)).collect();
        assert_eq!(title(asked), None);
    }

    #[test]
    fn a_way_through_more_realms_than_a_client_follows_is_told() {
        let realm = |at: u64| format!("R{at}.LAB");
        let way = |hops: u64| {
            (0..hops)
                .map(|at| hop(at * 2 + 1, &realm(at), &realm(at + 1)))
                .collect()
        };
        assert_eq!(title(way(6)), None);
        assert!(title(way(7)).is_some_and(|title| title.contains("too many")));
    }

    #[test]
    fn a_chain_that_ends_with_the_ticket_is_none() {
        let granted = issued(tgs(5, HOME, SERVICE), SERVICE);
        let chain = vec![hop(1, HOME, NEXT), hop(3, NEXT, HOME), granted];
        assert_eq!(title(chain), None);
    }
}
