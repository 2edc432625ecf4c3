//! Rule `kdc-no-reply`.

use crate::endpoint::Transport;
use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// A request reached the KDC, or was sent to it more than once, and no answer came back.
    ///
    /// ## How it shows
    ///
    /// A request over TCP that was acknowledged, or a datagram that was sent again, and nothing from any KDC afterwards.
    ///
    /// ## What else it could be
    ///
    /// The KDC hangs or is overloaded; a device on the way drops the answer, large ones first; or the datagrams never
    /// arrived.
    ///
    /// ## What to do
    ///
    /// Look at the load of that KDC; let the client use another one; try with a smaller packet size on the way.
    pub(in crate::rules) static KDC_NO_REPLY = {
        id: "kdc-no-reply",
        summary: "the KDC was asked and did not answer",
        severity: Error,
        stage: Net,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-protocol-registry-kdc-configuration-keys"],
        since: "0.1.0",
        supersedes: ["dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// How long Windows waits for a KDC over TCP, by default.
const WAIT_NANOS: i64 = 10_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let silent = attempt
        .tickets
        .iter()
        .rev()
        .find(|request| request.is_unanswered() && request.unreachable.is_none())?;
    if !attempt.lacks_ticket() || attempt.hears_from_kdc_after(silent.asked.first()) {
        return None;
    }
    let watched = attempt.watched_since(silent.asked.time);
    let repeated = silent.transport == Transport::Udp && !silent.again.is_empty();
    if !repeated && watched < WAIT_NANOS {
        return None;
    }
    let service = silent
        .service()
        .map_or_else(|| "a ticket".to_owned(), ToString::to_string);
    let address = silent.kdc.addr;
    let again = silent
        .again
        .iter()
        .map(|span| Evidence::new(span.first(), "the same request again"));
    let asked = Evidence::new(
        silent.asked.first(),
        format!(
            "asks for {service}; no answer in the {}",
            words::duration(watched)
        ),
    );
    Some(Finding {
        title: format!("The KDC {address} was asked for {service} and did not answer"),
        explanation: format!(
            "The client sent its request to the KDC at {address}, {} times in all, and the capture holds no answer to it and none from another KDC afterwards.",
            silent.again.len() + 1
        ),
        evidence: std::iter::once(asked).chain(again).collect(),
        rivals: vec![Rival::new(
            "kdc-tcp-timeout",
            "packets to the KDC may be dropped on the way: a capture at the KDC would show whether they arrive",
        )],
        fix: vec![Fix::new(
            "Try the port from the client",
            Some(format!("Test-NetConnection {address} -Port 88")),
        )],
        ..KDC_NO_REPLY.finding(Confidence::Likely)
    })
}
