//! Rule `dns-srv-missing`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::rules::command;
use crate::rules::rule::declare_rule;

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

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() {
        return None;
    }
    let services = || {
        attempt
            .kdc_lookups
            .iter()
            .filter(|lookup| lookup.is_for_service())
    };
    let last = services().filter(|lookup| lookup.is_denied()).last()?;
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
            .is_some_and(|asked| asked.eq_ignore_ascii_case(realm))
    });
    if found || asked {
        return None;
    }
    let evidence = services().filter(of_realm).filter_map(|lookup| {
        let answer = lookup.answer.as_ref()?;
        Some(Evidence::new(
            answer.span.first(),
            format!("{}: {}", lookup.name, answer.rcode),
        ))
    });
    Some(Finding {
        title: format!("DNS names no KDC of {realm}"),
        explanation: format!(
            "The client looked for the KDCs of {realm} in DNS. Every question was answered that there is no such record, and no request to a KDC of {realm} followed."
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
