//! Rule `kdc-icmp-block`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::exchange::Unreachable;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A router or firewall on the way rejects the client's packets to the KDC, and says so.
    ///
    /// ## How it shows
    ///
    /// An ICMP error that names a prohibition (type 3 code 9, 10 or 13; ICMPv6 type 1 code 1) quotes the client's
    /// packet to a KDC.
    ///
    /// ## What else it could be
    ///
    /// Where the other transport works, the client is not held up.
    ///
    /// ## What to do
    ///
    /// Open the way on the device that sent the error.
    pub(in crate::rules) static KDC_ICMP_BLOCK = {
        id: "kdc-icmp-block",
        summary: "a device says that it does not let Kerberos through",
        severity: Error,
        stage: Net,
        owner: Network,
        sources: ["RFC 792", "RFC 1812 section 5.2.7.1", "RFC 4443 section 3.1"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-tcp-timeout", "kdc-tcp-refused", "kdc-no-reply", "foreign-kdc-unreachable"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let of_requests = attempt
        .tickets
        .iter()
        .filter(|request| request.answer.is_none())
        .filter_map(|request| Some((request.unreachable?, request.kdc)));
    let of_connects = attempt
        .kdc_connects
        .iter()
        .filter_map(|connect| Some((connect.unreachable?, connect.server)));
    let (error, kdc) = of_requests
        .chain(of_connects)
        .find(|(error, _)| is_prohibition(error))?;
    if attempt.hears_from_kdc_after(error.at.frame) {
        return None;
    }
    Some(Finding {
        title: format!(
            "{} does not let the client through to {kdc}",
            error.reporter
        ),
        explanation: format!(
            "The client sent a packet to the KDC at {kdc}. {} answered that this is prohibited, and no KDC answered afterwards.",
            error.reporter
        ),
        evidence: vec![Evidence::new(
            error.at.frame,
            format!(
                "ICMP type {} code {}: prohibited",
                error.icmp_type, error.icmp_code
            ),
        )],
        fix: vec![
            Fix::new(format!("Open the way to {kdc} on {}", error.reporter), None),
            Fix::new(
                "Try the port from the client",
                Some(format!(
                    "Test-NetConnection {} -Port {}",
                    kdc.addr, kdc.port
                )),
            ),
        ],
        ..KDC_ICMP_BLOCK.finding(Confidence::Proven)
    })
}

const fn is_prohibition(error: &Unreachable) -> bool {
    match error.reporter {
        IpAddr::V4(_) => error.icmp_type == 3 && matches!(error.icmp_code, 9 | 10 | 13),
        IpAddr::V6(_) => error.icmp_type == 1 && error.icmp_code == 1,
    }
}
