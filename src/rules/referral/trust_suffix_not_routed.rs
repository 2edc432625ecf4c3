//! Rule `trust-suffix-not-routed`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::kinship::{Kinship, Told};
use crate::model::referrals::SeenReferral;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::{command, no_route};
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// There is a forest trust between the client's forest and the server's, but the suffix of the server's name is not among
    /// those that it routes: the client's KDC does not know that such names belong to the other forest.
    ///
    /// ## How it shows
    ///
    /// The home KDC answers KRB-ERROR 7 for the service and refers the client to nobody; the server is told to be of another
    /// forest; and the same KDC gives a referral into that forest for a host with another suffix.
    ///
    /// ## What else it could be
    ///
    /// The forest of a new domain may not have told the other side of it yet. A service name that is missing leaves a referral
    /// first where the suffix is routed.
    ///
    /// ## What to do
    ///
    /// See which suffixes the trust routes, and enable or add the one of the server's name.
    pub(in crate::rules) static TRUST_SUFFIX_NOT_ROUTED = {
        id: "trust-suffix-not-routed",
        summary: "a forest trust does not route the suffix of the server's name",
        severity: Error,
        stage: Referral,
        owner: Directory,
        sources: ["https://xitnotes.wordpress.com/2012/03/29/kerberos-in-an-active-directory-forest-trust-vs-external-trust", "MS-ADTS section 6.1.6.9.3"],
        since: "0.1.0",
        supersedes: ["tgs-spn-unknown", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "http-401-no-reason"],
        check: Attempt(check),
    }
}

/// A name that the KDC does not route, beside one that it does.
struct Unrouted<'a> {
    home: &'a str,
    host: &'a str,
    suffix: &'a str,
    refused: &'a TicketRequest,
    server: Told<'a>,
    client: Option<Told<'a>>,
    routed: &'a SeenReferral,
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let home = no_route::home(attempt)?;
    let refused = no_route::refused_service(attempt, home)?;
    let host = refused.service().and_then(PrincipalName::host)?;
    let (_, suffix) = host.split_once('.')?;
    let Kinship::Apart { server, client } = attempt.kinship() else {
        return None;
    };
    let there = || no_route::referrals_there(attempt, refused, server);
    let is_routed = |seen: &SeenReferral| {
        no_route::host_of(seen).is_some_and(|other| no_route::shares_suffix(host, other))
    };
    if there().any(is_routed) {
        return None;
    }
    let has_suffix = |seen: &&SeenReferral| no_route::host_of(seen)?.contains('.').then_some(());
    let unrouted = Unrouted {
        home,
        host,
        suffix,
        refused,
        server,
        client,
        routed: there().find(|seen| has_suffix(seen).is_some())?,
    };
    unrouted.finding()
}

impl Unrouted<'_> {
    fn finding(&self) -> Option<Finding> {
        let (home, host, suffix) = (self.home, self.host, self.suffix);
        let (forest, routed) = (self.server.forest, &self.routed.service);
        let (answered, referred) = (self.refused.answered_in()?, self.routed.frame);
        Some(Finding {
            title: format!("The trust of {home} with {forest} does not route names in {suffix}"),
            explanation: format!(
                "The KDC of {home} answered in frame {answered} that it finds no service of {host}, and referred the client to nobody, though the server is of the forest {forest}. The same KDC knows the way there: in frame {referred} it refers {routed} to {}. So the suffix {suffix} seems not to be among those that the trust routes.",
                self.routed.next
            ),
            evidence: self.evidence()?,
            rivals: vec![Rival::new(
                "tgs-spn-unknown",
                "the server may belong to a new domain of that forest, which the client's forest has not heard of yet: the routed suffixes tell",
            )],
            fix: vec![
                Fix::new(
                    "See which suffixes the trust routes, and enable the one that is missing with /togglesuffix",
                    command::argument(home)
                        .zip(command::argument(forest))
                        .map(|(home, forest)| {
                            format!("netdom trust {home} /domain:{forest} /namesuffixes:{forest}")
                        }),
                ),
                Fix::new(
                    "See whether the service name is registered at all, in that forest",
                    command::with(host, |host| format!("setspn -F -Q HTTP/{host}")),
                ),
            ],
            ..TRUST_SUFFIX_NOT_ROUTED.finding(Confidence::Possible)
        })
    }

    fn evidence(&self) -> Option<Vec<Evidence>> {
        let service = self.refused.service()?;
        let (routed, next) = (&self.routed.service, &self.routed.next);
        let refused = Evidence::new(
            self.refused.answered_in()?,
            format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) for {service}"),
        );
        let referral = Evidence::new(
            self.routed.frame,
            format!("the same KDC refers {routed} to {next}"),
        );
        let server = no_route::evidence("the server", self.server);
        let client = self.client.map(|told| no_route::evidence(self.home, told));
        Some(
            [refused, referral, server]
                .into_iter()
                .chain(client)
                .collect(),
        )
    }
}
