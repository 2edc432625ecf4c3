//! `setspn -Q`, `-X` and `-L`: who holds service names.

use crate::logs::command_output::{CommandFact, Holder, Reading, Sink, kept};
use crate::text::WireText;

/// In front of the account whose names are listed.
const LISTED: &str = "Registered ServicePrincipalNames for ";
/// Behind a name that is held more than once.
const SHARED: &str = " is registered on these accounts:";
const NOBODY: &str = "No such SPN found.";

pub(super) fn is_of(line: &str) -> bool {
    line.starts_with(LISTED)
        || line.ends_with(SHARED)
        || matches!(line.trim_end(), NOBODY | "Existing SPN found!")
        || line.starts_with("Checking domain DC=")
        || line.starts_with("Checking forest DC=")
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The name in a command that was saved with its output.
    asked: Option<WireText>,
    /// The account whose names follow.
    account: Option<WireText>,
    /// The name whose accounts follow.
    shared: Option<WireText>,
}

impl Reading for Reader {
    fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>) {
        let text = line.trim();
        if let Some(words) = command(text) {
            // What a command prints is about what it asks, and not about what an earlier one asked.
            *self = Self::default();
            self.asked = asked(words);
        } else if let Some(account) = text.strip_prefix(LISTED) {
            self.shared = None;
            self.account = Some(kept(account.trim_end_matches(':')));
        } else if let Some(name) = text.strip_suffix(SHARED) {
            self.account = None;
            self.shared = Some(kept(name));
        } else if text == NOBODY {
            if let Some(asked) = self.asked.take() {
                sink(number, CommandFact::Nobody(asked));
            }
        } else if is_account(text) {
            self.account(number, text, sink);
        } else if line.starts_with(char::is_whitespace) && is_name(text) {
            if let Some(account) = &self.account {
                sink(number, held(account, text));
            }
        } else if !text.is_empty() {
            self.account = None;
            self.shared = None;
        }
    }

    fn finish(&mut self, _: &mut Sink<'_>) {}
}

impl Reader {
    fn account(&mut self, number: u64, text: &str, sink: &mut Sink<'_>) {
        let account = kept(text);
        match &self.shared {
            Some(name) => sink(number, held(&account, name.as_str())),
            None => self.account = Some(account),
        }
    }
}

fn held(account: &WireText, name: &str) -> CommandFact {
    CommandFact::Holder(Holder {
        account: account.clone(),
        spn: kept(name),
    })
}

/// `CN=MP,OU=Servers,DC=example,DC=com`.
fn is_account(text: &str) -> bool {
    let begins = text
        .get(..3)
        .is_some_and(|key| key.eq_ignore_ascii_case("cn="));
    begins && text.to_ascii_lowercase().contains(",dc=")
}

/// `HTTP/mp.example.com`.
fn is_name(text: &str) -> bool {
    let is_bare = !text.contains(char::is_whitespace);
    is_bare
        && text
            .split_once('/')
            .is_some_and(|(class, host)| !class.is_empty() && !host.is_empty())
}

/// What follows `setspn` in a command that was saved with its output.
fn command(text: &str) -> Option<std::str::SplitWhitespace<'_>> {
    let mut words = text.split_whitespace();
    let is_command = |word: &str| {
        let word = word
            .rsplit(['>', '\\'])
            .next()
            .unwrap_or(word)
            .to_ascii_lowercase();
        matches!(word.as_str(), "setspn" | "setspn.exe")
    };
    words.find(|word| is_command(word))?;
    Some(words)
}

/// The name of `-Q NAME`, where that has no wildcard.
fn asked(mut words: std::str::SplitWhitespace<'_>) -> Option<WireText> {
    words.find(|word| word.eq_ignore_ascii_case("-q") || word.eq_ignore_ascii_case("/q"))?;
    let name = words.next()?.trim_matches('"');
    (is_name(name) && !name.contains('*')).then(|| kept(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::command_output::{Command, facts};

    fn told(text: &str) -> Vec<String> {
        let all = facts(Command::Setspn, text).into_iter();
        all.map(|(number, fact)| match fact {
            CommandFact::Holder(held) => format!(
                "{number} {} {}",
                held.common_name().unwrap_or("?"),
                held.spn
            ),
            CommandFact::Nobody(name) => format!("{number} nobody {name}"),
            other => format!("{number} {other:?}"),
        })
        .collect()
    }

    #[test]
    fn a_query_names_the_account_and_all_its_names() {
        let text = "Checking domain DC=root,DC=lab\r\nCN=svc-web,OU=Service Accounts,DC=root,DC=lab\r\n\tHTTP/mp.root.lab\r\n\tHTTP/mp\r\n\r\nExisting SPN found!\r\n";
        assert_eq!(
            told(text),
            ["3 svc-web HTTP/mp.root.lab", "4 svc-web HTTP/mp"]
        );
    }

    #[test]
    fn a_search_for_duplicates_names_each_account() {
        let text = "Checking domain DC=root,DC=lab\nProcessing entry 0\nHTTP/mp.root.lab is registered on these accounts:\n\tCN=svc-web,CN=Users,DC=root,DC=lab\n\tCN=MP,OU=Servers,DC=root,DC=lab\n\nfound 1 group of duplicate SPNs.\n";
        assert_eq!(
            told(text),
            ["4 svc-web HTTP/mp.root.lab", "5 MP HTTP/mp.root.lab"]
        );
        let none = "Checking domain DC=root,DC=lab\nProcessing entry 0\nfound 0 group of duplicate SPNs.\n";
        assert!(told(none).is_empty());
    }

    #[test]
    fn a_list_names_what_one_account_holds() {
        let text = "Registered ServicePrincipalNames for CN=MP,OU=Servers,DC=root,DC=lab:\n        HOST/MP\n        HOST/mp.root.lab\n";
        assert_eq!(told(text), ["2 MP HOST/MP", "3 MP HOST/mp.root.lab"]);
    }

    #[test]
    fn that_nobody_holds_a_name_is_known_where_the_command_says_which() {
        let output = "Checking domain DC=root,DC=lab\n\nNo such SPN found.\n";
        assert!(told(output).is_empty());
        let text = format!("C:\\>setspn -Q HTTP/mp.root.lab\n{output}");
        assert_eq!(told(&text), ["4 nobody HTTP/mp.root.lab"]);
        let wild = format!("C:\\>setspn -Q HTTP/*\n{output}");
        assert!(told(&wild).is_empty());
    }

    #[test]
    fn what_a_later_command_does_not_find_is_not_what_an_earlier_one_asked() {
        let first = "C:\\>setspn -Q HTTP/mp.root.lab\nCould not find account\n";
        for later in [
            "C:\\>setspn -Q HTTP/*",
            "C:\\>setspn -F -Q */other",
            "setspn -Q",
        ] {
            let text = format!("{first}{later}\nNo such SPN found.\n");
            assert!(told(&text).is_empty(), "{later}");
        }
    }

    #[test]
    fn lines_without_their_head_belong_to_nobody() {
        assert!(told("\tHTTP/mp.root.lab\n").is_empty());
        let text = "CN=MP,DC=root,DC=lab\nOther text\n\tHTTP/mp.root.lab\n";
        assert!(told(text).is_empty());
    }
}
