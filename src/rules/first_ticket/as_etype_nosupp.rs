//! Rule `as-etype-nosupp`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::KrbError;

declare_rule! {
    /// ## What it means
    ///
    /// The client and its account share no encryption type: one side is limited to types that the other does not have.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 14 to an AS-REQ, and no success with another list afterwards.
    ///
    /// ## What else it could be
    ///
    /// A first try with new types against an old domain controller, followed by success with another, is normal.
    ///
    /// ## What to do
    ///
    /// Reset the account's password, so that keys of all types are made; compare the policies of client and domain
    /// controllers.
    pub(in crate::rules) static AS_ETYPE_NOSUPP = {
        id: "as-etype-nosupp",
        summary: "no encryption type in common for the first ticket",
        severity: Error,
        stage: As,
        owner: Directory,
        sources: ["https://learn.microsoft.com/windows-server/security/kerberos/detect-remediate-rc4-kerberos"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// What the policy "Configure encryption types allowed for Kerberos" sets.
const CLIENT_TYPES: &str = r"reg query HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Kerberos\Parameters /v SupportedEncryptionTypes";

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::ETYPE_NOSUPP])
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    let offered = offered(refusal.request);
    let held = held(refusal.error);
    Some(Finding {
        title: format!("{account} and {realm} have no encryption type in common"),
        explanation: format!(
            "{offered}The KDC of {realm} answered {}: for {account} it has no key of a type that the client takes, or may not use it.{held}",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![
            Fix::new(
                "See the types of the account",
                command::with(account.trim_end_matches('$'), |name| {
                    format!(
                        "Get-ADComputer {name} -Properties msDS-SupportedEncryptionTypes,pwdLastSet"
                    )
                }),
            ),
            Fix::new(
                "See which types a policy lets the client use, on the client",
                Some(CLIENT_TYPES.to_owned()),
            ),
            Fix::new(
                "If the account lacks keys of a type, make new ones, on the client",
                Some("Test-ComputerSecureChannel -Repair".to_owned()),
            ),
        ],
        ..refusal.finding(&AS_ETYPE_NOSUPP, Confidence::Proven)
    })
}

/// What the KDC says of the account's keys, where its refusal lists their types.
fn held(error: &KrbError) -> String {
    let types: Vec<String> = error.etype_info.iter().map(ToString::to_string).collect();
    if types.is_empty() {
        String::new()
    } else {
        format!(" It lists {} for the account.", types.join(", "))
    }
}

/// `The client offered aes256-cts-hmac-sha1-96 (18). `, or nothing where the list was cut off.
fn offered(request: &TicketRequest) -> String {
    let types: Vec<String> = request
        .request
        .etypes
        .iter()
        .map(ToString::to_string)
        .collect();
    if types.is_empty() {
        String::new()
    } else {
        format!("The client offered {}. ", types.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, first_ticket, issued, refused, tgs};
    use crate::wire::kerberos::etype::EncryptionType;

    fn explained(tickets: Vec<TicketRequest>) -> Option<String> {
        let mut attempt = attempt(60);
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.explanation)
    }

    fn nosupp() -> TicketRequest {
        refused(first_ticket(1, "WK02$"), ErrorCode::ETYPE_NOSUPP)
    }

    #[test]
    fn the_list_is_told_where_it_is_seen() {
        let mut listed = nosupp();
        listed.request.etypes = vec![EncryptionType::RC4];
        let told = |tickets| explained(tickets).is_some_and(|text| text.contains("offered"));
        assert!(told(vec![listed]));
        assert!(!told(vec![nosupp()]));
        assert!(explained(vec![nosupp()]).is_some());
    }

    #[test]
    fn a_client_that_holds_an_earlier_ticket_is_not_held_up() {
        let unknown = refused(tgs(3, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        assert_eq!(explained(vec![nosupp(), unknown]), None);
        let healed = issued(first_ticket(3, "WK02$"), &format!("krbtgt/{HOME}"));
        assert_eq!(explained(vec![nosupp(), healed]), None);
    }
}
