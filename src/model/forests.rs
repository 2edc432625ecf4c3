//! Which domain is of which forest, as domain controllers, directories and servers say of themselves.
//!
//! Never guesses by names, and never holds more than the budget.

use crate::dissect::message::{HttpResponse, Message, MessageBody};
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::text::WireText;
use crate::wire::cldap::Cldap;
use crate::wire::ntlm::NtlmMessage;

/// A domain and its forest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The domain, in DNS form.
    pub domain: WireText,
    /// The forest, by the DNS name of its root domain.
    pub forest: WireText,
    /// The first frame that says so.
    pub frame: FrameNumber,
    /// What says so: `CLDAP answer`, ….
    pub source: &'static str,
}

/// The memberships that a capture tells, each once, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forests(Vec<Membership>);

impl Forests {
    /// Takes in what `message` says of a forest.
    pub fn learn(&mut self, message: &Message) {
        let frame = message.first_frame();
        let (domain, forest, source) = match &message.body {
            MessageBody::Cldap(Cldap::Answer(told)) => {
                (Some(&told.domain), Some(&told.forest), "CLDAP answer")
            }
            MessageBody::LdapRootDse(told) => {
                let (domain, forest) = (told.domain.as_ref(), told.forest.as_ref());
                (domain, forest, "LDAP root entry")
            }
            MessageBody::HttpResponse(response) => {
                let (domain, forest) = in_challenge(response);
                (domain, forest, "NTLM challenge")
            }
            _ => return,
        };
        if let (Some(domain), Some(forest)) = (domain, forest) {
            self.add(domain.as_str(), forest.as_str(), frame, source);
        }
    }

    /// Adds a membership, unless it is known.
    pub fn add(&mut self, domain: &str, forest: &str, frame: FrameNumber, source: &'static str) {
        let (domain, forest) = (domain.trim_end_matches('.'), forest.trim_end_matches('.'));
        let is_known = self
            .0
            .iter()
            .any(|known| known.domain.same_name(domain) && known.forest.same_name(forest));
        let is_full = self.0.len() >= Budget::MEMBERSHIPS;
        if domain.is_empty() || forest.is_empty() || is_known || is_full {
            return;
        }
        self.0.push(Membership {
            domain: domain.into(),
            forest: forest.into(),
            frame,
            source,
        });
    }

    /// What is told of the forest of `domain`: by a machine of the domain, or of a domain whose forest bears its name. Nothing
    /// where two forests are told.
    pub fn of(&self, domain: &str) -> Option<&Membership> {
        let domain = domain.trim_end_matches('.');
        let mut own = self.0.iter().filter(|told| told.domain.same_name(domain));
        match (own.next(), own.next()) {
            (None, _) => self.0.iter().find(|told| told.forest.same_name(domain)),
            (Some(told), None) => Some(told),
            (Some(_), Some(_)) => None,
        }
    }

    /// Whether `domain` is told to be a domain.
    pub fn has(&self, domain: &str) -> bool {
        self.of(domain).is_some()
    }
}

/// Domain and forest of the server that sends an NTLM challenge.
fn in_challenge(response: &HttpResponse) -> (Option<&WireText>, Option<&WireText>) {
    let token = response.head.auth.as_ref();
    match token.and_then(|token| token.ntlm.as_ref()) {
        Some(NtlmMessage::Challenge(challenge)) => (
            challenge.av.dns_domain.as_ref(),
            challenge.av.dns_tree.as_ref(),
        ),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(memberships: &[(&str, &str)]) -> Forests {
        let mut forests = Forests::default();
        for (domain, forest) in memberships {
            forests.add(domain, forest, FrameNumber(1), "CLDAP answer");
        }
        forests
    }

    fn of<'f>(forests: &'f Forests, domain: &str) -> Option<&'f str> {
        forests.of(domain).map(|told| told.forest.as_str())
    }

    #[test]
    fn a_domain_is_of_the_forest_that_it_names_and_a_forest_of_itself() {
        let forests = told(&[
            ("child.root.lab", "root.lab."),
            ("child.root.lab", "root.lab"),
        ]);
        assert_eq!(forests.0.len(), 1);
        assert_eq!(of(&forests, "CHILD.ROOT.LAB"), Some("root.lab"));
        assert_eq!(of(&forests, "ROOT.LAB."), Some("root.lab"));
        assert_eq!(of(&forests, "OTHER.LAB"), None);
    }

    #[test]
    fn two_forests_of_one_domain_are_none() {
        let forests = told(&[("a.lab", "root.lab"), ("a.lab", "other.lab")]);
        assert_eq!(of(&forests, "a.lab"), None);
    }

    #[test]
    fn names_that_are_missing_and_more_than_are_kept_are_left_out() {
        assert_eq!(told(&[("", "root.lab"), ("a.lab", "")]), Forests::default());
        let mut forests = Forests::default();
        for number in 0..1_000 {
            let domain = format!("d{number}.lab");
            forests.add(&domain, "lab", FrameNumber(number), "CLDAP answer");
        }
        assert_eq!(forests.0.len(), Budget::MEMBERSHIPS);
    }
}
