//! Rule `nlb-name-computer-spn`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;
use crate::wire::ntlm::NtlmMessage;

declare_rule! {
    /// ## What it means
    ///
    /// Behind the one name stand several servers. A ticket for the name is under one key, and only a server that has
    /// that key can open it.
    ///
    /// ## How it shows
    ///
    /// The answers under one name come from machines that call themselves by different names, and a ticket was refused.
    ///
    /// ## What else it could be
    ///
    /// Management points with names of their own, of which a client uses one after the other, are another matter: then a stale
    /// record in DNS leads to the wrong one. If all nodes are to share an account, the name may be on it and IIS not use its key.
    ///
    /// ## What to do
    ///
    /// Let the pools of all nodes run as one account that holds the name, or list the nodes one by one.
    pub(in crate::rules) static NLB_NAME_COMPUTER_SPN = {
        id: "nlb-name-computer-spn",
        summary: "one name, several servers with keys of their own",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/en-us/archive/blogs/gastori/sccm-mixed-mode-client-approval-process-and-troubleshooting"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account", "dns-wrong-host"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let mut named = attempt.http.iter().filter_map(own_name);
    let (first, first_frame) = named.next()?;
    let (other, other_frame) = named.find(|(name, _)| !name.eq_ignore_ascii_case(first))?;
    let answer = refused.answer.as_ref()?;
    Some(Finding {
        title: format!("Behind one name stand several servers: {first} and {other}"),
        explanation: format!(
            "Answers under the same name come from machines that call themselves {first} and {other}. A ticket for the name is under one key; a node with another key refuses it."
        ),
        evidence: vec![
            Evidence::new(answer.span.first(), "the ticket is refused"),
            Evidence::new(first_frame, format!("the server calls itself {first}")),
            Evidence::new(other_frame, format!("the server calls itself {other}")),
        ],
        rivals: vec![
            Rival::new(
                "dns-wrong-host",
                "the name may belong to one of them alone, and its record in DNS lead to the other too: nslookup lists all addresses, and who published them tells",
            ),
            Rival::new(
                "http-spn-on-user-account",
                "the name may be on one account that all of them are to use, and the pools or IIS not be set to it: setspn -Q tells whose key it is",
            ),
        ],
        fix: vec![Fix::new(
            "Let the application pools of all nodes run as one domain account that holds the name, and let IIS use it",
            None,
        )],
        ..NLB_NAME_COMPUTER_SPN.finding(Confidence::Likely)
    })
}

/// How the server calls itself in its NTLM challenge, and where.
fn own_name(exchange: &HttpExchange) -> Option<(&str, FrameNumber)> {
    let answer = exchange.answer.as_ref()?;
    let NtlmMessage::Challenge(challenge) = answer.response.head.auth.as_ref()?.ntlm.as_ref()?
    else {
        return None;
    };
    let name = challenge.av.netbios_computer.as_ref()?.as_str();
    Some((name, answer.span.first()))
}
