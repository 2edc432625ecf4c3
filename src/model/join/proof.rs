//! Whose account a request of the capture proves, beside the account that a web server's log has.
//!
//! Never takes two accounts for different ones unless both are told.

use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::join::web::Wanted;
use crate::model::witness::WebRecord;
use crate::text::WireText;
use crate::wire::ntlm::NtlmMessage;

/// An exchange, and whose account it shows.
pub(super) struct Proof<'a> {
    attempt: &'a Attempt,
    exchange: &'a HttpExchange,
    account: Option<Account<'a>>,
}

/// An account as the capture has it.
struct Account<'a> {
    name: &'a str,
    /// What is behind the name in the account's: `$`, where it is that of the computer.
    suffix: &'static str,
    domain: Option<&'a str>,
    /// Whether the very proof is seen to be this account's, and not only some ticket of the client.
    is_certain: bool,
}

impl<'a> Proof<'a> {
    pub(super) fn of(wanted: &Wanted, attempts: &'a [Attempt]) -> Option<Self> {
        let attempt = attempts.get(wanted.place.0)?;
        let exchange = attempt.http.get(wanted.place.1)?;
        Some(Self {
            attempt,
            exchange,
            account: account(attempt, exchange),
        })
    }

    /// Whether an account is known.
    pub(super) const fn has_account(&self) -> bool {
        self.account.is_some()
    }

    /// Whether the line has another account than the one that the exchange proves.
    pub(super) fn contradicts(&self, record: &WebRecord) -> bool {
        let both = self.account.as_ref().zip(record.user.as_ref());
        both.is_some_and(|(account, user)| account.is_certain && !self.is_same(account, user))
    }

    /// Whether the line has what the exchange proves, as far as either tells: an account, or none.
    pub(super) fn fits(&self, record: &WebRecord) -> bool {
        let shows_token = self.exchange.windows_token().is_some();
        match (&record.user, &self.account) {
            (Some(user), Some(account)) => self.is_same(account, user),
            (Some(_), None) => shows_token || self.exchange.status() != Some(401),
            (None, _) => !(record.names_users && shows_token && self.exchange.is_accepted()),
        }
    }

    fn is_same(&self, account: &Account<'_>, user: &WireText) -> bool {
        let user = user.as_str();
        let (domain, name) = match user.split_once('\\') {
            Some((domain, name)) => (Some(domain), name),
            None => (None, without_realm(user)),
        };
        let domains = domain.zip(account.domain);
        let is_other =
            domains.is_some_and(|(one, other)| self.attempt.is_domain(one, other) == Some(false));
        let own = without_realm(account.name);
        let is_own = name.strip_suffix(account.suffix);
        is_own.is_some_and(|name| name.eq_ignore_ascii_case(own)) && !is_other
    }
}

fn without_realm(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

fn account<'a>(attempt: &'a Attempt, exchange: &'a HttpExchange) -> Option<Account<'a>> {
    if let Some(NtlmMessage::Authenticate(proof)) = exchange.windows_token()?.ntlm.as_ref() {
        let domain = proof.domain.as_ref().map(WireText::as_str);
        return Some(Account {
            name: proof.user.as_ref()?.as_str(),
            suffix: "",
            domain: domain.filter(|it| !it.is_empty()),
            is_certain: true,
        });
    }
    let shown = exchange.ap_req().and_then(|shown| shown.ticket.as_ref());
    let source = shown.and_then(|ticket| attempt.source_of(ticket)?.issued());
    let issued = source.and_then(|reply| Some((reply.cname.as_ref()?, reply.crealm.as_ref())));
    let principal = attempt.principal.as_ref();
    let known = issued.or_else(|| principal.map(|it| (&it.name, it.realm.as_ref())));
    let Some((name, realm)) = known else {
        return named(exchange);
    };
    Some(Account {
        name: name.parts.first()?.as_str(),
        suffix: "",
        domain: realm.map(WireText::as_str),
        is_certain: issued.is_some() && name.parts.len() == 1,
    })
}

/// The account of the computer that the registration names.
fn named(exchange: &HttpExchange) -> Option<Account<'_>> {
    let asked = exchange.request.ccm.as_ref()?.registration.as_ref()?;
    Some(Account {
        name: asked.netbios_name.as_ref()?.as_str(),
        suffix: "$",
        domain: None,
        is_certain: false,
    })
}
