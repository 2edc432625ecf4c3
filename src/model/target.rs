//! The service that is tried: the names that mean it, and where it is.
//!
//! Never resolves a name.

use std::net::IpAddr;

use crate::text::WireText;

/// What is tried.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Target {
    /// The names that mean it, as they were written: the one the client uses first, then its aliases.
    pub names: Vec<WireText>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
}

impl Target {
    /// The name that the client uses.
    pub fn name(&self) -> Option<&str> {
        self.names.first().map(WireText::as_str)
    }

    /// Whether `host` means the target: one of its names, or the first label of one.
    pub fn is_meant_by(&self, host: &str) -> bool {
        is_host_of(self.names.iter().map(WireText::as_str), host)
    }
}

/// Whether two host names mean the same host: equal, or one is the first label of the other.
pub fn same_host(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('.'), b.trim_end_matches('.'));
    let is_short = |short: &str, long: &str| {
        !short.contains('.')
            && long
                .split('.')
                .next()
                .is_some_and(|label| label.eq_ignore_ascii_case(short))
    };
    a.eq_ignore_ascii_case(b) || is_short(a, b) || is_short(b, a)
}

/// Whether `host` means the host that has all of `names`. A short name among them does not stand for a name of another domain
/// where the full one is known: `mp01` is `mp01.corp.example` here, and not `mp01.other.example`.
pub fn is_host_of<'n>(names: impl Iterator<Item = &'n str>, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let (full, short): (Vec<&str>, Vec<&str>) = names
        .map(|name| name.trim_end_matches('.'))
        .partition(|name| name.contains('.'));
    let is_full_known = host.contains('.') && full.iter().any(|name| same_label(name, host));
    full.iter().any(|name| same_host(name, host))
        || !is_full_known && short.iter().any(|name| same_host(name, host))
}

fn same_label(a: &str, b: &str) -> bool {
    let (a, b) = (a.split('.').next(), b.split('.').next());
    a.zip(b).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_does_not_stand_for_another_domain_where_the_full_name_is_known() {
        let is_meant = |names: &[&str], host: &str| {
            let names = names.iter().map(|name| WireText::from(*name)).collect();
            let target = Target {
                names,
                ..Target::default()
            };
            target.is_meant_by(host)
        };
        assert!(!is_meant(&["mp01", "mp01.corp.a"], "mp01.other.b"));
        assert!(!is_meant(&["mp01.corp.a.", "MP01"], "mp01.other.b"));
        assert!(is_meant(&["mp01", "mp01.corp.a"], "MP01.corp.a."));
        assert!(is_meant(&["mp01", "mp01.corp.a"], "mp01"));
        assert!(is_meant(&["mp01"], "mp01.other.b"));
        assert!(is_meant(&["mp01", "web.corp.a"], "mp01.other.b"));
        assert!(is_meant(&["mp01.corp.a", "mp01.other.b"], "mp01.other.b"));
    }
}
