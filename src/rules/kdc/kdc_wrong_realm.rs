//! Rule `kdc-wrong-realm`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::NameType;

declare_rule! {
    /// ## What it means
    ///
    /// The client asked a KDC that does not serve the realm it asks for, and did not go to the realm that was named
    /// instead.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 68 as the last word.
    ///
    /// ## What else it could be
    ///
    /// For a name of the form `user@domain` the same code is a normal referral.
    ///
    /// ## What to do
    ///
    /// Let the client locate a domain controller anew; remove records of retired ones.
    pub(in crate::rules) static KDC_WRONG_REALM = {
        id: "kdc-wrong-realm",
        summary: "the KDC does not serve that realm",
        severity: Error,
        stage: As,
        owner: Network,
        sources: ["RFC 6806 section 7"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_first_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::WRONG_REALM])
            && request
                .request
                .cname
                .as_ref()
                .is_none_or(|name| name.kind != NameType::ENTERPRISE)
    })?;
    let (account, realm) = (refusal.account(attempt), refusal.realm());
    let named = refusal
        .error
        .crealm
        .as_ref()
        .map_or_else(String::new, |other| format!(" It names {other} instead."));
    Some(Finding {
        title: format!("{account} asked a KDC that does not serve {realm}"),
        explanation: format!(
            "The KDC at {} answered that it does not serve {realm}.{named} The client got no first ticket afterwards.",
            refusal.request.kdc.addr
        ),
        rivals: vec![],
        fix: vec![Fix::new(
            "Locate a domain controller anew, on the client",
            command::with(realm, |name| format!("nltest /dsgetdc:{name} /force")),
        )],
        ..refusal.finding(&KDC_WRONG_REALM, Confidence::Proven)
    })
}
