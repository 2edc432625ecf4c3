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
        .filter(|lookup| !is_full_name(attempt, lookup.name.as_str()))
        .filter(|lookup| found().any(|good| is_try_of(lookup.name.as_str(), good.name.as_str())))
        .map(|lookup| Evidence::new(lookup.last_span().first(), "not with this suffix"));
    NORMAL_DNS_SUFFIX_NOISE.expected(
        "A name with another suffix does not exist",
        "Clients try the suffixes of their search list.",
        evidence.collect(),
    )
}

/// Whether `name` is what the client calls the server, with its domain: then it is no try with a suffix.
fn is_full_name(attempt: &Attempt, name: &str) -> bool {
    let bare = name.trim_end_matches('.');
    bare.contains('.')
        && attempt
            .target
            .name()
            .is_some_and(|meant| meant.trim_end_matches('.').eq_ignore_ascii_case(bare))
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
    use crate::rules::testing::{address_lookup, attempt, found_address};
    use crate::wire::dns::Rcode;

    #[test]
    fn a_full_name_that_does_not_exist_is_no_noise() {
        let mut attempt = attempt(60);
        let denied = |name| address_lookup(1, name, Some(Rcode::NAME_ERROR));
        attempt.lookups = vec![
            denied("mp.root.lab"),
            found_address(3, "mp.root.lab.child.lab"),
        ];
        assert!(check(&attempt).is_none());
        attempt.lookups = vec![
            denied("mp.root.lab.child.lab"),
            found_address(3, "mp.root.lab"),
        ];
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn a_try_has_the_same_host_and_another_suffix() {
        assert!(is_try_of("mp.lab.child.lab", "mp.lab"));
        assert!(is_try_of("mp.child.lab", "mp.root.lab"));
        assert!(!is_try_of("mp.root.lab", "mp.root.lab"));
        assert!(!is_try_of("dc.child.lab", "mp.root.lab"));
    }
}
