//! Rule `trust-external`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::kinship;
use crate::model::ticket_request::TicketRequest;
use crate::model::witness::{CommandFact, OutputRecord, Trust, TrustKind};
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// The client's realm gives neither a ticket nor a referral for a server of another realm. An external trust, unlike a
    /// forest trust, has no list of name suffixes by which a KDC could refer.
    ///
    /// ## How it shows
    ///
    /// The home KDC answers KRB-ERROR 7 for the service and refers the client to nobody, and one of these: it knows no
    /// ticket-granting service of the server's realm either; the server names another forest in its NTLM challenge; or the
    /// server's name has nothing in common with the client's realm, nor has an alias of it.
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
    /// The server names this forest.
    OtherForest(&'a str),
    /// The suffix of the server's name.
    Suffix(&'a str),
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() || attempt.referrals().next().is_some() || has_route(attempt) {
        return None;
    }
    let home = attempt.home_realm()?;
    let service = attempt.service_tickets().filter(|request| {
        let of_home = request
            .realm()
            .is_some_and(|realm| realm.eq_ignore_ascii_case(home));
        of_home && is_unknown(attempt, request)
    });
    let service = service.last();
    let host = service
        .and_then(|request| request.service()?.host())
        .or(attempt.target.name())?;
    let (refused, sign) = match (realm_unknown(attempt, home, host), service) {
        (Some(sign @ Sign::RealmUnknown(request, _)), service) => {
            (service.unwrap_or(request), sign)
        }
        (_, Some(service)) => (service, sign_of_names(attempt, home, host)?),
        (_, None) => return None,
    };
    let listed = Listed::of(attempt, home, sign.other());
    if let Listed::As(_, trust) = &listed
        && trust.kind == TrustKind::Forest
        && !matches!(sign, Sign::RealmUnknown(..))
    {
        return None;
    }
    finding(home, host, refused, &sign, &listed)
}

impl<'a> Sign<'a> {
    /// The realm, forest or suffix on the other side.
    const fn other(&self) -> &'a str {
        match *self {
            Self::RealmUnknown(_, other) | Self::OtherForest(other) | Self::Suffix(other) => other,
        }
    }
}

/// What the list of trusts of the client's realm, where one lies beside the capture, has of the other side.
enum Listed<'a> {
    /// There is no such list.
    Nowhere,
    /// It has nothing.
    Not(&'a OutputRecord),
    /// It has this.
    As(&'a OutputRecord, &'a Trust),
}

impl<'a> Listed<'a> {
    fn of(attempt: &'a Attempt, home: &str, other: &str) -> Self {
        let lists = attempt.outputs.iter().filter_map(|record| {
            let CommandFact::Trusts(list) = &record.fact else {
                return None;
            };
            let is_home = list.own().is_some_and(|own| own.name.same_name(home));
            is_home.then_some((record, list))
        });
        let mut found = Self::Nowhere;
        for (record, list) in lists {
            let covers = |trust: &&Trust| kinship::is_under(other, trust.name.as_str());
            match list.domains.iter().find(covers) {
                Some(trust) => return Self::As(record, trust),
                None => found = Self::Not(record),
            }
        }
        found
    }

    fn text(&self, home: &str) -> String {
        match self {
            Self::Nowhere => String::new(),
            Self::Not(_) => format!(" The list of domains that {home} knows has nothing of it."),
            Self::As(_, trust) if trust.kind == TrustKind::Other => format!(
                " The list of domains that {home} knows has {} with a trust that is not between forests.",
                trust.name
            ),
            Self::As(_, trust) => format!(
                " But the list of domains that {home} knows has {} ({}): Kerberos can use that, if the names are routed.",
                trust.name,
                trust.kind.name()
            ),
        }
    }

    /// How sure it leaves a reader who was so sure without the list.
    const fn weighed(&self, confidence: Confidence) -> Confidence {
        match self {
            // A forest has trees, and hosts have names, that stand in no such list.
            Self::Nowhere | Self::Not(_) => confidence,
            Self::As(_, trust) => match trust.kind {
                TrustKind::Other => Confidence::Likely,
                _ => Confidence::Possible,
            },
        }
    }

    fn evidence(&self, frame: FrameNumber) -> Option<Evidence> {
        let (record, text) = match self {
            Self::Nowhere => return None,
            Self::Not(record) => (record, "the list of trusts: nothing of it".to_owned()),
            Self::As(record, trust) => {
                let kind = trust.kind.name();
                (
                    record,
                    format!("the list of trusts: {} ({kind})", trust.name),
                )
            }
        };
        Some(Evidence::of_line(frame, &record.source, text))
    }
}

fn is_unknown(attempt: &Attempt, request: &TicketRequest) -> bool {
    request.is_refused_with(ErrorCode::S_PRINCIPAL_UNKNOWN) && !attempt.is_healed(request)
}

/// Whether a ticket-granting ticket of another realm was issued: then there is a trust that Kerberos can use.
fn has_route(attempt: &Attempt) -> bool {
    attempt.tickets.iter().any(|request| {
        let opens = request.service().and_then(PrincipalName::krbtgt_realm);
        let crosses = opens
            .zip(request.realm())
            .is_some_and(|(opens, asked)| !opens.eq_ignore_ascii_case(asked));
        crosses && request.is_granted()
    })
}

/// The refusal of the ticket-granting service of a realm to which the host may belong. Flat names of realms are probes.
fn realm_unknown<'a>(attempt: &'a Attempt, home: &str, host: &str) -> Option<Sign<'a>> {
    attempt.tickets.iter().rev().find_map(|request| {
        let realm = request.service()?.krbtgt_realm()?;
        let leads_there = realm.contains('.')
            && kinship::is_under(host, realm)
            && !realm.eq_ignore_ascii_case(home);
        (leads_there && is_unknown(attempt, request)).then_some(Sign::RealmUnknown(request, realm))
    })
}

/// What the names say, where no KDC does. What the server says of its forest counts more than its suffix.
fn sign_of_names<'a>(attempt: &'a Attempt, home: &str, host: &'a str) -> Option<Sign<'a>> {
    if let Some(forest) = attempt.server_forest() {
        return (!kinship::may_be_kin(forest, home)).then_some(Sign::OtherForest(forest));
    }
    let (_, suffix) = host.split_once('.')?;
    let related = |name: &str| {
        name.split_once('.')
            .is_some_and(|(_, suffix)| kinship::may_be_kin(suffix, home))
    };
    (!related(host) && !attempt.aliases().any(related)).then_some(Sign::Suffix(suffix))
}

fn finding(
    home: &str,
    host: &str,
    refused: &TicketRequest,
    sign: &Sign<'_>,
    listed: &Listed<'_>,
) -> Option<Finding> {
    let answered = refused.answered_in()?;
    let mut evidence = evidence(refused, answered, sign);
    evidence.extend(listed.evidence(answered));
    let (other, why, confidence) = match sign {
        Sign::RealmUnknown(_, realm) => (
            *realm,
            format!("It does not know the ticket-granting service of {realm}"),
            Confidence::Likely,
        ),
        Sign::OtherForest(forest) => (
            *forest,
            format!("The server says that it belongs to the forest {forest}"),
            Confidence::Possible,
        ),
        Sign::Suffix(suffix) => (
            *suffix,
            format!("The server's name ends in {suffix}, which has nothing in common with {home}"),
            Confidence::Possible,
        ),
    };
    Some(Finding {
        title: format!("{home} has no Kerberos route to {other}"),
        explanation: format!(
            "The KDC of {home} was asked on the way to {host} and answered in frame {answered} that it finds no such service; it referred the client to no other realm. {why}. Between the two there is no trust, or one that Kerberos cannot use by the server's name, such as an external trust.{}",
            listed.text(home)
        ),
        evidence,
        rivals: vec![Rival::new(
            "tgs-spn-unknown",
            "the server may belong to the client's own forest under another DNS name, and its service name be missing there: the list of trusts tells, and setspn -F -Q in both forests",
        )],
        fix: vec![
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
        ],
        ..TRUST_EXTERNAL.finding(listed.weighed(confidence))
    })
}

fn evidence(refused: &TicketRequest, answered: FrameNumber, sign: &Sign<'_>) -> Vec<Evidence> {
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
        Sign::OtherForest(_) | Sign::Suffix(_) => None,
    };
    let asked = Evidence::new(
        refused.asked.first(),
        "the request to the client's own realm; no referral follows",
    );
    realm
        .into_iter()
        .chain([unknown(refused, answered), asked])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::witness::TrustList;
    use crate::rules::testing::{
        HOME, NEXT, SERVICE, attempt, holds, issued, referral, refused, tgs,
    };

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

    #[test]
    fn the_list_of_trusts_settles_what_names_only_suggest() {
        let with = |name: &str, kind| {
            let mut attempt = attempt(20);
            attempt.tickets = vec![unknown(1, FOREIGN)];
            let domain = |name: &str, kind| Trust {
                name: name.into(),
                kind,
            };
            let list = TrustList {
                domains: vec![domain(HOME, TrustKind::Own), domain(name, kind)],
            };
            attempt.outputs = vec![OutputRecord {
                fact: CommandFact::Trusts(list),
                ..holds("", "")
            }];
            check(&attempt).map(|finding| (finding.confidence, finding.evidence.len()))
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
