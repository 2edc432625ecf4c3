//! Which names and realms may belong together, by their DNS suffixes and by what servers say of themselves.
//!
//! Never proves anything: forests may share a DNS parent, and domains may have other DNS names than their realms.

use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::lookup::Lookup;
use crate::text::WireText;
use crate::wire::ntlm::NtlmMessage;

/// Whether `name` is `domain`, or a name below it.
pub fn is_under(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.trim_end_matches('.'), domain.trim_end_matches('.'));
    let Some(at) = name.len().checked_sub(domain.len()) else {
        return false;
    };
    !domain.is_empty()
        && name
            .get(at..)
            .is_some_and(|tail| tail.eq_ignore_ascii_case(domain))
        && (at == 0 || name.as_bytes().get(at - 1) == Some(&b'.'))
}

/// Whether a DNS domain and a realm may be of one tree: one lies below the other, or they have two labels or more in common.
pub fn may_be_kin(domain: &str, realm: &str) -> bool {
    let common = labels(domain)
        .zip(labels(realm))
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
        .count();
    common >= 2 || is_under(domain, realm) || is_under(realm, domain)
}

/// The labels, the last one first.
fn labels(name: &str) -> impl Iterator<Item = &str> {
    name.trim_end_matches('.').rsplit('.')
}

impl Attempt {
    /// The forest of the server, as its NTLM challenge names it.
    pub fn server_forest(&self) -> Option<&str> {
        self.http.iter().find_map(forest_in)
    }

    /// The names that DNS gave for the target's name: aliases, in order.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.lookups
            .iter()
            .flat_map(Lookup::aliases)
            .map(WireText::as_str)
    }
}

fn forest_in(exchange: &HttpExchange) -> Option<&str> {
    match exchange.answer_token()?.ntlm.as_ref()? {
        NtlmMessage::Challenge(challenge) => challenge
            .av
            .dns_tree
            .as_ref()
            .map(WireText::as_str)
            .filter(|tree| !tree.is_empty()),
        NtlmMessage::Negotiate(_) | NtlmMessage::Authenticate(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_under_a_domain_at_a_label_only() {
        assert!(is_under("mp.Child.lab.", "CHILD.LAB"));
        assert!(is_under("child.lab", "CHILD.LAB"));
        assert!(!is_under("mp.grandchild.lab", "CHILD.LAB"));
        assert!(!is_under("lab", "CHILD.LAB"));
        assert!(!is_under("mp.lab", ""));
    }

    #[test]
    fn a_shared_top_label_makes_no_kin() {
        assert!(may_be_kin("a2003.vm.local", "CHILD.A2003.VM.LOCAL"));
        assert!(may_be_kin("b.example.com", "A.EXAMPLE.COM"));
        assert!(!may_be_kin("other.local", "CORP.LOCAL"));
    }
}
