//! Rule `tgs-policy-other`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::refusal::{Refusal, has_code};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC knows client and service and refuses the ticket by a policy: an authentication policy or silo, a rule
    /// about tickets of branch controllers, or realms crossed on the way.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 12 to a plain request for the service, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// After a referral, selective authentication of the trust, where the KDC sends no status. Where the client was referred
    /// or shows a referral, the realms may have sent it in a circle, which a KDC may end with this error too.
    ///
    /// ## What to do
    ///
    /// Read the domain controller's log of authentication policies; look at policies on the server's account.
    pub(in crate::rules) static TGS_POLICY_OTHER = {
        id: "tgs-policy-other",
        summary: "a policy of the KDC forbids the service ticket",
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
    let refusal = Refusal::of_ticket(attempt, |request, error| {
        has_code(error, &[ErrorCode::POLICY]) && request.is_plain()
    })?;
    let (service, realm) = (refusal.service(), refusal.realm());
    let selective = std::iter::once(Rival::new(
        "tgs-policy-selective-auth",
        "if the trust is set to selective authentication, this may be its refusal without a status: the settings of the trust tell",
    ));
    let words = refusal.words().map_or_else(String::new, |words| {
        format!(" It adds the words \"{words}\".")
    });
    Some(Finding {
        title: format!("A policy of {realm} refuses the client a ticket for {service}"),
        explanation: format!("The KDC of {realm} answered {} to the request for {service}. That is its own decision, not a missing name or key.{words}", refusal.said()),
        rivals: selective.chain([disabled_since()]).chain(circle(attempt)).collect(),
        fix: vec![Fix::new("Read the log of authentication policies, on the domain controller", Some("wevtutil qe Microsoft-Windows-Authentication/AuthenticationPolicyFailures-DomainController /c:10 /rd:true /f:text".to_owned())), Fix::new("List the policies", Some("Get-ADAuthenticationPolicy -Filter *".to_owned())), ],
        ..refusal.finding(&TGS_POLICY_OTHER, Confidence::Likely)
    })
}

/// Samba's KDC says so of a client whose account it does not let in any more.
fn disabled_since() -> Rival {
    Rival::new(
        "as-client-revoked",
        "the client's account may have been disabled, or have expired, since it got its first ticket: the account itself tells",
    )
}

/// A client on its way through realms, of whose way the capture may lack a part.
fn circle(attempt: &Attempt) -> Option<Rival> {
    let shows_referral = |request: &TicketRequest| {
        let shown = request.request.tgt.as_ref()?;
        let reader = shown.sname.krbtgt_realm()?;
        Some(!shown.realm.same_name(reader))
    };
    let mut requests = attempt.service_tickets();
    let is_on_way = attempt.referrals().next().is_some()
        || requests.any(|request| shows_referral(request) == Some(true));
    is_on_way.then(|| Rival::new("ref-loop", "the client was referred from realm to realm: if one of them sends it back to where it was, a KDC may end the circle so; the ticket path tells, or a capture that has every answer of it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, NEXT, SERVICE, attempt, refused, tgs};

    #[test]
    fn a_circle_is_a_rival_of_a_client_that_was_referred() {
        let refused = || refused(tgs(5, HOME, SERVICE), ErrorCode::POLICY);
        let rivals = |attempt: &Attempt| -> Vec<&'static str> {
            let found = check(attempt).expect("a policy");
            found.rivals.iter().map(|rival| rival.rule).collect()
        };
        let mut at_home = attempt(60);
        at_home.tickets.push(refused());
        assert_eq!(
            rivals(&at_home),
            ["tgs-policy-selective-auth", "as-client-revoked"]
        );
        let mut returned = attempt(60);
        let mut request = refused();
        if let Some(tgt) = &mut request.request.tgt {
            tgt.realm = NEXT.into();
        }
        returned.tickets.push(request);
        assert_eq!(rivals(&returned).last(), Some(&"ref-loop"));
    }
}
