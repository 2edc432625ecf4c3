//! Rule `dns-wrong-host`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::text::WireText;
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::ntlm::NtlmMessage;

declare_rule! {
    /// ## What it means
    ///
    /// The address that the name leads to belongs to another machine than the one that is meant: an old record, most
    /// often. The ticket is right and the door is wrong.
    ///
    /// ## How it shows
    ///
    /// The machine that answers calls itself otherwise in its NTLM challenge, or in the error with which it refuses the
    /// ticket.
    ///
    /// ## What else it could be
    ///
    /// Behind the name of a load balancer machines with other names are right, and so is the machine behind an alias.
    ///
    /// ## What to do
    ///
    /// Compare the record in DNS with the machine's own address, and delete the old record.
    pub(in crate::rules) static DNS_WRONG_HOST = {
        id: "dns-wrong-host",
        summary: "the name leads to another machine",
        severity: Error,
        stage: Name,
        owner: Network,
        sources: ["https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/troubleshooting-kerberos-authentication-problems-8211-name/ba-p/395288"],
        since: "0.1.0",
        supersedes: ["http-spn-on-user-account", "ap-modified-stale-password", "ap-no-key", "http-401-krb-error", "http-401-no-reason", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() {
        return None;
    }
    let refused = attempt.refused_ticket()?;
    let answer = refused.answer.as_ref()?;
    let meant = attempt.target.name()?;
    let address = refused.server.addr;
    let at_address = || {
        let exchanges = attempt.http.iter();
        exchanges.filter(|exchange| exchange.server.addr == address)
    };
    // The name does lead to the machine that is meant, and to another one beside it.
    if at_address().any(|exchange| is_the_one_meant(attempt, exchange)) {
        return None;
    }
    let said = at_address().find_map(|exchange| other_name(attempt, exchange))?;
    let resolved = resolved(attempt, address);
    let name = said.name;
    Some(Finding {
        title: format!("The machine at {address} calls itself {name}, not {meant}"),
        explanation: format!(
            "The client means {meant} and talks to {address}. The machine there calls itself {name}: as another machine it cannot read a ticket for {meant}, and it refused the one that it was shown."
        ),
        rivals: rivals(resolved.is_some()),
        evidence: [
            Evidence::new(said.frame, format!("the machine calls itself {name}")),
            Evidence::new(answer.span.first(), "the ticket is refused"),
        ]
        .into_iter()
        .chain(resolved.clone().or_else(|| by_neighbour(attempt, address)))
        .collect(),
        fix: vec![
            Fix::new(
                "See what DNS says",
                command::with(meant, |name| format!("nslookup {name}")),
            ),
            Fix::new(
                "Let the client forget what it knows",
                Some("ipconfig /flushdns".to_owned()),
            ),
        ],
        ..DNS_WRONG_HOST.finding(if resolved.is_some() {
            said.confidence
        } else {
            Confidence::Likely
        })
    })
}

/// The look-up that gave the client this address.
fn resolved(attempt: &Attempt, address: IpAddr) -> Option<Evidence> {
    let lookup = attempt
        .lookups
        .iter()
        .find(|lookup| lookup.addresses().any(|found| found == address))?;
    Some(Evidence::new(
        lookup.last_span().last(),
        format!("DNS: {} is {address}", lookup.name),
    ))
}

/// The answer of a neighbour that gave the client this address. It says nothing of other names of the machine.
fn by_neighbour(attempt: &Attempt, address: IpAddr) -> Option<Evidence> {
    let (lookup, answer) = attempt.answered_by_neighbour(address)?;
    let system = lookup.system.name();
    Some(Evidence::new(
        answer.span.last(),
        format!("{system}: {} is {address}", lookup.name),
    ))
}

/// Who else may call itself so. `resolved`: the capture shows which names DNS gives for the one that is meant.
fn rivals(resolved: bool) -> Vec<Rival> {
    let balanced = Rival::new(
        "nlb-name-computer-spn",
        "if the name is that of a load balancer, other names behind it are right, and their keys are in question",
    );
    let alias = (!resolved).then(|| {
        Rival::new(
            "dns-cname-spn",
            "the name may be an alias of that machine, which this capture does not show: nslookup tells",
        )
    });
    std::iter::once(balanced).chain(alias).collect()
}

/// A name that is none of the target's.
struct OtherName<'a> {
    name: &'a str,
    frame: FrameNumber,
    confidence: Confidence,
}

/// The name of another machine by which the server calls itself. In an error it may be an account's.
fn other_name<'a>(attempt: &Attempt, exchange: &'a HttpExchange) -> Option<OtherName<'a>> {
    let frame = exchange.answer.as_ref()?.span.first();
    let said = |name: &'a str, confidence| OtherName {
        name,
        frame,
        confidence,
    };
    let in_challenge = challenge_name(exchange).map(|name| said(name, Confidence::Proven));
    let in_error = || {
        let sname = exchange.krb_error()?.sname.as_ref()?;
        let name = sname.host().or_else(|| computer(sname))?;
        Some(said(name, Confidence::Likely))
    };
    in_challenge
        .or_else(in_error)
        .filter(|said| !said.name.is_empty() && !is_of_target(attempt, said.name))
}

/// Whether a machine of this name may be the target: the same name, or the same host in another DNS domain, since a machine's
/// own DNS name may differ from the one that it is published by.
pub(in crate::rules) fn is_of_target(attempt: &Attempt, name: &str) -> bool {
    let label = name.split('.').next().unwrap_or(name);
    attempt.target.is_meant_by(name) || attempt.target.is_meant_by(label)
}

/// Whether the machine that answers is the one that is meant, as its NTLM challenge has it.
fn is_the_one_meant(attempt: &Attempt, exchange: &HttpExchange) -> bool {
    challenge_name(exchange).is_some_and(|name| is_of_target(attempt, name))
}

/// The server's DNS name in its NTLM challenge, else its NetBIOS name.
pub(in crate::rules) fn challenge_name(exchange: &HttpExchange) -> Option<&str> {
    let NtlmMessage::Challenge(challenge) = exchange.answer_token()?.ntlm.as_ref()? else {
        return None;
    };
    let dns = challenge.av.dns_computer.as_ref();
    dns.or(challenge.av.netbios_computer.as_ref())
        .map(WireText::as_str)
}

/// The computer that an account belongs to.
fn computer(account: &PrincipalName) -> Option<&str> {
    account
        .is_computer()
        .then(|| account.parts.first())?
        .map(|name| name.as_str().trim_end_matches('$'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::rules::testing::{
        NEXT, SERVICE, answers, attempt, found_address, shows_ticket, web,
    };
    use crate::wire::ntlm::{AvPairs, NtlmChallenge};

    fn calls_itself(name: &str) -> Attempt {
        let challenge = NtlmMessage::Challenge(NtlmChallenge {
            av: AvPairs {
                dns_computer: Some(name.into()),
                ..AvPairs::default()
            },
            ..NtlmChallenge::default()
        });
        let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
        let mut attempt = attempt(60);
        attempt.outcome = Outcome::Rejected;
        attempt.http = vec![answers(shown, None, Some(challenge))];
        attempt.lookups = vec![found_address(1, "mp.root.lab")];
        attempt
    }

    #[test]
    fn the_same_host_in_another_dns_domain_is_no_other_machine() {
        assert!(check(&calls_itself("mp.child.root.lab")).is_none());
        assert!(check(&calls_itself("srv7.root.lab")).is_some());
    }

    #[test]
    fn an_address_at_which_the_one_that_is_meant_answers_too_is_no_wrong_one() {
        let mut balanced = calls_itself("node2.root.lab");
        let mut other = calls_itself("mp.root.lab").http.remove(0);
        other.request.head.auth = None;
        balanced.http.insert(0, other);
        assert!(check(&balanced).is_none());
    }

    #[test]
    fn what_another_server_calls_itself_says_nothing_about_this_one() {
        let mut two = calls_itself("srv7.root.lab");
        let mut other = two.http[0].clone();
        other.request.head.auth = None;
        other.server.addr = "10.0.0.81".parse().unwrap();
        two.http = vec![other, shows_ticket(web(20, 401), NEXT, SERVICE)];
        assert!(check(&two).is_none());
    }

    #[test]
    fn a_name_may_be_an_alias_where_no_look_up_is_seen() {
        let seen = check(&calls_itself("srv7.root.lab")).expect("a finding");
        assert_eq!(seen.confidence, Confidence::Proven);
        let cached = Attempt {
            lookups: Vec::new(),
            ..calls_itself("srv7.root.lab")
        };
        let cached = check(&cached).expect("a finding");
        assert_eq!(cached.confidence, Confidence::Likely);
        assert!(
            cached
                .rivals
                .iter()
                .any(|rival| rival.rule == "dns-cname-spn")
        );
    }
}
