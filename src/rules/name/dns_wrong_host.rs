//! Rule `dns-wrong-host`.

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
    /// Behind the name of a load balancer machines with other names are right.
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
    if attempt.is_accepted() || attempt.target.names.is_empty() {
        return None;
    }
    let refused = attempt.refused_ticket()?;
    let (name, frame, confidence) = attempt
        .http
        .iter()
        .find_map(|exchange| answers_as(attempt, exchange))?;
    let meant = attempt.target.name()?;
    let lookup = attempt.lookups.iter().find(|lookup| {
        lookup
            .addresses()
            .any(|address| address == refused.server.addr)
    });
    let resolved = lookup.map(|lookup| {
        Evidence::new(
            lookup.last_span().last(),
            format!("DNS: {} is {}", lookup.name, refused.server.addr),
        )
    });
    let answer = refused.answer.as_ref()?;
    Some(Finding {
        title: format!("{} is {name}, not {meant}", refused.server.addr),
        explanation: format!(
            "The client means {meant} and talks to {}. The machine there calls itself {name}. A ticket for {meant} is under another machine's key.",
            refused.server.addr
        ),
        evidence: [
            Evidence::new(frame, format!("the machine calls itself {name}")),
            Evidence::new(answer.span.first(), "the ticket is refused"),
        ]
        .into_iter()
        .chain(resolved)
        .collect(),
        rivals: vec![Rival::new(
            "nlb-name-computer-spn",
            "if the name is that of a load balancer, other names behind it are right, and their keys are in question",
        )],
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
        ..DNS_WRONG_HOST.finding(confidence)
    })
}

/// The name of another machine by which the server calls itself, and where. In an error it may be an account's.
fn answers_as<'a>(
    attempt: &Attempt,
    exchange: &'a HttpExchange,
) -> Option<(&'a str, FrameNumber, Confidence)> {
    let frame = exchange.answer.as_ref()?.span.first();
    let in_challenge = challenge_name(exchange).map(|name| (name, frame, Confidence::Proven));
    let in_error = || {
        let sname = exchange.krb_error()?.sname.as_ref()?;
        let name = sname.host().or_else(|| computer(sname))?;
        Some((name, frame, Confidence::Likely))
    };
    in_challenge
        .or_else(in_error)
        .filter(|(name, ..)| !name.is_empty() && !attempt.target.is_meant_by(name))
}

/// The server's DNS name in its NTLM challenge, if its NetBIOS name differs from that of the target as well.
fn challenge_name(exchange: &HttpExchange) -> Option<&str> {
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
