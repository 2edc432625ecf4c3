//! Which short name (NetBIOS) belongs to which domain, as domain controllers, servers and lists of trusts say.
//!
//! Never takes the first label of a domain for its short name where another one is told, and never holds more than the budget.

use crate::dissect::message::{Message, MessageBody};
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::witness::CommandFact;
use crate::text::WireText;
use crate::wire::cldap::Cldap;
use crate::wire::ntlm::{AvPairs, NtlmMessage};

/// The pairs that a capture tells, each once, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DomainNames(Vec<(WireText, WireText)>);

impl DomainNames {
    /// Takes in what `message` says of a domain's names.
    pub fn learn(&mut self, message: &Message) {
        match &message.body {
            MessageBody::Cldap(Cldap::Answer(told)) => {
                self.add(told.netbios_domain.as_str(), told.domain.as_str());
            }
            MessageBody::HttpResponse(response) => {
                let token = response.head.auth.as_ref();
                if let Some(NtlmMessage::Challenge(challenge)) =
                    token.and_then(|it| it.ntlm.as_ref())
                {
                    self.learn_of_server(&challenge.av);
                }
            }
            _ => {}
        }
    }

    /// A server that is in no domain gives its own name for one.
    fn learn_of_server(&mut self, av: &AvPairs) {
        let is_alone = av.netbios_domain == av.netbios_computer;
        let names = av.netbios_domain.as_ref().zip(av.dns_domain.as_ref());
        if let Some((short, domain)) = names.filter(|_| !is_alone) {
            self.add(short.as_str(), domain.as_str());
        }
    }

    /// Adds a short name and the domain in DNS form, unless they are known.
    pub fn add(&mut self, short: &str, domain: &str) {
        let domain = domain.trim_end_matches('.');
        let is_known = self.0.iter().any(|it| is_pair(it, short, domain));
        let is_full = self.0.len() >= Budget::MEMBERSHIPS;
        if short.is_empty() || domain.is_empty() || is_known || is_full {
            return;
        }
        self.0.push((short.into(), domain.into()));
    }
}

fn is_pair((short, domain): &(WireText, WireText), other: &str, of: &str) -> bool {
    short.same_name(other) && domain.same_name(of)
}

impl Attempt {
    /// Whether `domain`, as an account has it before its name, is `realm`: nothing where that is not told.
    pub fn is_domain(&self, domain: &str, realm: &str) -> Option<bool> {
        if domain.contains('.') || domain.eq_ignore_ascii_case(realm) {
            return Some(domain.eq_ignore_ascii_case(realm));
        }
        is_among(&self.domain_names(), domain, realm)
    }

    /// What the capture tells, and what lists of trusts do.
    fn domain_names(&self) -> Vec<(WireText, WireText)> {
        let mut told = self.around.domain_names.0.clone();
        for output in &self.outputs {
            if let CommandFact::Trusts(list) = &output.fact {
                let named = list.domains.iter();
                told.extend(named.filter_map(|it| Some((it.short.clone()?, it.name.clone()))));
            }
        }
        told
    }
}

/// Whether the short name `domain` is that of `realm`, as far as `told` goes.
fn is_among(told: &[(WireText, WireText)], domain: &str, realm: &str) -> Option<bool> {
    if told.iter().any(|it| is_pair(it, domain, realm)) {
        return Some(true);
    }
    if told.iter().any(|(_, of)| of.same_name(realm)) {
        return Some(false);
    }
    let label = realm.split('.').next().unwrap_or_default();
    let is_of_another = told.iter().any(|(short, _)| short.same_name(domain));
    // Two domains may have one short name; and one that nobody tells may be any.
    (!is_of_another && domain.eq_ignore_ascii_case(label)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REALM: &str = "CORP.EXAMPLE.COM";

    fn with(pairs: &[(&str, &str)], domain: &str) -> Option<bool> {
        let mut names = DomainNames::default();
        for (short, domain) in pairs {
            names.add(short, domain);
        }
        is_among(&names.0, domain, REALM)
    }

    #[test]
    fn a_short_name_is_the_realms_where_that_is_told_and_else_its_first_label() {
        let told = [("EXA", "corp.example.com."), ("CORP", "corp.other.net")];
        assert_eq!(with(&told, "exa"), Some(true));
        assert_eq!(with(&told, "CORP"), Some(false));
        assert_eq!(with(&[], "CORP"), Some(true));
        assert_eq!(with(&[], "EXA"), None);
    }

    #[test]
    fn a_short_name_that_another_domain_bears_is_not_taken_for_the_realms() {
        assert_eq!(with(&[("CORP", "corp.other.net")], "CORP"), None);
    }

    #[test]
    fn a_server_that_is_in_no_domain_tells_of_none() {
        let mut names = DomainNames::default();
        let av = |domain: &str| AvPairs {
            netbios_computer: Some("WEB1".into()),
            netbios_domain: Some(domain.into()),
            dns_domain: Some("corp.example.com".into()),
            ..AvPairs::default()
        };
        names.learn_of_server(&av("WEB1"));
        assert_eq!(names, DomainNames::default());
        names.learn_of_server(&av("EXA"));
        assert_eq!(names.0.len(), 1);
    }
}
