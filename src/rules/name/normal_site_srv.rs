//! Rule `normal-site-srv`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client asks for domain controllers of its site first; a site without any has no records.
    ///
    /// ## How it shows
    ///
    /// A query with `_sites` in its name finds nothing, and the general one does.
    ///
    /// ## What else it could be
    ///
    /// Where both find nothing, no domain controller can be located.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_SITE_SRV = {
        id: "normal-site-srv",
        summary: "the client's site has no service records of its own",
        severity: Expected,
        stage: Name,
        owner: Client,
        sources: ["MS-ADTS section 6.3.6"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .kdc_lookups
        .iter()
        .filter(|lookup| {
            lookup.is_for_service() && lookup.is_denied() && is_of_site(lookup.name.as_str())
        })
        .filter(|lookup| {
            attempt.kdc_lookups.iter().any(|other| {
                other.is_found()
                    && !is_of_site(other.name.as_str())
                    && other.kdc_realm().is_some()
                    && other.kdc_realm() == lookup.kdc_realm()
            })
        })
        .map(|lookup| {
            Evidence::new(
                lookup.last_span().first(),
                "nothing for the site; the whole domain has records",
            )
        });
    NORMAL_SITE_SRV.expected(
        "The site has no domain controller of its own",
        "Clients ask for their site first and for the whole domain next.",
        evidence.collect(),
    )
}

fn is_of_site(name: &str) -> bool {
    name.to_ascii_lowercase().contains("._sites.")
}
