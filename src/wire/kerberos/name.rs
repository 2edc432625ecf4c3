//! Names of principals (RFC 4120 section 6.2).

use std::fmt;

use crate::text::WireText;

/// The kind of a principal name. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NameType(pub i32);

impl NameType {
    /// A plain principal: users and computers.
    pub const PRINCIPAL: Self = Self(1);
    /// A service and its instance: `krbtgt/REALM`, `HTTP/host`.
    pub const SRV_INST: Self = Self(2);
    /// An enterprise name (a UPN), RFC 6806.
    pub const ENTERPRISE: Self = Self(10);
}

/// A principal without its realm: `HTTP/mp.example.com`, `CLIENT$`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PrincipalName {
    /// The kind of name.
    pub kind: NameType,
    /// The parts that a slash joins; may be empty on the wire.
    pub parts: Vec<WireText>,
}

impl PrincipalName {
    /// The class of a service name: `HTTP` of `HTTP/host`. `None` for a name of one part.
    pub fn service_class(&self) -> Option<&str> {
        (self.parts.len() > 1)
            .then(|| self.parts.first().map(WireText::as_str))
            .flatten()
    }

    /// The host of a service name: `host` of `HTTP/host`, without a port.
    pub fn host(&self) -> Option<&str> {
        let instance = self.parts.get(1)?.as_str();
        Some(instance.split(':').next().unwrap_or(instance))
    }

    /// Whether it is the name of a ticket-granting service, `krbtgt/REALM`.
    pub fn is_krbtgt(&self) -> bool {
        self.service_class()
            .is_some_and(|class| class.eq_ignore_ascii_case("krbtgt"))
    }

    /// The realm that a ticket-granting ticket opens: `R2` of `krbtgt/R2`.
    pub fn krbtgt_realm(&self) -> Option<&str> {
        self.is_krbtgt()
            .then(|| self.parts.get(1).map(WireText::as_str))
            .flatten()
    }

    /// Whether it asks for a web server: service class `HTTP`.
    pub fn is_http(&self) -> bool {
        self.service_class()
            .is_some_and(|class| class.eq_ignore_ascii_case("HTTP"))
    }

    /// Whether it is a computer account: one part that ends in `$`.
    pub fn is_computer(&self) -> bool {
        matches!(self.parts.as_slice(), [only] if only.as_str().ends_with('$'))
    }

    /// Equality as the directory has it: letters of either case are the same, the name type does not count.
    pub fn same_principal(&self, other: &Self) -> bool {
        self.parts.len() == other.parts.len()
            && self
                .parts
                .iter()
                .zip(&other.parts)
                .all(|(a, b)| a.same_name(b.as_str()))
    }
}

impl fmt::Display for PrincipalName {
    /// The parts joined by slashes; the empty text for an empty name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(part.as_str())?;
        }
        Ok(())
    }
}
