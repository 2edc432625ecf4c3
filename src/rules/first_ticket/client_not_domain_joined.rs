//! Rule `client-not-domain-joined`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::ntlm::NtlmMessage;

declare_rule! {
    /// ## What it means
    ///
    /// The client proves itself with an account of its own machine: it is in no domain, or its membership is broken.
    /// Automatic approval cannot work.
    ///
    /// ## How it shows
    ///
    /// An NTLM proof whose domain is the machine's own name, and no request to a KDC.
    ///
    /// ## What else it could be
    ///
    /// A program that runs as a local account on a machine that is in a domain does the same.
    ///
    /// ## What to do
    ///
    /// Join the computer to the domain, or approve it by hand.
    pub(in crate::rules) static CLIENT_NOT_DOMAIN_JOINED = {
        id: "client-not-domain-joined",
        summary: "the computer shows no identity of a domain",
        severity: Error,
        stage: As,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: ["ntlm-no-tgs-attempt", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos()
        || !attempt.tickets.is_empty()
        || attempt.shown_tickets().next().is_some()
    {
        return None;
    }
    let (shown, proof) = attempt.http.iter().rev().find_map(|exchange| {
        match exchange.windows_token()?.ntlm.as_ref()? {
            NtlmMessage::Authenticate(proof) => Some((exchange, proof)),
            _ => None,
        }
    })?;
    let (domain, machine) = (
        proof.domain.as_ref()?.as_str(),
        proof.workstation.as_ref()?.as_str(),
    );
    if machine.is_empty() || !domain.eq_ignore_ascii_case(machine) {
        return None;
    }
    let user = proof.user.as_ref().map_or("nobody", |user| user.as_str());
    Some(Finding {
        title: format!("{machine} proves itself with an account of its own, {domain}\\{user}"),
        explanation: format!(
            "The NTLM proof names the machine itself as the domain, and the client asked no KDC for anything. An account of {machine} means nothing to the server's domain."
        ),
        evidence: vec![Evidence::new(
            shown.asked.first(),
            format!("an NTLM proof of {domain}\\{user} from {machine}"),
        )],
        rivals: vec![Rival::new(
            "ntlm-no-tgs-attempt",
            "a program that runs as a local account does the same on a machine that is in a domain: nltest tells",
        )],
        fix: vec![
            Fix::new(
                "See whether the computer is in a domain, on the client",
                Some("nltest /sc_query:%USERDNSDOMAIN%".to_owned()),
            ),
            Fix::new(
                "The same on newer systems",
                Some("dsregcmd /status".to_owned()),
            ),
        ],
        ..CLIENT_NOT_DOMAIN_JOINED.finding(Confidence::Likely)
    })
}
