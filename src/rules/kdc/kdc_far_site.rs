//! Rule `kdc-far-site`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::locator::DcPing;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::text::WireText;

declare_rule! {
    /// ## What it means
    ///
    /// The client asks a domain controller for its tickets that is not of its own site: the client's network belongs to
    /// none, or its site has no controller that answered.
    ///
    /// ## How it shows
    ///
    /// A controller of the client's own domain answers the locator's ping, lacks the mark of the closest one, and names
    /// another site for the client than its own, or none. The client asks it for tickets afterwards, and no controller of
    /// the client's own site.
    ///
    /// ## What else it could be
    ///
    /// A site without controllers that a neighbour serves is meant so.
    ///
    /// ## What to do
    ///
    /// Define the client's network in the directory.
    pub(in crate::rules) static KDC_FAR_SITE = {
        id: "kdc-far-site",
        summary: "a domain controller of another site is used",
        severity: Note,
        stage: Net,
        owner: Network,
        sources: ["MS-ADTS section 6.3.3", "https://learn.microsoft.com/windows-server/identity/ad-ds/manage/dc-locator-changes"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// The two sites that a controller names.
struct Sites<'a> {
    of_controller: &'a WireText,
    /// Empty where the client is in none.
    of_client: &'a WireText,
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let home = attempt.home_realm()?;
    let used: Vec<(&DcPing, &TicketRequest)> = attempt
        .around
        .pings
        .iter()
        .filter(|ping| is_of(ping, home))
        .filter_map(|ping| Some((ping, use_of(attempt, ping)?)))
        .collect();
    if used.iter().any(|(ping, _)| far(ping).is_none()) {
        return None;
    }
    let (ping, request) = used.last()?;
    let (at, told) = ping.answer.as_ref()?;
    let sites = far(ping)?;
    let of_client = if sites.of_client.is_empty() {
        "in no site".to_owned()
    } else {
        format!("in the site {}", sites.of_client)
    };
    let asked = request.asked.first();
    Some(Finding {
        title: format!(
            "The client uses {} of the site {} and is {of_client}",
            told.host, sites.of_controller
        ),
        explanation: format!(
            "The domain controller says so in its answer to the client's ping, and does not say that it is the closest one. The client asks it for a ticket in frame {asked}; it may be far away."
        ),
        evidence: vec![
            Evidence::new(
                at.frame,
                format!(
                    "{} of the site {}; the client is {of_client}",
                    told.host, sites.of_controller
                ),
            ),
            Evidence::new(asked, format!("a request to {}", request.kdc.addr)),
        ],
        fix: vec![Fix::new(
            "See in which site the client takes itself to be",
            Some("nltest /dsgetsite".to_owned()),
        )],
        ..KDC_FAR_SITE.finding(Confidence::Likely)
    })
}

/// Whether the answer is of a controller of the domain `home`: of another domain, its sites are none of the client's.
fn is_of(ping: &DcPing, home: &str) -> bool {
    ping.answer
        .as_ref()
        .is_some_and(|(_, told)| told.domain.same_name(home))
}

/// The first ticket request to the controller behind its answer.
fn use_of<'a>(attempt: &'a Attempt, ping: &DcPing) -> Option<&'a TicketRequest> {
    let (at, _) = ping.answer.as_ref()?;
    attempt
        .tickets
        .iter()
        .find(|request| request.kdc.addr == ping.server.addr && request.asked.first() > at.frame)
}

/// The sites, where the controller is of another one than the client and is not the closest; what cannot be read says nothing.
fn far(ping: &DcPing) -> Option<Sites<'_>> {
    let (_, told) = ping.answer.as_ref()?;
    let (of_controller, of_client) = told.dc_site.as_ref().zip(told.client_site.as_ref())?;
    let is_far = !told.is_closest
        && !of_controller.is_empty()
        && !of_controller.same_name(of_client.as_str());
    is_far.then_some(Sites {
        of_controller,
        of_client,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, ping, tgs};
    use crate::wire::cldap::Netlogon;

    /// Whether it fires where the client asks its KDC in frame 5, behind `pings`.
    fn fires(pings: Vec<DcPing>) -> bool {
        let mut seen = attempt(60);
        seen.tickets = vec![tgs(5, HOME, SERVICE)];
        seen.around.pings = pings;
        check(&seen).is_some()
    }

    fn with(change: impl FnOnce(&mut Netlogon)) -> DcPing {
        let mut far = ping(1, Some(false));
        if let Some((_, told)) = &mut far.answer {
            change(told);
        }
        far
    }

    #[test]
    fn a_controller_of_another_site_that_is_used_is_worth_a_note() {
        assert!(fires(vec![ping(1, Some(false))]));
        assert!(fires(vec![with(|told| told.client_site = Some("".into()))]));
        assert!(!fires(vec![ping(1, Some(true))]));
    }

    #[test]
    fn an_answer_alone_does_not_show_that_the_controller_is_used() {
        let mut elsewhere = ping(1, Some(false));
        elsewhere.server.addr = "10.0.0.99".parse().unwrap();
        assert!(!fires(vec![elsewhere]));
        assert!(
            !fires(vec![ping(7, Some(false))]),
            "asked before the answer"
        );
    }

    #[test]
    fn a_near_controller_that_answers_later_and_is_used_counts() {
        assert!(!fires(vec![ping(1, Some(false)), ping(3, Some(true))]));
        let mut seen = attempt(60);
        seen.tickets = vec![tgs(5, HOME, SERVICE), tgs(8, NEXT, SERVICE)];
        let mut near = ping(6, Some(true));
        near.server = seen.tickets[1].kdc;
        seen.around.pings = vec![ping(1, Some(false)), near];
        assert!(check(&seen).is_none());
    }

    #[test]
    fn a_controller_of_another_domain_says_nothing_of_the_clients_site() {
        assert!(!fires(vec![with(|told| told.domain = NEXT.into())]));
    }

    #[test]
    fn sites_that_are_the_same_or_cannot_be_read_are_not_far() {
        assert!(!fires(vec![with(
            |told| told.dc_site = Some("PARIS".into())
        )]));
        assert!(!fires(vec![with(|told| told.client_site = None)]));
        assert!(!fires(vec![with(|told| told.dc_site = None)]));
    }
}
