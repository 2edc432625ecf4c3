//! Rule `tgs-spn-duplicate`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::outputs::Holders;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// More than one account carries the service name that the client asked a ticket for. The KDC cannot choose one.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 8 to a TGS-REQ for the service; or KRB-ERROR 7, and the output of `setspn` beside the capture names more than one
    /// account with the name.
    ///
    /// ## What else it could be
    ///
    /// Windows often answers 7 instead, as for a name that nobody has. Where the second account is in another domain, a
    /// ticket under the wrong key may be issued.
    ///
    /// ## What to do
    ///
    /// Find both accounts and take the name off the wrong one.
    pub(in crate::rules) static TGS_SPN_DUPLICATE = {
        id: "tgs-spn-duplicate",
        summary: "two accounts carry this service name",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    said(attempt).or_else(|| listed(attempt))
}

/// The KDC says so.
fn said(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(error, &[ErrorCode::PRINCIPAL_NOT_UNIQUE])
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let explanation = format!(
        "The KDC of {realm} answered that {service} is not unique: it finds more than one account with that name and issues no ticket."
    );
    Some(finding(attempt, &refusal, explanation, Confidence::Proven))
}

/// The KDC finds no such name, and the directory's own list has it more than once.
fn listed(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        let service = request.service().filter(|service| service.is_http());
        let holders = service.map(|service| Holders::of(attempt, service));
        has_code(error, &[ErrorCode::S_PRINCIPAL_UNKNOWN])
            && holders.is_some_and(|holders| holders.are_several())
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let explanation = format!(
        "The KDC of {realm} answered that it finds no {service}, as Windows does for a name that several accounts hold; and setspn finds it on more than one."
    );
    Some(finding(attempt, &refusal, explanation, Confidence::Likely))
}

fn finding(
    attempt: &Attempt,
    refusal: &Refusal<'_>,
    explanation: String,
    confidence: Confidence,
) -> Finding {
    let service = refusal.service();
    let mut finding = refusal.finding(&TGS_SPN_DUPLICATE, confidence);
    if let Some(asked) = refusal.request.service() {
        let frame = refusal.request.asked.first();
        let holders = Holders::of(attempt, asked);
        finding.evidence.extend(holders.evidence(frame));
    }
    Finding {
        title: format!("Several accounts carry {service}"),
        explanation,
        rivals: vec![],
        fix: vec![
            Fix::new(
                "Find the names that are held twice",
                Some("setspn -X -F".to_owned()),
            ),
            Fix::new(
                "See who holds this one",
                command::with(&service, |name| format!("setspn -Q {name}")),
            ),
            Fix::new(
                "Take it off the account that is not to hold it (DOMAIN\\ACCOUNT)",
                command::with(&service, |name| format!("setspn -D {name} DOMAIN\\ACCOUNT")),
            ),
        ],
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, holds, refused, tgs};

    fn unknown(accounts: &[&str]) -> Attempt {
        let mut attempt = attempt(20);
        let request = tgs(1, HOME, SERVICE);
        attempt
            .tickets
            .push(refused(request, ErrorCode::S_PRINCIPAL_UNKNOWN));
        attempt.outputs = accounts.iter().map(|it| holds(it, SERVICE)).collect();
        attempt
    }

    #[test]
    fn a_name_on_two_accounts_is_known_from_the_directorys_list() {
        let found = check(&unknown(&["CN=MP,DC=root,DC=lab", "CN=svc,DC=root,DC=lab"]));
        let found = found.expect("a finding");
        assert_eq!(found.confidence, Confidence::Likely);
        let lines = found.evidence.iter().filter(|it| it.source.is_some());
        assert_eq!(lines.count(), 2);
    }

    #[test]
    fn one_account_listed_twice_is_one() {
        assert!(check(&unknown(&["CN=MP,DC=root,DC=lab", "cn=mp,dc=root,dc=lab"])).is_none());
        assert!(check(&unknown(&[])).is_none());
    }
}
