//! Rule `normal-dns-suffix-noise`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client tries the name with its suffixes in turn; those that do not fit do not exist.
    ///
    /// ## How it shows
    ///
    /// NXDOMAIN for a longer name, and an address for the name itself.
    ///
    /// ## What else it could be
    ///
    /// Where the name itself fails too, it leads nowhere.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_DNS_SUFFIX_NOISE = {
        id: "normal-dns-suffix-noise",
        summary: "a name with a suffix of the search list does not exist",
        severity: Expected,
        stage: Name,
        owner: Client,
        sources: ["RFC 1535"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let found = || {
        attempt
            .lookups
            .iter()
            .filter(|lookup| lookup.is_for_address() && lookup.is_found())
    };
    let evidence = attempt
        .lookups
        .iter()
        .filter(|lookup| lookup.is_for_address() && lookup.is_denied())
        .filter(|lookup| found().any(|good| is_try_of(lookup.name.as_str(), good.name.as_str())))
        .map(|lookup| Evidence::new(lookup.last_span().first(), "not with this suffix"));
    NORMAL_DNS_SUFFIX_NOISE.expected(
        "A name with another suffix does not exist",
        "Clients try the suffixes of their search list.",
        evidence.collect(),
    )
}

/// Whether `name` is the host of `found` with another suffix.
fn is_try_of(name: &str, found: &str) -> bool {
    let label = |name: &str| {
        name.split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let bare = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    label(name) == label(found) && bare(name) != bare(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_has_the_same_host_and_another_suffix() {
        assert!(is_try_of("mp.lab.child.lab", "mp.lab"));
        assert!(is_try_of("mp.child.lab", "mp.root.lab"));
        assert!(!is_try_of("mp.root.lab", "mp.root.lab"));
        assert!(!is_try_of("dc.child.lab", "mp.root.lab"));
    }
}
