//! Rule `kdc-far-site`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The domain controller that answered is not of the client's own site: the client's network belongs to none, or
    /// its site has no controller.
    ///
    /// ## How it shows
    ///
    /// The answer to the locator's ping lacks the mark of the closest one, or names another site for the client.
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
        check: Capture(check),
    }
}

fn check(facts: &CaptureFacts) -> Option<Finding> {
    let (at, told) = facts
        .locator
        .pings
        .iter()
        .filter_map(|ping| ping.answer.as_ref())
        .find(|(_, told)| !told.is_closest || told.client_site.is_empty())?;
    let site = if told.client_site.is_empty() {
        "no site".to_owned()
    } else {
        format!("the site {}", told.client_site)
    };
    Some(Finding {
        title: format!(
            "{} answers from the site {}; the client is in {site}",
            told.host, told.dc_site
        ),
        explanation: "The client uses a domain controller that may be far away.".to_owned(),
        evidence: vec![Evidence::new(
            at.frame,
            format!("{} of the site {}", told.host, told.dc_site),
        )],
        fix: vec![Fix::new(
            "See in which site the client takes itself to be",
            Some("nltest /dsgetsite".to_owned()),
        )],
        ..KDC_FAR_SITE.finding(Confidence::Likely)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::locator::DcPing;
    use crate::rules::testing::{ping, second};

    fn facts(pings: Vec<DcPing>) -> CaptureFacts {
        let mut facts = CaptureFacts::default();
        facts.locator.pings = pings;
        facts.ended = Some(second(60));
        facts
    }

    #[test]
    fn a_controller_that_is_not_the_closest_is_worth_a_note() {
        assert!(check(&facts(vec![ping(1, Some(false))])).is_some());
        assert!(check(&facts(vec![ping(1, Some(true))])).is_none());
    }
}
