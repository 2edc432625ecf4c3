//! Rule `dns-srv-missing`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::wire::dns::Rcode;

declare_rule! {
    /// ## What it means
    ///
    /// DNS knows no service records that name the KDCs of a realm, so the client cannot find one.
    ///
    /// ## How it shows
    ///
    /// Every look-up of an SRV record for the KDCs of a realm is answered by NXDOMAIN or by nothing, and no request goes to
    /// a KDC of that realm.
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
        summary: "DNS has no service records for the realm's KDCs",
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
    let asked = attempt.tickets.iter().any(|request| {
        request
            .realm()
            .is_none_or(|asked| asked.eq_ignore_ascii_case(realm))
    });
    if found || asked {
        return None;
    }
    let evidence = services().filter(of_realm).filter_map(|lookup| {
        let answer = lookup.answer.as_ref()?;
        let said = match answer.rcode {
            Rcode::NO_ERROR => "no such record".to_owned(),
            rcode => rcode.to_string(),
        };
        Some(Evidence::new(
            answer.span.first(),
            format!("SRV {}: {said}", lookup.name),
        ))
    });
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
    use crate::rules::testing::{HOME, SERVICE, attempt, server_connect, service_lookup, tgs};

    fn denied(frame: u64, name: &str) -> Lookup {
        service_lookup(frame, &format!("{name}.{HOME}"), Rcode::NAME_ERROR)
    }

    fn attempt_with(until: u64, lookups: Vec<Lookup>) -> Attempt {
        let mut attempt = attempt(until);
        attempt.kdc_lookups = lookups;
        attempt
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
