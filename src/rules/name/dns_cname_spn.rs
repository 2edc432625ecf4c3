//! Rule `dns-cname-spn`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::target::is_host_of;
use crate::rules::command;
use crate::rules::refusal::Refusal;
use crate::rules::rule::declare_rule;
use crate::text::WireText;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// In DNS the name is an alias. The client asked for a ticket under one of the two names, and only the other one is
    /// registered, if any.
    ///
    /// ## How it shows
    ///
    /// DNS answers with a CNAME, and the TGS-REQ for a name of that chain is refused with KRB-ERROR 7.
    ///
    /// ## What else it could be
    ///
    /// Neither of the two names may be registered.
    ///
    /// ## What to do
    ///
    /// Use the host's own name, or register the alias on the account that runs the web service.
    pub(in crate::rules) static DNS_CNAME_SPN = {
        id: "dns-cname-spn",
        summary: "the name is an alias, and the service name follows the other one",
        severity: Error,
        stage: Name,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "tgs-spn-unknown"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let lookup = attempt
        .lookups
        .iter()
        .find(|lookup| lookup.aliases().next().is_some())?;
    let real = lookup.aliases().last()?.as_str();
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        let asked = request.service().and_then(PrincipalName::host);
        let in_chain = asked.is_some_and(|host| {
            let aliases = lookup.aliases().map(WireText::as_str);
            is_host_of(std::iter::once(lookup.name.as_str()).chain(aliases), host)
        });
        error.code == ErrorCode::S_PRINCIPAL_UNKNOWN && in_chain
    })?;
    let (service, realm, alias) = (refusal.service(), refusal.realm(), lookup.name.as_str());
    let finding = refusal.finding(&DNS_CNAME_SPN, Confidence::Likely);
    let in_dns = Evidence::new(
        lookup.last_span().last(),
        format!("DNS: {alias} is an alias of {real}"),
    );
    Some(Finding {
        title: format!("{alias} is an alias of {real}, and the KDC does not find {service}"),
        explanation: format!(
            "DNS says that {alias} is an alias of {real}. The client asked the KDC of {realm} for {service}, and the KDC finds no such name."
        ),
        evidence: finding.evidence.iter().cloned().chain([in_dns]).collect(),
        rivals: vec![Rival::new(
            "tgs-spn-unknown",
            "the other name may not be registered either: setspn -Q for both tells",
        )],
        fix: vec![
            Fix::new(
                "See who holds the alias",
                command::with(alias, |name| format!("setspn -Q HTTP/{name}")),
            ),
            Fix::new(
                "See who holds the host's own name",
                command::with(real, |name| format!("setspn -Q HTTP/{name}")),
            ),
        ],
        ..finding
    })
}
