//! Rule `tgs-must-use-u2u`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The name leads to an account without a service name of its own. The KDC issues tickets to it for user-to-user
    /// authentication only.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 27 to a TGS-REQ for the service.
    ///
    /// ## What else it could be
    ///
    /// Programs that use user-to-user by design are told the same; a web server is none of them.
    ///
    /// ## What to do
    ///
    /// Register the service name on the account that runs the web site.
    pub(in crate::rules) static TGS_MUST_USE_U2U = {
        id: "tgs-must-use-u2u",
        summary: "the account behind the name takes user-to-user only",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(
            error,
            &[
                ErrorCode::MUST_USE_USER2USER,
                ErrorCode::USER_TO_USER_REQUIRED,
            ],
        )
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let words = refusal.words();
    let words = words.map_or_else(String::new, |words| format!(", with the words \"{words}\""));
    Some(Finding {
        title: format!("The KDC of {realm} issues tickets for {service} for user-to-user only"),
        explanation: format!(
            "The KDC of {realm} finds an account for {service} and will issue tickets to it for user-to-user only{words}. In a directory of Windows that is an account that no service name was given; elsewhere, one that may not be a service."
        ),
        rivals: vec![],
        fix: vec![
            Fix::new(
                "See who holds the name",
                command::with(&service, |name| format!("setspn -Q {name}")),
            ),
            Fix::new(
                "Register it on the account that runs the web site (ACCOUNT)",
                command::with(&service, |name| format!("setspn -S {name} ACCOUNT")),
            ),
        ],
        ..refusal.finding(&TGS_MUST_USE_U2U, Confidence::Proven)
    })
}
