//! Names and what stands for them: of the same shape, and the same for the same name.
//!
//! Never makes a pseudonym out of the name itself: only order and shape count, so that nothing can be guessed back.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::privacy::files::Files;
use crate::privacy::labels::{
    account_number, is_identity, is_number, is_of_label, is_of_name, labels, numbers,
};
use crate::privacy::reverse::Reverse;
use crate::privacy::shape::{example_v4, example_v6, in_case_of, shaped, subnet};
use crate::privacy::words::{is_common, is_own, is_word};

/// Names that are kept at most; a capture with more is not redacted.
const MOST: usize = 200_000;

/// Signs between the parts of a name or of a command's word, each of which may be an address.
const SIGNS: [char; 6] = [':', '/', '=', '@', '\\', '%'];

/// Names and their pseudonyms.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    /// Parts of names, in lower case.
    pub(super) labels: BTreeMap<String, String>,
    used: BTreeSet<String>,
    /// Names as they were found, to look for them in what is written.
    pub(super) originals: BTreeSet<String>,
    /// Accounts that are called by short numbers, which are hidden in the place of an account alone.
    accounts: BTreeMap<String, String>,
    addresses: BTreeMap<IpAddr, IpAddr>,
    subnets: BTreeMap<IpAddr, u32>,
    /// Addresses of each subnet so far.
    hosts: BTreeMap<IpAddr, u32>,
    identities: BTreeMap<String, String>,
    files: Files,
    /// Names that are also words.
    words: BTreeSet<String>,
    counter: u64,
}

impl Pseudonyms {
    /// Learns a name: a host, an account, a realm, a service, a path. What names nobody in it is passed over.
    pub fn learn(&mut self, name: &str) {
        let name = name.trim();
        if name.is_empty() || self.labels.len() >= MOST {
            return;
        }
        if let Ok(address) = name.parse::<IpAddr>() {
            self.address(address);
            return;
        }
        labels(name).for_each(|label| self.label(label));
        numbers(name).for_each(|number| self.number(number));
        if let Some(number) = account_number(name) {
            self.account(number);
        }
        if let (Some(word), None) = (labels(name).next(), labels(name).nth(1))
            && is_word(word)
        {
            self.words.insert(word.to_lowercase());
        }
        let hides_something = labels(name).any(|label| !is_common(label));
        if hides_something {
            self.originals.insert(name.to_owned());
        } else if name.contains('.') && labels(name).next().is_some_and(is_word) {
            // `corp.local` stays as a whole.
            self.words.insert(name.to_lowercase());
        }
    }

    /// Learns a file, which gets the number of its place. Gives what stands for it.
    pub fn file(&mut self, path: &str) -> String {
        self.files.learn(path)
    }

    /// Names of one part that were found and are also words, or too short to be told from any: they stay where they stand alone.
    pub fn stayed(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether more names were found than are kept.
    pub fn is_full(&self) -> bool {
        self.labels.len() >= MOST
    }

    /// What stands for an address. Addresses of one subnet (/24, /64) stay in one.
    pub fn address(&mut self, address: IpAddr) -> IpAddr {
        if address.is_loopback() || address.is_unspecified() || address.is_multicast() {
            return address;
        }
        if let Some(known) = self.addresses.get(&address) {
            return *known;
        }
        let subnet = subnet(address);
        let count = u32::try_from(self.subnets.len()).unwrap_or(u32::MAX);
        let number = *self.subnets.entry(subnet).or_insert(count);
        let host = self.hosts.entry(subnet).or_default();
        *host += 1;
        let pseudonym = match address {
            IpAddr::V4(_) => IpAddr::V4(example_v4(number, *host, self.addresses.len())),
            IpAddr::V6(_) => IpAddr::V6(example_v6(number, *host)),
        };
        self.addresses.insert(address, pseudonym);
        self.originals.insert(address.to_string());
        self.originals.insert(Reverse::name_of(address));
        pseudonym
    }

    /// `text` with pseudonyms in place of all names that were learned, and of all addresses and identities.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.files.text(text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest
                .find(|sign: char| !is_of_name(sign))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if !name.is_empty() {
                out.push_str(&self.name(name));
            }
            let end = after.find(is_of_name).unwrap_or(after.len());
            let (between, after) = after.split_at(end);
            out.push_str(between);
            rest = after;
        }
        out
    }

    /// What stands for a part of a name, in as many bytes: the same as in texts, or letters that stand for nobody where that
    /// is longer. A word that names nobody stays.
    pub fn exact(&mut self, label: &str) -> String {
        self.label(label);
        let pseudonym = self.replaced(label, true);
        if pseudonym.len() == label.len() {
            pseudonym
        } else {
            "x".repeat(label.len())
        }
    }

    /// What stands for a part of a name that stands alone, and that is known to be one, whatever else the word means.
    pub fn part(&mut self, label: &str) -> String {
        if let Some(pseudonym) = self.accounts.get(label) {
            pseudonym.clone()
        } else if labels(label).eq([label]) {
            self.replaced(label, true)
        } else {
            self.text(label)
        }
    }

    /// What stands for a name that is all of a field, or its last word: `mp`, `CNAME mp`.
    pub fn value(&mut self, text: &str) -> String {
        match text.rsplit_once(' ') {
            Some((before, name)) => format!("{} {}", self.text(before), self.part(name)),
            None => self.part(text),
        }
    }

    /// The private map: each name and what stands for it, in the order of names.
    pub fn map(&self) -> impl Iterator<Item = (String, String)> {
        let labels = self.labels.iter();
        let labels = labels.map(|(name, pseudonym)| (name.clone(), pseudonym.clone()));
        let labels = labels.chain(self.files.map());
        let labels = labels.chain(self.accounts.clone());
        let identities = self.identities.clone().into_iter();
        let addresses = self.addresses.iter();
        let addresses = addresses.map(|(name, it)| (name.to_string(), it.to_string()));
        let all: Vec<(String, String)> = labels.chain(identities).chain(addresses).collect();
        all.into_iter()
    }

    /// What stands for a run of signs that may be a name: an address, an identity, or labels with signs between them.
    fn name(&mut self, name: &str) -> String {
        let core = name.trim_end_matches(['.', ':', '-']);
        let tail = &name[core.len()..];
        if let Some(reverse) = Reverse::of(core) {
            return format!("{}{tail}", self.reversed(&reverse));
        }
        let address = |at: usize| Some((at, core.get(at..)?));
        let behind = core.char_indices().filter(|(_, sign)| SIGNS.contains(sign));
        let places = std::iter::once(0).chain(behind.map(|(at, sign)| at + sign.len_utf8()));
        for (at, rest) in places.filter_map(address) {
            if let Some(located) = self.located(rest) {
                return format!("{}{located}{tail}", self.parts(&core[..at]));
            }
        }
        format!("{}{tail}", self.parts(core))
    }

    /// What stands for the name of an address in the tree of reverse look-ups; of a part of an address no digit stays.
    fn reversed(&mut self, reverse: &Reverse<'_>) -> String {
        let front = self.parts(reverse.front);
        match reverse.address() {
            Some(address) => format!("{front}{}", Reverse::name_of(self.address(address))),
            None => format!("{front}{}", reverse.blank()),
        }
    }

    /// The same for a run without an address at its end.
    fn parts(&mut self, core: &str) -> String {
        let is_compound = core.contains(|sign: char| !is_of_label(sign));
        let mut out = String::with_capacity(core.len());
        for part in core.split_inclusive(SIGNS) {
            let name = part.trim_end_matches(SIGNS);
            let number = name.strip_suffix('$').unwrap_or(name);
            let is_account = number != name || part.ends_with('@') || out.ends_with('\\');
            if let Some(account) = self.accounts.get(number).filter(|_| is_account) {
                out.push_str(account);
                out.push_str(&name[number.len()..]);
            } else if let Ok(address) = name.parse::<Ipv4Addr>() {
                out.push_str(&self.address(address.into()).to_string());
            } else {
                self.push_labels(name, is_compound, &mut out);
            }
            out.push_str(&part[name.len()..]);
        }
        out
    }

    fn push_labels(&mut self, name: &str, is_compound: bool, out: &mut String) {
        for part in name.split_inclusive(|sign: char| !is_of_label(sign)) {
            let label = part.trim_end_matches(|sign: char| !is_of_label(sign));
            out.push_str(&self.replaced(label, is_compound));
            out.push_str(&part[label.len()..]);
        }
    }

    /// An address, with or without a port.
    fn located(&mut self, text: &str) -> Option<String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(self.address(address).to_string());
        }
        if let Some((address, port)) = text.rsplit_once(':')
            && let Ok(address) = address.parse::<Ipv4Addr>()
        {
            return Some(format!("{}:{port}", self.address(address.into())));
        }
        let (address, after) = text.strip_prefix('[')?.split_once(']')?;
        let address = address.parse::<Ipv6Addr>().ok()?;
        Some(format!("[{}]{after}", self.address(address.into())))
    }

    fn replaced(&mut self, label: &str, is_compound: bool) -> String {
        if is_identity(label) {
            return self.identity(label);
        }
        if !is_compound && is_own(label) {
            return label.to_owned();
        }
        match self.labels.get(&label.to_lowercase()) {
            Some(pseudonym) => in_case_of(label, pseudonym),
            None => label.to_owned(),
        }
    }

    fn label(&mut self, label: &str) {
        let key = label.to_lowercase();
        if is_common(label) || is_identity(label) || self.labels.contains_key(&key) {
            return;
        }
        let pseudonym = self.unused(&key);
        self.used.insert(pseudonym.clone());
        self.labels.insert(key, pseudonym);
    }

    /// A number in the place of a name is one: accounts are called by numbers of staff, and machines by addresses.
    fn number(&mut self, label: &str) {
        if is_identity(label) || self.labels.contains_key(label) {
            return;
        }
        let pseudonym = self.unused(label);
        self.used.insert(pseudonym.clone());
        self.labels.insert(label.to_owned(), pseudonym);
    }

    /// A short number that is an account: elsewhere it is a number.
    fn account(&mut self, number: &str) {
        if self.accounts.contains_key(number) {
            return;
        }
        let width = number.len();
        let candidates = (self.accounts.len() + 1..).map(|it| format!("{it:0width$}"));
        let pseudonym = { candidates }.find(|it| it != number).unwrap_or_default();
        self.accounts.insert(number.to_owned(), pseudonym);
        self.words.insert(number.to_owned());
    }

    /// The next pseudonym of the shape of `label` that stands for nothing else.
    fn unused(&mut self, label: &str) -> String {
        for _ in 0..MOST {
            self.counter += 1;
            let candidate = shaped(label, self.counter);
            let is_common = is_common(&candidate) && !is_number(label);
            let is_taken = self.used.contains(&candidate) || is_common;
            let is_word = label.len() > 2 && is_own(&candidate);
            if !is_taken && candidate != label && !is_word {
                return candidate;
            }
            // Two letters stand for few names: a longer one is better than none.
            if self.counter.is_multiple_of(1_000)
                || self.counter.is_multiple_of(26) && label.len() < 3
            {
                let longer = format!("{}{}", shaped(label, self.counter), self.counter);
                if !self.used.contains(&longer) {
                    return longer;
                }
            }
        }
        format!("x{}", self.counter)
    }

    /// What stands for a thumbprint, a hardware's or a client's identity.
    fn identity(&mut self, identity: &str) -> String {
        let key = identity.to_lowercase();
        if let Some(known) = self.identities.get(&key) {
            return in_case_of(identity, known);
        }
        let mut number = self.identities.len() + 1;
        let digits: Vec<char> = identity
            .chars()
            .rev()
            .map(|sign| {
                if !sign.is_ascii_hexdigit() {
                    return sign;
                }
                let digit = char::from(b'0' + u8::try_from(number % 10).unwrap_or(0));
                number /= 10;
                digit
            })
            .collect();
        let pseudonym: String = digits.into_iter().rev().collect();
        self.identities.insert(key, pseudonym.clone());
        self.originals.insert(identity.to_owned());
        pseudonym
    }
}

#[cfg(test)]
mod tests;
