//! Rule `kdc-udp-fragments-lost`.

use crate::endpoint::Transport;
use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A request that needs several IP fragments gets no answer, while small ones to the same KDC do: something on the
    /// way drops fragments.
    ///
    /// ## How it shows
    ///
    /// A UDP request in several frames stays unanswered, and a request in one frame to the same KDC was answered.
    ///
    /// ## What else it could be
    ///
    /// A capture that itself missed the reply.
    ///
    /// ## What to do
    ///
    /// Let Kerberos use TCP.
    pub(in crate::rules) static KDC_UDP_FRAGMENTS_LOST = {
        id: "kdc-udp-fragments-lost",
        summary: "large Kerberos datagrams vanish",
        severity: Error,
        stage: Net,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/force-kerberos-use-tcp-instead-udp"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-no-reply"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let lost = attempt.tickets.iter().rev().find(|request| {
        is_in_pieces(request) && request.is_unanswered() && !attempt.is_healed(request)
    })?;
    let small = attempt.tickets.iter().find(|request| {
        request.kdc.addr == lost.kdc.addr
            && request.transport == Transport::Udp
            && request.asked.frames.len() == 1
            && request.answer.is_some()
    })?;
    let gave_up =
        attempt.is_repeated(lost) || attempt.is_given_up_after(lost.asked.time, WAIT_NANOS);
    gave_up.then(|| Finding {
        title: format!("Large datagrams to the KDC at {} get no answer", lost.kdc.addr),
        explanation: format!("The request in frame {} needed {} IP fragments and was never answered; a small one to the same KDC was. Something on the way drops fragments.", lost.asked.first(), lost.asked.frames.len()),
        evidence: vec![
            Evidence::new(lost.asked.first(), format!("a request in {} fragments, never answered", lost.asked.frames.len())),
            Evidence::new(small.asked.first(), "a request in one packet, answered"),
        ],
        rivals: vec![Rival::new("kdc-no-reply", "the KDC may have answered in fragments that were dropped, or not at all: a capture at the KDC tells")],
        fix: vec![Fix::new("Let Kerberos use TCP, on the client (then restart it)", Some("reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v MaxPacketSize /t REG_DWORD /d 1 /f".to_owned()))],
        ..KDC_UDP_FRAGMENTS_LOST.finding(Confidence::Likely)
    })
}

/// How long Windows waits for a KDC, by default.
const WAIT_NANOS: i64 = 10_000_000_000;

fn is_in_pieces(request: &TicketRequest) -> bool {
    request.transport == Transport::Udp && request.asked.frames.len() > 1
}
