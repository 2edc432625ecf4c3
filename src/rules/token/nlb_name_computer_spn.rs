//! Rule `nlb-name-computer-spn`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::name::dns_wrong_host::{challenge_name, is_of_target};
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::ntlm::NtlmMessage;

declare_rule! {
    /// ## What it means
    ///
    /// Behind the one name stand several servers. A ticket for the name is under one key, and only a server that has
    /// that key can open it.
    ///
    /// ## How it shows
    ///
    /// The answers under one name come from machines that call themselves by different names, and a ticket was refused. Or one ticket is
    /// accepted, refused and accepted again at one address; or the capture shows that the machine there passes requests on to several,
    /// of which one accepts the ticket and another refuses it. Or the web server's log has the request at another address than the one that
    /// the client talks to, and the server calls itself by another name than the one that is asked for.
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
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account", "dns-wrong-host", "ap-modified-stale-password", "ap-no-key", "one-ticket-two-answers"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    by_ticket(attempt)
        .or_else(|| by_name(attempt))
        .or_else(|| by_log(attempt))
}

/// The same ticket is accepted and refused, by machines that are seen to be two, or in turn.
fn by_ticket(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| !token::is_of_time(refused))?;
    let taken = attempt.around.taken?;
    let address = taken.server;
    let passed = refused.passed_on.as_ref().map(|passed| passed.server.addr);
    let two = taken
        .behind
        .zip(passed)
        .filter(|(opens, shuts)| opens != shuts);
    let answer = refused.answer.as_ref()?.span.first();
    let again = taken.again;
    let told = match (two, again) {
        (Some((opens, shuts)), _) => format!(
            "{address} passes requests on to several machines. {opens} accepts the ticket, and {shuts} refuses the same one: they do not have the same key."
        ),
        (None, Some(again)) => format!(
            "{address} accepts the ticket, refuses the same one in frame {answer}, and accepts it again in frame {again}. A ticket does not change, so several machines answer there, as behind a load balancer, and they do not have the same key."
        ),
        (None, None) => {
            let before = taken.refused?;
            format!(
                "{address} refuses the ticket in frame {before}, accepts the same one in frame {}, and refuses it again in frame {answer}. A ticket does not change, so several machines answer there, as behind a load balancer, and they do not have the same key.",
                taken.frame
            )
        }
    };
    let title = match two {
        Some((opens, shuts)) => format!(
            "Behind one name stand several servers: {opens} opens the ticket and {shuts} does not"
        ),
        None => {
            format!("Behind {address} stand several servers, and not all of them open the ticket")
        }
    };
    let changed = Rival::new(
        "one-ticket-two-answers",
        "one server may have been changed, and changed back, between these frames",
    );
    let accepted = Evidence::new(taken.frame, "the ticket is accepted");
    let again = again.map(|frame| Evidence::new(frame, "it is accepted again"));
    Some(Finding {
        title,
        explanation: told,
        evidence: [
            Evidence::new(answer, "the same ticket is refused"),
            accepted,
        ]
        .into_iter()
        .chain(again)
        .collect(),
        rivals: two.is_none().then_some(changed).into_iter().collect(),
        fix: vec![
            Fix::new(
                "Try each machine behind the address by itself, to see which one refuses",
                None,
            ),
            one_account(),
        ],
        ..NLB_NAME_COMPUTER_SPN.finding(match two {
            Some(_) => Confidence::Proven,
            None => Confidence::Likely,
        })
    })
}

fn one_account() -> Fix {
    Fix::new(
        "Let the application pools of all nodes run as one domain account that holds the name, and let IIS use it",
        None,
    )
}

fn by_name(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let mut named = attempt.http.iter().filter_map(own_name);
    let first = named.next()?;
    let other = named.find(|other| !other.name.eq_ignore_ascii_case(first.name))?;
    let is_one_address = first.address == other.address;
    let (first, first_frame) = (first.name, first.frame);
    let (other, other_frame) = (other.name, other.frame);
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
        rivals: rivals(is_one_address),
        fix: vec![one_account()],
        ..NLB_NAME_COMPUTER_SPN.finding(Confidence::Likely)
    })
}

/// The server's log has the request at an address of its own, so a device is in front, and the machine behind it has another name
/// than the one that is asked for.
fn by_log(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let front = refused.server.addr;
    let mut logged = refused.recorded.iter();
    let (line, node) = logged.find_map(|line| Some((&line.source, line.server?)))?;
    let is_elsewhere = |it: &HttpExchange| {
        let mut logged = it.recorded.iter();
        logged.any(|line| line.server.is_some_and(|other| other != node))
    };
    let at_front = attempt
        .http
        .iter()
        .filter(|it| it.server.addr == front && !is_elsewhere(it));
    let names = at_front.filter_map(|it| Some((challenge_name(it)?, it.answer.as_ref()?)));
    let (name, challenge) = names.into_iter().next()?;
    if is_of_target(attempt, name) {
        return None;
    }
    let meant = attempt.target.name()?;
    let answer = refused.answer.as_ref()?.span.first();
    Some(Finding {
        title: format!(
            "{meant} leads to a device in front of {name}, which does not open the ticket"
        ),
        explanation: format!(
            "The client talks to {front}. The server's log has the refused request at {node}: a device passes requests on. The server behind it calls itself {name}; the ticket is for {meant}, and it is not under this server's key."
        ),
        evidence: vec![
            Evidence::new(answer, "the ticket is refused"),
            Evidence::of_line(answer, line, format!("the request is one at {node}")),
            Evidence::new(
                challenge.span.first(),
                format!("the server calls itself {name}"),
            ),
        ],
        rivals: rivals(true)
            .into_iter()
            .chain([Rival::new(
                "dns-wrong-host",
                "the device may pass requests on to a machine that is not meant: who runs it tells",
            )])
            .collect(),
        fix: vec![one_account()],
        ..NLB_NAME_COMPUTER_SPN.finding(Confidence::Likely)
    })
}

/// What else leaves these frames. Behind one address no record in DNS parts the machines.
fn rivals(is_one_address: bool) -> Vec<Rival> {
    let by_dns = (!is_one_address).then(|| Rival::new(
        "dns-wrong-host",
        "the name may belong to one of them alone, and its record in DNS lead to the other too: nslookup lists all addresses, and who published them tells",
    ));
    let by_account = Rival::new(
        "http-spn-on-user-account",
        "the name may be on one account that all of them are to use, and the pools or IIS not be set to it: setspn -Q tells whose key it is",
    );
    by_dns.into_iter().chain([by_account]).collect()
}

/// How a server calls itself.
struct Named<'a> {
    name: &'a str,
    address: IpAddr,
    frame: FrameNumber,
}

/// How the server calls itself in its NTLM challenge, and where.
fn own_name(exchange: &HttpExchange) -> Option<Named<'_>> {
    let answer = exchange.answer.as_ref()?;
    let NtlmMessage::Challenge(challenge) = answer.response.head.auth.as_ref()?.ntlm.as_ref()?
    else {
        return None;
    };
    let name = challenge.av.netbios_computer.as_ref()?.as_str();
    Some(Named {
        name,
        address: exchange.server.addr,
        frame: answer.span.first(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::witness::WebRecord;
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, logged, shows_ticket, web};
    use crate::wire::ntlm::{AvPairs, NtlmChallenge};

    /// A refused ticket, and challenges of two machines at these addresses.
    fn rivals_of(addresses: [&str; 2]) -> Vec<&'static str> {
        let legs = [("NODE1", 1), ("NODE2", 3)].into_iter().zip(addresses);
        let challenges = legs.map(|((name, frame), address)| {
            let challenge = NtlmMessage::Challenge(NtlmChallenge {
                av: AvPairs {
                    netbios_computer: Some(name.into()),
                    ..AvPairs::default()
                },
                ..NtlmChallenge::default()
            });
            let mut leg = answers(web(frame, 401), None, Some(challenge));
            leg.server.addr = address.parse().expect("an address");
            leg
        });
        let mut seen = attempt(60);
        seen.http = challenges.collect();
        seen.http.push(answers(
            shows_ticket(web(10, 401), NEXT, SERVICE),
            None,
            None,
        ));
        seen.outcome = Outcome::Rejected;
        let found = check(&seen).expect("a finding");
        found.rivals.iter().map(|rival| rival.rule).collect()
    }

    /// A refused ticket whose line in the log has this address of the server, which calls itself so.
    fn behind(node: Option<&str>, name: &str) -> Option<Finding> {
        let challenge = NtlmMessage::Challenge(NtlmChallenge {
            av: AvPairs {
                dns_computer: Some(name.into()),
                ..AvPairs::default()
            },
            ..NtlmChallenge::default()
        });
        let mut shown = answers(shows_ticket(web(10, 401), NEXT, SERVICE), None, None);
        shown.recorded.push(WebRecord {
            server: node.map(|node| node.parse().expect("an address")),
            ..logged(6)
        });
        let mut seen = attempt(60);
        seen.http = vec![shown, answers(web(12, 401), None, Some(challenge))];
        seen.outcome = Outcome::Rejected;
        check(&seen)
    }

    #[test]
    fn a_log_that_has_the_request_elsewhere_shows_a_device_in_front() {
        let found = behind(Some("10.0.0.91"), "node1.root.lab").expect("a finding");
        assert!(
            found.explanation.contains("10.0.0.91"),
            "{}",
            found.explanation
        );
        let source = found.evidence[1].source.as_deref();
        assert_eq!(source, Some("u_ex.log:6"));
        assert!(
            behind(None, "node1.root.lab").is_none(),
            "no device is seen"
        );
        assert!(behind(Some("10.0.0.91"), "mp.root.lab").is_none());
    }

    #[test]
    fn dns_parts_machines_of_two_addresses_and_never_those_behind_one() {
        let both = ["dns-wrong-host", "http-spn-on-user-account"];
        assert_eq!(rivals_of(["10.0.0.80", "10.0.0.81"]), both);
        assert_eq!(rivals_of(["10.0.0.80", "10.0.0.80"]), both[1..]);
    }
}
