//! Rule `trust-external`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::kinship::{self, Kinship, Told};
use crate::model::ticket_request::TicketRequest;
use crate::model::witness::TrustKind;
use crate::outcome::Outcome;
use crate::rules::listed::Listed;
use crate::rules::rule::declare_rule;
use crate::rules::{command, no_route};

declare_rule! {
    /// ## What it means
    ///
    /// The client's realm gives neither a ticket nor a referral for a server of another realm. An external trust, unlike a
    /// forest trust, has no list of name suffixes by which a KDC could refer.
    ///
    /// ## How it shows
    ///
    /// The home KDC answers KRB-ERROR 7 for the service and refers the client to nobody, and one of these: it knows no
    /// ticket-granting service of the server's realm either; the server is of another forest than the client, as the server's
    /// NTLM challenge and the domain controllers say; or the server's name has nothing in common with the client's realm, nor
    /// has an alias of it. That NTLM lets the client in shows that there is a trust of some kind.
    ///
    /// The output of `nltest /domain_trusts` beside the capture makes it likely, or casts doubt on it.
    ///
    /// ## What else it could be
    ///
    /// A missing service name leaves the same answer where the server belongs to the client's own forest under a name of
    /// another DNS domain. Where the name is missing in the other forest, a referral is seen first.
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

/// Why a route is thought to be missing.
enum Sign<'a> {
    /// The home KDC does not know this realm's ticket-granting service.
    RealmUnknown(&'a TicketRequest, &'a str),
    /// The server is told to be of another forest than the client is told to be of, or than its realm's name speaks for.
    OtherForest(Told<'a>, Option<Told<'a>>),
    /// The suffix of the server's name.
    Suffix(&'a str),
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let home = no_route::home(attempt)?;
    let service = no_route::refused_service(attempt, home);
    let host = service
        .and_then(|request| request.service()?.host())
        .or(attempt.target.name())?;
    let (refused, sign) = match (realm_unknown(attempt, home, host), service) {
        (Some(sign @ Sign::RealmUnknown(request, _)), service) => {
            (service.unwrap_or(request), sign)
        }
        (_, Some(service)) => (service, sign_of_names(attempt, service, home, host)?),
        (_, None) => return None,
    };
    let listed = Listed::of(attempt, home, sign.other());
    if let Listed::As(_, trust) = &listed
        && trust.kind == TrustKind::Forest
        && !matches!(sign, Sign::RealmUnknown(..))
    {
        return None;
    }
    let told = finding(attempt, home, host, refused, &sign)?;
    let answered = refused.answered_in()?;
    let mut evidence = told.evidence;
    evidence.extend(listed.evidence(answered));
    Some(Finding {
        explanation: format!("{}{}", told.explanation, listed.text(home)),
        confidence: listed.weighed(told.confidence),
        evidence,
        ..told
    })
}

/// The refusal of the ticket-granting service of a realm to which the host may belong. Flat names of realms are probes, and
/// within a forest there is always a route.
fn realm_unknown<'a>(attempt: &'a Attempt, home: &str, host: &str) -> Option<Sign<'a>> {
    if attempt.kinship() == Kinship::Same {
        return None;
    }
    attempt.tickets.iter().rev().find_map(|request| {
        let realm = request.service()?.krbtgt_realm()?;
        let leads_there = realm.contains('.')
            && kinship::is_under(host, realm)
            && !realm.eq_ignore_ascii_case(home);
        (leads_there && no_route::is_unknown(attempt, request))
            .then_some(Sign::RealmUnknown(request, realm))
    })
}

/// What forests and names say, where no KDC does. What is told of the server's forest counts more than its suffix; where the KDC
/// refers other names there, it knows a route.
fn sign_of_names<'a>(
    attempt: &'a Attempt,
    refused: &TicketRequest,
    home: &str,
    host: &'a str,
) -> Option<Sign<'a>> {
    match attempt.kinship() {
        Kinship::Apart { server, client } => {
            let is_routed = no_route::routed(attempt, refused, server).next().is_some();
            (!is_routed).then_some(Sign::OtherForest(server, client))
        }
        Kinship::Unknown if attempt.server_forest().is_none() => {
            foreign_suffix(attempt, home, host)
        }
        Kinship::Same | Kinship::Unknown => None,
    }
}

fn foreign_suffix<'a>(attempt: &Attempt, home: &str, host: &'a str) -> Option<Sign<'a>> {
    // An address is in no domain.
    let is_name = host.parse::<IpAddr>().is_err();
    let (_, suffix) = host.split_once('.').filter(|_| is_name)?;
    let forest = attempt.client_forest().map(|told| told.forest);
    let is_kin = |suffix: &str| {
        kinship::may_be_kin(suffix, home)
            || forest.is_some_and(|forest| kinship::may_be_kin(suffix, forest))
    };
    let related = |name: &str| {
        name.split_once('.')
            .is_some_and(|(_, suffix)| is_kin(suffix))
    };
    (!related(host) && !attempt.aliases().any(related)).then_some(Sign::Suffix(suffix))
}

impl Sign<'_> {
    /// The other realm or forest.
    fn other(&self) -> &str {
        match self {
            Self::RealmUnknown(_, realm) => realm,
            Self::OtherForest(server, _) => server.forest,
            Self::Suffix(suffix) => suffix,
        }
    }

    fn why(&self, home: &str) -> String {
        match self {
            Self::RealmUnknown(_, realm) => {
                format!("It does not know the ticket-granting service of {realm}")
            }
            Self::OtherForest(server, Some(client)) => format!(
                "The server belongs to the forest {}, the client's realm to the forest {}",
                server.forest, client.forest
            ),
            Self::OtherForest(server, None) => {
                format!("The server belongs to the forest {}", server.forest)
            }
            Self::Suffix(suffix) => format!(
                "The server's name ends in {suffix}, which has nothing in common with {home}"
            ),
        }
    }

    /// Two forests that are told, and a server that can verify the client's NTLM proof all the same: there is a trust, and it is
    /// none for Kerberos.
    fn confidence(&self, attempt: &Attempt) -> Confidence {
        let is_sure = match self {
            Self::RealmUnknown(_, realm) => !is_guessed(attempt, realm),
            Self::OtherForest(server, Some(_)) => {
                !server.is_by_name && attempt.outcome == Outcome::NtlmAccepted
            }
            Self::OtherForest(_, None) | Self::Suffix(_) => false,
        };
        if is_sure {
            Confidence::Likely
        } else {
            Confidence::Possible
        }
    }
}

/// Whether the client may have made the realm up of the server's name: it asked for the service first, was refused, and nothing
/// shows that there is such a realm.
fn is_guessed(attempt: &Attempt, realm: &str) -> bool {
    let Some(home) = attempt.home_realm() else {
        return false;
    };
    let asked_first = no_route::refused_service(attempt, home);
    let is_found = attempt.kdc_lookups.iter().any(|lookup| {
        let of_realm = lookup.name.to_string().to_ascii_lowercase();
        of_realm.ends_with(&format!(".{}", realm.to_ascii_lowercase()))
            && lookup
                .answer
                .as_ref()
                .is_some_and(|answer| !answer.records.is_empty())
    });
    asked_first.is_some() && !is_found && !kinship::may_be_kin(realm, home)
}

fn finding(
    attempt: &Attempt,
    home: &str,
    host: &str,
    refused: &TicketRequest,
    sign: &Sign<'_>,
) -> Option<Finding> {
    let answered = refused.answered_in()?;
    let (other, why) = (sign.other(), sign.why(home));
    Some(Finding {
        title: format!("{home} has no Kerberos route to {other}"),
        explanation: format!(
            "The KDC of {home} was asked on the way to {host} and answered in frame {answered} that it finds no such service; it referred the client to no other realm. {why}. Between the two there is no trust, or one that Kerberos cannot use by the server's name, such as an external trust."
        ),
        evidence: evidence(home, refused, answered, sign),
        rivals: vec![rival(sign)],
        fix: fix(home, host, other),
        ..TRUST_EXTERNAL.finding(sign.confidence(attempt))
    })
}

fn rival(sign: &Sign<'_>) -> Rival {
    if matches!(sign, Sign::OtherForest(_, Some(_))) {
        return Rival::new(
            "trust-suffix-not-routed",
            "there may be a forest trust that does not route the suffix of the server's name: the list of trusts tells",
        );
    }
    Rival::new(
        "tgs-spn-unknown",
        "the server may belong to the client's own forest under another DNS name, and its service name be missing there: the list of trusts tells, and setspn -F -Q in both forests",
    )
}

fn fix(home: &str, host: &str, other: &str) -> Vec<Fix> {
    vec![
        Fix::new(
            "List the trusts, on a domain controller of the client's realm",
            Some("nltest /domain_trusts /all_trusts /v".to_owned()),
        ),
        Fix::new(
            "See which names the trust routes",
            command::argument(home)
                .zip(command::argument(other))
                .map(|(home, other)| {
                    format!("netdom trust {home} /domain:{other} /namesuffixes:{other}")
                }),
        ),
        Fix::new(
            "See whether the service name is registered at all",
            command::with(host, |host| format!("setspn -F -Q HTTP/{host}")),
        ),
    ]
}

fn evidence(
    home: &str,
    refused: &TicketRequest,
    answered: FrameNumber,
    sign: &Sign<'_>,
) -> Vec<Evidence> {
    let unknown = |request: &TicketRequest, frame| {
        let name = request
            .service()
            .map_or_else(String::new, |name| format!(" for {name}"));
        Evidence::new(frame, format!("KDC_ERR_S_PRINCIPAL_UNKNOWN (7){name}"))
    };
    let realm = match sign {
        Sign::RealmUnknown(request, _) => request
            .answered_in()
            .filter(|frame| *frame != answered)
            .map(|frame| unknown(request, frame)),
        Sign::OtherForest(..) | Sign::Suffix(_) => None,
    };
    let asked = Evidence::new(
        refused.asked.first(),
        "the request to the client's own realm; no referral follows",
    );
    let told = match sign {
        Sign::OtherForest(server, client) => [
            Some(no_route::evidence("the server", *server)),
            client.map(|client| no_route::evidence(home, client)),
        ],
        Sign::RealmUnknown(..) | Sign::Suffix(_) => [None, None],
    };
    realm
        .into_iter()
        .chain([unknown(refused, answered), asked])
        .chain(told.into_iter().flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::witness::{CommandFact, OutputRecord, Trust, TrustList};
    use crate::rules::testing::{
        HOME, NEXT, SERVICE, attempt, holds, issued, referral, refused, tgs,
    };
    use crate::wire::kerberos::error_code::ErrorCode;

    const FOREIGN: &str = "HTTP/mp.other.example";

    fn unknown(frame: u64, service: &str) -> TicketRequest {
        refused(tgs(frame, HOME, service), ErrorCode::S_PRINCIPAL_UNKNOWN)
    }

    fn confidence(tickets: Vec<TicketRequest>) -> Option<Confidence> {
        let mut attempt = attempt(20);
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.confidence)
    }

    #[test]
    fn a_realm_that_the_home_kdc_does_not_know_cannot_be_reached() {
        let realm = unknown(3, &format!("krbtgt/{NEXT}"));
        let service = unknown(1, SERVICE);
        let both = confidence(vec![service, realm.clone()]);
        assert_eq!(both, Some(Confidence::Likely));
        assert_eq!(confidence(vec![realm]), Some(Confidence::Likely));
        let guessed = vec![unknown(1, FOREIGN), unknown(3, "krbtgt/OTHER.EXAMPLE")];
        assert_eq!(confidence(guessed), Some(Confidence::Possible));
    }

    #[test]
    fn a_foreign_suffix_alone_is_a_possibility() {
        let found = confidence(vec![unknown(1, FOREIGN)]);
        assert_eq!(found, Some(Confidence::Possible));
    }

    #[test]
    fn a_name_of_the_same_tree_is_rather_a_missing_one() {
        assert_eq!(confidence(vec![unknown(1, SERVICE)]), None);
        assert_eq!(confidence(vec![unknown(1, "HTTP/mp")]), None);
    }

    #[test]
    fn a_referral_or_a_ticket_of_another_realm_shows_a_route() {
        assert_eq!(confidence(vec![referral(1), unknown(3, FOREIGN)]), None);
        let name = format!("krbtgt/{NEXT}");
        let crossed = issued(tgs(1, HOME, &name), &name);
        assert_eq!(confidence(vec![crossed, unknown(3, FOREIGN)]), None);
    }

    fn domain(name: &str, kind: TrustKind) -> Trust {
        Trust {
            name: name.into(),
            short: None,
            kind,
            is_outbound_only: false,
        }
    }

    /// What is found where `tickets` are asked for, and a list of the client's own domain and `others` lies beside them.
    fn beside(tickets: Vec<TicketRequest>, others: Vec<Trust>) -> Option<Finding> {
        let mut attempt = attempt(20);
        attempt.tickets = tickets;
        let own = domain(HOME, TrustKind::Own);
        let list = TrustList {
            domains: std::iter::once(own).chain(others).collect(),
        };
        attempt.outputs = vec![OutputRecord {
            fact: CommandFact::Trusts(list),
            ..holds("", "")
        }];
        check(&attempt)
    }

    #[test]
    fn a_domain_is_no_trust_of_its_own() {
        let realm = format!("DEEP.{HOME}");
        let refused = [format!("HTTP/mp.{realm}"), format!("krbtgt/{realm}")];
        let tickets = refused.iter().map(|name| unknown(1, name)).collect();
        let found = beside(tickets, vec![]).expect("a finding");
        assert!(
            found.explanation.contains("nothing of it"),
            "{}",
            found.explanation
        );
    }

    #[test]
    fn the_nearest_trust_counts_and_only_one_that_leads_there() {
        let trusts = vec![
            domain("example", TrustKind::Other),
            domain("other.example", TrustKind::BetweenForests),
        ];
        let found = beside(vec![unknown(1, FOREIGN)], trusts).expect("a finding");
        assert!(
            found.explanation.contains("Kerberos can use that"),
            "{}",
            found.explanation
        );
        let outbound = Trust {
            is_outbound_only: true,
            ..domain("other.example", TrustKind::BetweenForests)
        };
        let found = beside(vec![unknown(1, FOREIGN)], vec![outbound]).expect("a finding");
        assert!(
            found.explanation.contains("in one direction"),
            "{}",
            found.explanation
        );
    }

    #[test]
    fn the_list_of_trusts_settles_what_names_only_suggest() {
        let with = |name: &str, kind| {
            let found = beside(vec![unknown(1, FOREIGN)], vec![domain(name, kind)]);
            found.map(|finding| (finding.confidence, finding.evidence.len()))
        };
        let sure = Some((Confidence::Likely, 3));
        assert_eq!(with("other.example", TrustKind::Other), sure);
        let unsure = Some((Confidence::Possible, 3));
        assert_eq!(with("third.example", TrustKind::Other), unsure);
        assert_eq!(with("other.example", TrustKind::BetweenForests), unsure);
        assert_eq!(with("other.example", TrustKind::Forest), None);
    }

    #[test]
    fn a_flat_realm_name_that_is_unknown_is_a_probe() {
        let probe = unknown(3, "krbtgt/ROOT");
        assert_eq!(confidence(vec![unknown(1, SERVICE), probe]), None);
    }

    #[test]
    fn another_realm_that_refuses_is_not_the_home_realm() {
        let home = unknown(1, "HTTP/mp");
        let other = refused(tgs(3, NEXT, FOREIGN), ErrorCode::S_PRINCIPAL_UNKNOWN);
        assert_eq!(confidence(vec![home, other]), None);
    }
}
