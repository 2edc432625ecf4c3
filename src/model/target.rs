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
        let host = host.trim_end_matches('.');
        self.names.iter().any(|name| same_host(name.as_str(), host))
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
