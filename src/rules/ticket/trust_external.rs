//! Rule `trust-external`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The client's realm gives neither a ticket nor a referral for a server of another realm. An external trust, unlike a
    /// forest trust, has no list of name suffixes by which a KDC could refer.
    ///
    /// ## How it shows
    ///
    /// The home KDC answers KRB-ERROR 7 for the service, and knows no ticket-granting service of the other realm either.
    ///
    /// ## What else it could be
    ///
    /// A missing service name leaves the first of these answers alone; then the rule for that leads, and this one is its
    /// rival.
    ///
    /// ## What to do
    ///
    /// See which trusts there are; join the two forests by a forest trust between their root domains.
    pub(in crate::rules) static TRUST_EXTERNAL = {
        id: "trust-external",
        summary: "no Kerberos route to the server's realm",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007", "https://xitnotes.wordpress.com/2012/03/29/kerberos-in-an-active-directory-forest-trust-vs-external-trust"],
        since: "0.1.0",
        supersedes: ["tgs-spn-unknown", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.referrals().next().is_some()
        || attempt.granted_service_ticket().is_some()
        || attempt.is_accepted_by_kerberos()
    {
        return None;
    }
    let unknown = |request: &&TicketRequest| {
        request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) && !attempt.is_healed(request)
    };
    let service = attempt.service_tickets().filter(unknown).last()?;
    let (route, next) = attempt
        .tickets
        .iter()
        .filter(unknown)
        .find_map(|request| Some((request, request.service()?.krbtgt_realm()?)))?;
    let name = service.service()?;
    let realm = route.realm().unwrap_or("the client's realm");
    Some(Finding {
        title: format!("{realm} has no Kerberos route to {next}"),
        explanation: format!(
            "The KDC of {realm} knows neither {name} nor the ticket-granting service of {next}, and refers the client to no other realm. Between the two there is no trust, or one that Kerberos cannot use, such as an external trust."
        ),
        evidence: vec![
            Evidence::new(
                route.answered_in()?,
                format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) for krbtgt/{next}"),
            ),
            Evidence::new(
                service.answered_in()?,
                format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) for {name}"),
            ),
        ],
        rivals: vec![Rival::new(
            "tgs-spn-unknown",
            "the service name may be missing as well: ask for it in the other realm with setspn -T",
        )],
        fix: vec![
            Fix::new(
                "List the trusts, on a domain controller of the client's realm",
                Some("nltest /domain_trusts /all_trusts /v".to_owned()),
            ),
            Fix::new(
                "See which names the trust routes",
                command::with(realm, |realm| {
                    format!("netdom trust {realm} /domain:{next} /namesuffixes:{next}")
                })
                .filter(|_| command::argument(next).is_some()),
            ),
        ],
        ..TRUST_EXTERNAL.finding(Confidence::Likely)
    })
}
