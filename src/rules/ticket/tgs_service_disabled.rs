//! Rule `tgs-service-disabled`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::command;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::text::WireText;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::KrbError;
use crate::wire::kerberos::mit_words;

declare_rule! {
    /// ## What it means
    ///
    /// The account that carries the service name is disabled, expired or not valid yet.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 19, 2 or 22 to a TGS-REQ for the service. A KDC of MIT answers 7, as for a name that it does not know, with the words
    /// `SERVER LOCKED OUT`.
    ///
    /// ## What else it could be
    ///
    /// Some KDCs say the same with code 18, which usually is about the client, or with code 7 without a word.
    ///
    /// ## What to do
    ///
    /// Enable the account that carries the name.
    pub(in crate::rules) static TGS_SERVICE_DISABLED = {
        id: "tgs-service-disabled",
        summary: "the account of the service is disabled or expired",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["ref-dead-end", "tgs-spn-unknown", "dns-cname-spn", "trust-external", "http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refusal = Refusal::of_ticket(attempt, |_, error| {
        has_code(
            error,
            &[
                ErrorCode::SERVICE_REVOKED,
                ErrorCode::SERVICE_EXP,
                ErrorCode::SERVICE_NOTYET,
            ],
        ) || is_locked_out(error)
    })?;
    let (service, realm, host) = (refusal.service(), refusal.realm(), refusal.host());
    let words = refusal.words().filter(|_| is_locked_out(refusal.error));
    let state = words.map_or_else(|| refusal.error.code.to_string(), ToOwned::to_owned);
    let words = words.map_or_else(String::new, |words| format!(" with the words \"{words}\""));
    Some(Finding {
        title: format!("The account behind {service} is not in use: {state}"),
        explanation: format!(
            "The KDC of {realm} knows {service} and answered {}{words}. No ticket is issued for an account in that state.",
            refusal.said()
        ),
        rivals: vec![],
        fix: vec![Fix::new(
            "See the state of the account that holds the name",
            command::with(host, |name| {
                format!(
                    "Get-ADObject -LDAPFilter \"(servicePrincipalName=HTTP/{name})\" -Properties userAccountControl,accountExpires"
                )
            }),
        )],
        ..refusal.finding(&TGS_SERVICE_DISABLED, Confidence::Proven)
    })
}

/// A KDC of MIT hides the state of a service behind the code for an unknown one, but for its words.
fn is_locked_out(error: &KrbError) -> bool {
    let words = error.e_text.as_ref().map(WireText::as_str);
    error.code == ErrorCode::S_PRINCIPAL_UNKNOWN && words == Some(mit_words::SERVER_LOCKED_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ticket_request::KdcVerdict;
    use crate::rules::testing::{HOME, SERVICE, attempt, refused, tgs};
    use crate::rules::{Selection, attempt_findings};

    #[test]
    fn a_service_that_is_locked_out_is_told_from_an_unknown_one() {
        let headline = |words: &str| {
            let mut request = refused(tgs(3, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
            if let Some(answer) = &mut request.answer
                && let KdcVerdict::Refused(error) = &mut answer.verdict
            {
                error.e_text = Some(words.into());
            }
            let mut seen = attempt(20);
            seen.tickets = vec![request];
            let found = attempt_findings(&seen, &Selection::default());
            let led = found.into_iter().find(|finding| finding.headline);
            led.map(|finding| finding.rule.id)
        };
        assert_eq!(headline("SERVER LOCKED OUT"), Some("tgs-service-disabled"));
        assert_eq!(headline("LOOKING_UP_SERVER"), Some("tgs-spn-unknown"));
    }
}
