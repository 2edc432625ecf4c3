//! Rule `dns-servfail-refused`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::lookup::Lookup;
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The DNS server answers that it failed, or that it refuses to say. Between forests this is often a forwarder or a
    /// delegation that is broken.
    ///
    /// ## How it shows
    ///
    /// SERVFAIL or REFUSED for the server's name or for the records of a KDC, and no success afterwards.
    ///
    /// ## What else it could be
    ///
    /// One of several DNS servers may fail while another answers; then the client goes on and nothing is wrong here.
    ///
    /// ## What to do
    ///
    /// Check the forwarders and the delegation of the zone on that DNS server.
    pub(in crate::rules) static DNS_SERVFAIL_REFUSED = {
        id: "dns-servfail-refused",
        summary: "a DNS server answers with an error",
        severity: Error,
        stage: Name,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["mp-connect-failed", "dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let reached_server =
        !attempt.http.is_empty() || !attempt.tls.is_empty() || !attempt.connects.is_empty();
    let reached_kdc =
        !attempt.lacks_ticket() || !attempt.tickets.is_empty() || !attempt.kdc_connects.is_empty();
    of_lookups(attempt, &attempt.lookups, reached_server)
        .or_else(|| of_lookups(attempt, &attempt.kdc_lookups, reached_kdc))
}

fn of_lookups(attempt: &Attempt, lookups: &[Lookup], reached: bool) -> Option<Finding> {
    if reached || lookups.iter().any(Lookup::is_found) {
        return None;
    }
    let failures = || lookups.iter().rev().filter(|lookup| lookup.is_failed());
    // A suffix of the search list makes other names of it.
    let failed = failures()
        .find(|lookup| attempt.target.is_meant_by(lookup.name.as_str()))
        .or_else(|| failures().next())?;
    let denied_since = lookups.iter().any(|later| {
        later.asked.first() > failed.asked.first()
            && later.qtype == failed.qtype
            && later.name.same_name(failed.name.as_str())
            && later.is_denied()
    });
    if denied_since {
        return None;
    }
    let answer = failed.answer.as_ref()?;
    let (name, server, rcode) = (&failed.name, failed.server.addr, answer.rcode);
    let presumed = attempt.kind == AttemptKind::Presumed;
    let (confidence, caveat) = if presumed {
        let caveat = " Nothing in the capture says that this is the management point's name; it is a name that the client looked for without success, and it reached no web server.";
        (Confidence::Likely, caveat)
    } else {
        (Confidence::Proven, "")
    };
    Some(Finding {
        title: format!("The DNS server {server} answers {rcode} for {name}"),
        explanation: format!(
            "The client asked {server} for {name}. The server answered {rcode}: it could not or would not say, which is not the same as that there is no such name.{caveat}"
        ),
        rivals: presumed.then(|| Rival::new("cap-no-attempt", "the name may be another server's, and the sign-on was not captured: the client's own configuration names its management point")).into_iter().collect(),
        evidence: vec![
            Evidence::new(
                answer.span.first(),
                format!("{rcode} for {} {name}", failed.qtype),
            ),
            Evidence::new(failed.asked.first(), "the question"),
        ],
        fix: vec![
            Fix::new(
                "See where the server forwards such questions",
                Some(format!("Get-DnsServerForwarder -ComputerName {server}")),
            ),
            Fix::new(
                "Ask that server again",
                command::with(name.as_str(), |name| format!("nslookup {name} {server}")),
            ),
        ],
        ..DNS_SERVFAIL_REFUSED.finding(confidence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{address_lookup, attempt, found_address};
    use crate::wire::dns::Rcode;

    fn speaks(lookups: Vec<Lookup>) -> bool {
        let mut attempt = attempt(20);
        attempt.lookups = lookups;
        check(&attempt).is_some()
    }

    #[test]
    fn a_server_that_fails_as_the_last_word_is_told() {
        assert!(speaks(vec![address_lookup(
            1,
            "mp.root.lab",
            Some(Rcode::SERVER_FAILURE)
        )]));
    }

    #[test]
    fn a_second_server_that_knows_the_name_or_denies_it_has_the_last_word() {
        let failed = || address_lookup(1, "mp.root.lab", Some(Rcode::SERVER_FAILURE));
        let denied = address_lookup(3, "mp.root.lab", Some(Rcode::NAME_ERROR));
        assert!(!speaks(vec![failed(), denied]));
        assert!(!speaks(vec![failed(), found_address(3, "mp.root.lab")]));
    }
}
