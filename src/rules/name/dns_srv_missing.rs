//! Rule `dns-srv-missing`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::lookup::{Lookup, hosts_without_address};
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::dns::Rcode;

declare_rule! {
    /// ## What it means
    ///
    /// DNS knows no service records that name the KDCs of a realm, or no address of the hosts in them, so the client cannot find
    /// one.
    ///
    /// ## How it shows
    ///
    /// Every look-up of an SRV record for the KDCs of a realm is answered by NXDOMAIN or by nothing, and no request goes to
    /// a KDC of that realm. Or the records are there, and every look-up of an address of a host in them is answered so.
    ///
    /// ## What else it could be
    ///
    /// Records of one site may be missing while the general ones are there; that is normal. A client that knows a KDC
    /// already asks DNS for none.
    ///
    /// ## What to do
    ///
    /// Let the domain controllers register their records, and let the client's DNS server forward questions for that realm.
    pub(in crate::rules) static DNS_SRV_MISSING = {
        id: "dns-srv-missing",
        summary: "DNS has no service records for the realm's KDCs, or no addresses for the hosts in them",
        severity: Error,
        stage: Name,
        owner: Network,
        sources: ["MS-ADTS section 6.3.6", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "ntlm-no-tgs-attempt", "ntlm-accepted", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A client that finds no record asks for the next one, or goes on without, within much less.
const GIVEN_UP_NANOS: i64 = 1_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    without_records(attempt).or_else(|| without_address(attempt))
}

/// The hosts in the records have no address.
fn without_address(attempt: &Attempt) -> Option<Finding> {
    let named = attempt
        .kdc_lookups
        .iter()
        .rfind(|lookup| names_any_kdc(lookup) && lookup.is_found())?;
    let realm = named.kdc_realm()?.trim_end_matches('.');
    let hosts = hosts_without_address(&attempt.kdc_lookups, realm);
    let last = hosts.last()?;
    let goes_there = attempt
        .kdc_connects
        .iter()
        .any(|connect| connect.first().frame > named.asked.first());
    let is_over = attempt.is_given_up_after(last.last_span().last_time, GIVEN_UP_NANOS);
    if goes_there || !is_over || is_asked(attempt, realm) {
        return None;
    }
    let record = Evidence::new(
        named.answer.as_ref()?.span.first(),
        format!("SRV {}: names them", named.name),
    );
    let denied = hosts.iter().rev().filter_map(|lookup| denial(lookup));
    let host = &last.name;
    Some(Finding {
        title: format!("DNS names KDCs of {realm} and knows no address of them"),
        explanation: format!(
            "The client found records for the KDCs of {realm} in DNS, and asked for the addresses of the hosts in them. None has one, so no request to a KDC of {realm} followed."
        ),
        evidence: denied.take(6).chain([record]).collect(),
        fix: vec![
            Fix::new(
                "Ask for the address of one of them",
                command::with(host.as_str(), |host| format!("nslookup {host}")),
            ),
            Fix::new(
                "Register the addresses, on the domain controllers; take out the records of those that are gone",
                Some("ipconfig /registerdns".to_owned()),
            ),
        ],
        ..DNS_SRV_MISSING.finding(Confidence::Proven)
    })
}

/// What the answer to `lookup` says, which found nothing.
fn denial(lookup: &Lookup) -> Option<Evidence> {
    let answer = lookup.answer.as_ref()?;
    let said = match answer.rcode {
        Rcode::NO_ERROR => "no such record".to_owned(),
        rcode => rcode.to_string(),
    };
    let (qtype, name) = (lookup.qtype, &lookup.name);
    Some(Evidence::new(
        answer.span.first(),
        format!("{qtype} {name}: {said}"),
    ))
}

/// Whether a KDC of `realm` was asked, or one of which the realm cannot be read.
fn is_asked(attempt: &Attempt, realm: &str) -> bool {
    attempt.tickets.iter().any(|request| {
        request
            .realm()
            .is_none_or(|asked| asked.eq_ignore_ascii_case(realm))
    })
}

fn without_records(attempt: &Attempt) -> Option<Finding> {
    let services = || {
        attempt
            .kdc_lookups
            .iter()
            .filter(|lookup| names_any_kdc(lookup))
    };
    let last = services().rfind(|lookup| lookup.is_denied() && !is_of_site(lookup))?;
    if !attempt.is_given_up_after(last.last_span().last_time, GIVEN_UP_NANOS) {
        return None;
    }
    let realm = last.kdc_realm()?;
    let of_realm = |lookup: &&Lookup| {
        lookup
            .kdc_realm()
            .is_some_and(|found| found.eq_ignore_ascii_case(realm))
    };
    let found = services().filter(of_realm).any(Lookup::is_found);
    if found || is_asked(attempt, realm) {
        return None;
    }
    let evidence = services().filter(of_realm).filter_map(denial);
    Some(Finding {
        title: format!("DNS names no KDC of {realm}"),
        explanation: format!(
            "The client looked for the KDCs of {realm} in DNS. No question was answered with a record, the last one in frame {}, and no request to a KDC of {realm} followed.",
            last.last_span().first()
        ),
        evidence: evidence.take(6).collect(),
        fix: vec![
            Fix::new(
                "Ask for the record",
                command::with(realm, |realm| {
                    format!("nslookup -type=SRV _kerberos._tcp.dc._msdcs.{realm}")
                }),
            ),
            Fix::new(
                "Locate a domain controller anew, on the client",
                command::with(realm, |realm| {
                    format!("nltest /dsgetdc:{realm} /force /kdc")
                }),
            ),
            Fix::new(
                "Register the records, on a domain controller",
                Some("nltest /dsregdns".to_owned()),
            ),
        ],
        ..DNS_SRV_MISSING.finding(Confidence::Proven)
    })
}

/// Whether it is a question for every KDC of a realm. Some clients ask besides for the one that takes new passwords, after an
/// error; its records are seldom there.
fn names_any_kdc(lookup: &Lookup) -> bool {
    const ONE_ONLY: &str = "_kerberos-master.";
    let name = lookup.name.as_str();
    let is_one_only = name
        .get(..ONE_ONLY.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(ONE_ONLY));
    lookup.is_for_service() && !is_one_only
}

/// Whether it is a question for the KDCs of one site, which need no records of their own.
fn is_of_site(lookup: &Lookup) -> bool {
    lookup
        .name
        .as_str()
        .to_ascii_lowercase()
        .contains("._sites.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{
        HOME, SERVICE, address_lookup, attempt, found_address, server_connect, service_lookup,
        silent_connect, tgs,
    };
    use crate::wire::dns::{Answer, RecordData};

    fn denied(frame: u64, name: &str) -> Lookup {
        service_lookup(frame, &format!("{name}.{HOME}"), Rcode::NAME_ERROR)
    }

    fn attempt_with(until: u64, lookups: Vec<Lookup>) -> Attempt {
        let mut attempt = attempt(until);
        attempt.kdc_lookups = lookups;
        attempt
    }

    /// A record that names `host`.
    fn names(frame: u64, host: &str) -> Lookup {
        let name = format!("_kerberos._tcp.{HOME}");
        let mut lookup = service_lookup(frame, &name, Rcode::NO_ERROR);
        let data = RecordData::Service {
            priority: 0,
            weight: 0,
            port: 88,
            target: host.into(),
        };
        if let Some(answer) = &mut lookup.answer {
            answer.records = vec![Answer {
                name: name.as_str().into(),
                data,
            }];
        }
        lookup
    }

    #[test]
    fn kdcs_whose_hosts_have_no_address_cannot_be_asked() {
        let host = "dc1.child.root.lab";
        let unknown = |frame| address_lookup(frame, host, Some(Rcode::NAME_ERROR));
        let lost = || attempt_with(20, vec![names(3, host), unknown(5)]);
        assert!(check(&lost()).is_some_and(|it| it.title.contains("no address")));
        let found = vec![names(3, host), unknown(5), found_address(7, host)];
        assert!(check(&attempt_with(20, found)).is_none());
        let silent = vec![names(3, host), unknown(5), address_lookup(7, host, None)];
        assert!(check(&attempt_with(20, silent)).is_none());
        let other = address_lookup(5, "www.child.root.lab", Some(Rcode::NAME_ERROR));
        assert!(check(&attempt_with(20, vec![names(3, host), other])).is_none());
        let mut known = lost();
        known.kdc_connects.push(silent_connect(&[8], HOME));
        assert!(check(&known).is_none(), "the client knows an address");
        let mut asked = lost();
        asked.tickets.push(tgs(9, HOME, SERVICE));
        assert!(check(&asked).is_none());
    }

    #[test]
    fn a_realm_without_records_whose_kdcs_are_never_asked_cannot_be_found() {
        let lookups = vec![denied(3, "_kerberos._udp"), denied(5, "_kerberos._tcp")];
        assert!(check(&attempt_with(20, lookups)).is_some());
    }

    #[test]
    fn a_client_that_closes_its_connection_looks_no_further() {
        let mut attempt = attempt_with(7, vec![denied(3, "_kerberos._tcp")]);
        attempt.visibility.until = attempt.kdc_lookups[0].last_span().last_time;
        assert!(check(&attempt).is_none());
        attempt.connects.push(server_connect(5));
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn records_of_a_site_or_of_the_master_may_be_missing() {
        let site = denied(3, "_kerberos._tcp.branch._sites.dc._msdcs");
        let master = denied(5, "_kerberos-master._udp");
        assert!(check(&attempt_with(20, vec![site, master])).is_none());
    }

    #[test]
    fn a_kdc_that_is_asked_was_found_otherwise() {
        let mut attempt = attempt_with(20, vec![denied(3, "_kerberos._tcp")]);
        attempt.tickets.push(tgs(5, HOME, SERVICE));
        assert!(check(&attempt).is_none());
    }
}
