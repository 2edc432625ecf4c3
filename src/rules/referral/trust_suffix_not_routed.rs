//! Rule `trust-suffix-not-routed`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::kinship::{Kinship, Told};
use crate::model::referrals::SeenReferral;
use crate::model::ticket_request::TicketRequest;
use crate::rules::no_route::Routed;
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
    /// forest; and the same KDC gives a referral for a host with another suffix, which leads into that forest, at once or by way
    /// of other realms.
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
    routed: Routed<'a>,
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let home = no_route::home(attempt)?;
    let refused = no_route::refused_service(attempt, home)?;
    let host = refused.service().and_then(PrincipalName::host)?;
    let (_, suffix) = host.split_once('.')?;
    let Kinship::Apart { server, client } = attempt.kinship() else {
        return None;
    };
    let routed: Vec<Routed<'_>> = no_route::routed(attempt, refused, server).collect();
    let hosts = || {
        routed
            .iter()
            .filter_map(|routed| no_route::host_of(routed.first))
    };
    if hosts().any(|other| no_route::shares_suffix(host, other)) {
        return None;
    }
    let has_suffix = |routed: &&Routed<'_>| {
        no_route::host_of(routed.first).is_some_and(|host| host.contains('.'))
    };
    let unrouted = Unrouted {
        home,
        host,
        suffix,
        refused,
        server,
        client,
        routed: *routed.iter().find(has_suffix)?,
    };
    unrouted.finding()
}

impl Unrouted<'_> {
    fn finding(&self) -> Option<Finding> {
        let (home, host, suffix) = (self.home, self.host, self.suffix);
        let (forest, routed) = (self.server.forest, &self.routed.first.service);
        let (answered, referred) = (self.refused.answered_in()?, self.routed.first.frame);
        Some(Finding {
            title: format!("The trust of {home} with {forest} does not route names in {suffix}"),
            explanation: format!(
                "The KDC of {home} answered in frame {answered} that it finds no service of {host}, and referred the client to nobody, though the server is of the forest {forest}. The same KDC knows the way there: in frame {referred} it refers {routed} to {}{}. So the suffix {suffix} seems not to be among those that the trust routes.",
                self.routed.first.next,
                self.way()
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
        let refers = |seen: &SeenReferral| {
            let (realm, service, next) = (&seen.realm, &seen.service, &seen.next);
            Evidence::new(seen.frame, format!("{realm} refers {service} to {next}"))
        };
        let refused = Evidence::new(
            self.refused.answered_in()?,
            format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7) for {service}"),
        );
        let Routed { first, enters } = self.routed;
        let enters = (enters != first).then(|| refers(enters));
        let server = no_route::evidence("the server", self.server);
        let client = self.client.map(|told| no_route::evidence(self.home, told));
        let referrals = std::iter::once(refers(first)).chain(enters);
        let told = std::iter::once(server).chain(client);
        Some(
            std::iter::once(refused)
                .chain(referrals)
                .chain(told)
                .collect(),
        )
    }

    /// Where the first referral does not enter the server's forest, the one that does.
    fn way(&self) -> String {
        let Routed { first, enters } = self.routed;
        if enters == first {
            return String::new();
        }
        let (realm, next, frame) = (&enters.realm, &enters.next, enters.frame);
        format!(", and {realm} refers it to {next} in frame {frame}")
    }
}
