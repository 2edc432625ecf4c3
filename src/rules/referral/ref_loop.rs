//! Rule `ref-loop`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
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
        supersedes: ["ref-dead-end", "tgs-spn-unknown", "tgs-etype-nosupp", "foreign-kdc-unreachable", "trust-external", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

/// Windows follows no more referrals than this, by default.
const HOPS: usize = 6;

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() || attempt.granted_service_ticket().is_some() {
        return None;
    }
    let chain: Vec<_> = attempt
        .service_tickets()
        .filter_map(|request| {
            let next = request.referral()?;
            let from = request.ticket()?.realm.as_str();
            Some((request, from, next))
        })
        .collect();
    let first = chain.first()?;
    let mut realms = vec![first.1];
    let mut is_loop = false;
    for (_, from, next) in &chain {
        let goes_on = realms
            .last()
            .is_some_and(|last| last.eq_ignore_ascii_case(from));
        if goes_on {
            is_loop |= realms.iter().any(|known| known.eq_ignore_ascii_case(next));
            realms.push(next);
        }
    }
    if !is_loop && chain.len() <= HOPS {
        return None;
    }
    let service = first.0.service()?.to_string();
    let evidence = chain.iter().rev().filter_map(|(request, from, next)| {
        Some(Evidence::new(
            request.answered_in()?,
            format!("{from} refers the client to {next}"),
        ))
    });
    Some(Finding {
        title: format!(
            "The realms send the client in circles for {service}: {}",
            realms.join(" > ")
        ),
        explanation: format!(
            "Each realm that the client asked for {service} referred it to the next, and the chain comes back to where it has been. No realm of the chain holds the name, or their routes contradict each other."
        ),
        evidence: evidence.take(8).collect(),
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
