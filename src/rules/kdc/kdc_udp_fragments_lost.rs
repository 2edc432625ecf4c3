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
    /// A UDP request in several frames stays unanswered, and a request in one frame to the same KDC was answered, or an
    /// ICMP error says that fragments are missing.
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
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-no-reply", "kdc-tcp-refused"],
        check: Attempt(check),
    }
}

/// How long Windows waits for a KDC, by default.
const WAIT_NANOS: i64 = 10_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let lost = attempt
        .tickets
        .iter()
        .rev()
        .find(|request| is_in_pieces(request) && is_lost(attempt, request))?;
    let (sign, confidence) = sign(attempt, lost)?;
    let (first, pieces) = (lost.asked.first(), lost.asked.frames.len());
    Some(Finding {
        title: format!("Large datagrams to the KDC at {} get no answer", lost.kdc.addr),
        explanation: format!("The request in frame {first} needed {pieces} IP fragments and was never answered. {}", sign.meaning),
        evidence: vec![
            Evidence::new(first, format!("a request in {pieces} fragments, never answered")),
            sign.evidence,
        ],
        rivals: vec![Rival::new("kdc-no-reply", "the KDC may have answered in fragments that were dropped, or not at all: a capture at the KDC tells")],
        fix: vec![Fix::new("Let Kerberos use TCP, on the client (then restart it)", Some("reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v MaxPacketSize /t REG_DWORD /d 1 /f".to_owned()))],
        ..KDC_UDP_FRAGMENTS_LOST.finding(confidence)
    })
}

fn is_in_pieces(request: &TicketRequest) -> bool {
    request.transport == Transport::Udp && request.asked.frames.len() > 1
}

/// Whether the client asked in vain: no answer, here or to the same question later, and not for want of time.
fn is_lost(attempt: &Attempt, request: &TicketRequest) -> bool {
    let answered_later = attempt.tickets.iter().any(|later| {
        later.asked.first() > request.asked.first()
            && later.asks_the_same(request)
            && later.answer.is_some()
    });
    let gave_up = attempt.is_repeated(request)
        || attempt.is_given_up_after(request.last_span().last_time, WAIT_NANOS);
    request.is_unanswered() && !answered_later && gave_up
}

/// What says that it is the fragments.
struct Sign {
    meaning: &'static str,
    evidence: Evidence,
}

/// An ICMP error about missing fragments, else a small request to the same KDC that was answered.
fn sign(attempt: &Attempt, lost: &TicketRequest) -> Option<(Sign, Confidence)> {
    if let Some(error) = lost.unreachable {
        let text = format!("{} waited in vain for fragments of it", error.reporter);
        return error.is_lost_fragment().then(|| {
            let sign = Sign {
                meaning: "Its receiver says that not all of them came: something on the way drops fragments.",
                evidence: Evidence::new(error.at.frame, text),
            };
            (sign, Confidence::Proven)
        });
    }
    let small = attempt.tickets.iter().find(|request| {
        request.kdc.addr == lost.kdc.addr
            && request.transport == Transport::Udp
            && request.asked.frames.len() == 1
            && request.answer.is_some()
    })?;
    let sign = Sign {
        meaning: "A small one to the same KDC was: what fits into one packet gets through.",
        evidence: Evidence::new(small.asked.first(), "a request in one packet, answered"),
    };
    Some((sign, Confidence::Likely))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::model::exchange::Unreachable;
    use crate::rules::testing::{HOME, SERVICE, attempt, moment, refused, tgs};
    use crate::wire::kerberos::error_code::ErrorCode;

    fn large() -> TicketRequest {
        let mut request = tgs(3, HOME, SERVICE);
        request.asked.frames.push(FrameNumber(4));
        request
    }

    fn confidence(tickets: Vec<TicketRequest>) -> Option<Confidence> {
        let mut attempt = attempt(60);
        attempt.tickets = tickets;
        check(&attempt).map(|finding| finding.confidence)
    }

    #[test]
    fn a_receiver_that_misses_fragments_says_so() {
        let about = |icmp_code| {
            let mut request = large();
            request.unreachable = Some(Unreachable {
                at: moment(30),
                reporter: request.kdc.addr,
                icmp_type: 11,
                icmp_code,
            });
            confidence(vec![request])
        };
        assert_eq!(about(1), Some(Confidence::Proven));
        assert_eq!(about(0), None);
    }

    #[test]
    fn a_question_that_is_answered_over_tcp_was_not_lost_for_good() {
        let small = refused(tgs(1, HOME, "krbtgt/ROOT.LAB"), ErrorCode::POLICY);
        assert_eq!(
            confidence(vec![small.clone(), large()]),
            Some(Confidence::Likely)
        );
        let mut over_tcp = refused(tgs(9, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        over_tcp.transport = Transport::Tcp;
        assert_eq!(confidence(vec![small, large(), over_tcp]), None);
    }
}
