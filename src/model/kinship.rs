//! Which names and realms may belong together: by what servers and domain controllers say of their forests, else by DNS suffixes.
//!
//! Never proves anything by suffixes: forests may share a DNS parent, and domains may have other DNS names than their realms.

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::lookup::Lookup;
use crate::text::WireText;
use crate::wire::ntlm::{NtlmChallenge, NtlmMessage};

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

/// What a message says of a forest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told<'a> {
    /// The forest.
    pub forest: &'a str,
    /// The frame that says so.
    pub frame: FrameNumber,
    /// What says so: `NTLM challenge`, ….
    pub source: &'static str,
    /// Whether it is said of a domain that the server's name lies in, which need not be the server's domain.
    pub is_by_name: bool,
}

/// The forests of client and server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kinship<'a> {
    /// One forest.
    Same,
    /// Two.
    Apart {
        /// That of the server.
        server: Told<'a>,
        /// That of the client, if it is told; else its realm has nothing in common with the server's forest.
        client: Option<Told<'a>>,
    },
    /// It is not known.
    Unknown,
}

impl Attempt {
    /// The forest of the realm `realm`.
    pub fn forest_of(&self, realm: &str) -> Option<Told<'_>> {
        let told = self.around.forests.of(realm)?;
        Some(Told {
            forest: told.forest.as_str(),
            frame: told.frame,
            source: told.source,
            is_by_name: false,
        })
    }

    /// The forest of the client's realm.
    pub fn client_forest(&self) -> Option<Told<'_>> {
        self.forest_of(self.home_realm()?)
    }

    /// The forest of the server: as its NTLM challenge names it, or as the machines of its domain do, which the challenge
    /// names or the server's own name lies in.
    pub fn server_forest(&self) -> Option<Told<'_>> {
        let challenges = || self.http.iter().filter_map(challenge_of);
        let own = challenges().find_map(|(challenge, frame)| {
            Some(Told {
                forest: named(challenge.av.dns_tree.as_ref())?,
                frame,
                source: "NTLM challenge",
                is_by_name: false,
            })
        });
        let by_domain = || {
            challenges()
                .find_map(|(challenge, _)| self.forest_of(named(challenge.av.dns_domain.as_ref())?))
        };
        let by_name = || {
            let (_, domain) = self.target.name()?.split_once('.')?;
            let told = self.forest_of(domain)?;
            Some(Told {
                is_by_name: true,
                ..told
            })
        };
        own.or_else(by_domain).or_else(by_name)
    }

    /// Whether client and server are of one forest.
    pub fn kinship(&self) -> Kinship<'_> {
        let (Some(home), Some(server)) = (self.home_realm(), self.server_forest()) else {
            return Kinship::Unknown;
        };
        match self.client_forest() {
            Some(client) if client.forest.eq_ignore_ascii_case(server.forest) => Kinship::Same,
            None if may_be_kin(server.forest, home) => Kinship::Unknown,
            client => Kinship::Apart { server, client },
        }
    }

    /// The names that DNS gave for the target's name: aliases, in order.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.lookups
            .iter()
            .flat_map(Lookup::aliases)
            .map(WireText::as_str)
    }
}

fn named(name: Option<&WireText>) -> Option<&str> {
    let name = name?.as_str().trim_end_matches('.');
    (!name.is_empty()).then_some(name)
}

/// The NTLM challenge in the answer of `exchange`, and its first frame.
fn challenge_of(exchange: &HttpExchange) -> Option<(&NtlmChallenge, FrameNumber)> {
    match exchange.answer_token()?.ntlm.as_ref()? {
        NtlmMessage::Challenge(challenge) => {
            Some((challenge, exchange.answer.as_ref()?.span.first()))
        }
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
