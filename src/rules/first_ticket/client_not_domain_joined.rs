//! Rule `client-not-domain-joined`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::{Attempt, AttemptKind};
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
    /// An NTLM proof whose domain is the machine's own name, and no ticket of the machine's account beside it.
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
        || attempt.computer_ticket.is_some()
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
    let (confidence, asked) = asked_no_kdc(attempt);
    Some(Finding {
        severity: severity(attempt),
        title: format!("{machine} proves itself with an account of its own, {domain}\\{user}"),
        explanation: format!(
            "The NTLM proof names the machine itself as the domain: an account of {machine} is nothing that the server's domain knows. {asked}"
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
        ..CLIENT_NOT_DOMAIN_JOINED.finding(confidence)
    })
}

/// A proof that the server takes holds nobody up, but no domain stands behind it.
fn severity(attempt: &Attempt) -> Severity {
    match (attempt.is_accepted(), attempt.kind) {
        (false, _) => CLIENT_NOT_DOMAIN_JOINED.meta.severity,
        (true, AttemptKind::Ccm) => Severity::Warning,
        (true, _) => Severity::Note,
    }
}

/// What it means that no ticket request is in the capture.
fn asked_no_kdc(attempt: &Attempt) -> (Confidence, &'static str) {
    if attempt.visibility.sees_kdc_side {
        (
            Confidence::Likely,
            "Traffic between the client and its name servers or domain controllers is in the capture, and the client asks for no ticket on the way to this server.",
        )
    } else {
        (
            Confidence::Possible,
            "No traffic between the client and any domain controller is in the capture: it may have been taken at the server, and then ticket requests would not be seen.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::outcome::Outcome;
    use crate::rules::testing::{attempt, shows_ntlm, web};
    use crate::wire::ntlm::NtlmAuthenticate;

    fn local_account() -> Attempt {
        let proof = NtlmAuthenticate {
            user: Some("admin".into()),
            domain: Some("WK02".into()),
            workstation: Some("wk02".into()),
            ..NtlmAuthenticate::default()
        };
        let mut attempt = attempt(60);
        attempt.outcome = Outcome::Rejected;
        attempt.http = vec![shows_ntlm(web(3, 401), NtlmMessage::Authenticate(proof))];
        attempt
    }

    #[test]
    fn a_computer_that_gets_tickets_is_in_a_domain() {
        assert!(check(&local_account()).is_some());
        let member = Attempt {
            computer_ticket: Some(FrameNumber(1)),
            ..local_account()
        };
        assert!(check(&member).is_none());
    }

    #[test]
    fn a_capture_from_the_server_shows_no_requests_and_proves_no_absence() {
        let mut at_server = local_account();
        at_server.visibility.sees_kdc_side = false;
        let confidence = |attempt| check(attempt).map(|finding| finding.confidence);
        assert_eq!(confidence(&at_server), Some(Confidence::Possible));
        assert_eq!(confidence(&local_account()), Some(Confidence::Likely));
    }

    #[test]
    fn a_local_account_that_is_accepted_is_no_error() {
        let mut accepted = local_account();
        accepted.outcome = Outcome::NtlmAccepted;
        let severity = check(&accepted).map(|finding| finding.severity);
        assert_eq!(severity, Some(Severity::Warning));
    }
}
