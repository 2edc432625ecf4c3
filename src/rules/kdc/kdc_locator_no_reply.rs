//! Rule `kdc-locator-no-reply`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::capture_facts::CaptureFacts;
use crate::model::locator::{DcPing, Heard};
use crate::rules::command;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// The client pings domain controllers before it asks one for a ticket, and none answers. Kerberos is not even
    /// tried.
    ///
    /// ## How it shows
    ///
    /// CLDAP searches of one client for `netlogon`, at two controllers or more, none of which is answered in the second after
    /// it, in a capture that holds other answers to that client and none of a KDC.
    ///
    /// ## What else it could be
    ///
    /// Records of domain controllers that are gone stay silent; where one answers, the client is not held up.
    ///
    /// ## What to do
    ///
    /// Open the ports 389 and 88 to the domain controllers; remove records of those that are gone.
    pub(in crate::rules) static KDC_LOCATOR_NO_REPLY = {
        id: "kdc-locator-no-reply",
        summary: "no domain controller answers the locator",
        severity: Error,
        stage: Net,
        owner: Network,
        sources: ["MS-ADTS section 6.3.3", "https://learn.microsoft.com/windows-server/identity/ad-ds/manage/dc-locator-changes"],
        since: "0.1.0",
        supersedes: [],
        check: Capture(check),
    }
}

/// A locator waits less than this for a controller (MS-ADTS 6.3.6).
const WAIT_NANOS: i64 = 1_000_000_000;

fn check(facts: &CaptureFacts) -> Option<Finding> {
    let silent = silent(facts)?;
    let last = silent.last()?;
    let domain = last
        .domain
        .as_ref()
        .map_or("its domain", |domain| domain.as_str());
    let severity = if facts.accepted > 0 {
        Severity::Note
    } else {
        Severity::Error
    };
    let evidence = silent.iter().take(8).map(|ping| {
        Evidence::new(
            ping.asked.frame,
            format!("a ping of {}, not answered", ping.server.addr),
        )
    });
    Some(Finding {
        severity,
        title: format!(
            "No domain controller of {domain} answers the pings of {}",
            last.client.addr
        ),
        explanation: format!(
            "The client sent {} to domain controllers over UDP port 389, and none came back, though other servers answered it and nothing was lost from the capture. No KDC answers it either.",
            words::count(silent.len() as u64, "ping")
        ),
        evidence: evidence.collect(),
        rivals: vec![Rival::new(
            "cap-one-sided",
            "the answers may have come over another network card, which was not captured",
        )],
        fix: vec![
            Fix::new(
                "Let the client locate one",
                command::with(domain, |domain| format!("nltest /dsgetdc:{domain} /force")),
            ),
            Fix::new(
                "Open UDP and TCP port 389 and port 88 to the domain controllers",
                None,
            ),
        ],
        ..KDC_LOCATOR_NO_REPLY.finding(Confidence::Likely)
    })
}

/// The pings of a client that asks two controllers or more and hears from none, though it hears from others, in a capture
/// that missed nothing.
fn silent(facts: &CaptureFacts) -> Option<Vec<&DcPing>> {
    let pings = &facts.locator.pings;
    let is_silent = |client: IpAddr| {
        let is_his = |ping: &&DcPing| ping.client.addr == client;
        let of_one = pings.iter().find(is_his)?.server.addr;
        let last = pings.iter().rfind(is_his)?;
        let is_over = facts.ended?.since(last.asked.time) >= WAIT_NANOS;
        let several = pings
            .iter()
            .filter(is_his)
            .any(|ping| ping.server.addr != of_one);
        let answered = pings
            .iter()
            .filter(is_his)
            .any(|ping| ping.answer.is_some());
        let hears = facts.locator.heard_by(client) == Some(Heard::Others);
        (is_over && several && !answered && hears).then_some(client)
    };
    if facts.first_gap.is_some() {
        return None;
    }
    let client = pings.iter().find_map(|ping| is_silent(ping.client.addr))?;
    Some(
        pings
            .iter()
            .filter(|ping| ping.client.addr == client)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::rules::testing::{ping, second};

    /// Pings of two controllers, by a client that hears from others.
    fn facts(mut pings: Vec<DcPing>) -> CaptureFacts {
        let mut facts = CaptureFacts::default();
        if let Some(last) = pings.last_mut() {
            last.server.addr = IpAddr::from([10, 0, 0, 12]);
        }
        if let Some(first) = pings.first() {
            facts.locator.hear(first.client.addr, Heard::Others);
        }
        facts.locator.pings = pings;
        facts.ended = Some(second(60));
        facts
    }

    #[test]
    fn silence_counts_where_every_controller_is_silent() {
        let silent = facts(vec![ping(1, None), ping(3, None)]);
        assert!(check(&silent).is_some());
        let answered = facts(vec![ping(1, None), ping(3, Some(true))]);
        assert!(check(&answered).is_none());
    }

    #[test]
    fn one_controller_may_be_gone() {
        let mut one = facts(vec![ping(1, None), ping(3, None)]);
        one.locator.pings.pop();
        assert!(check(&one).is_none());
    }

    #[test]
    fn pings_of_different_clients_are_not_one_silence() {
        let mut mixed = facts(vec![ping(1, None), ping(3, None)]);
        mixed.locator.pings[1].client.addr = IpAddr::from([10, 0, 0, 99]);
        assert!(check(&mixed).is_none());
    }

    #[test]
    fn where_answers_may_be_hidden_nobody_is_silent() {
        let pings = || facts(vec![ping(1, None), ping(3, None)]);
        let client = pings().locator.pings[0].client.addr;
        let mut heard = pings();
        heard.locator.hear(client, Heard::Controller);
        assert!(check(&heard).is_none(), "a KDC, or a cut answer, is heard");
        let mut lossy = pings();
        lossy.first_gap = Some(FrameNumber(2));
        assert!(check(&lossy).is_none(), "frames were missed");
        let mut deaf = CaptureFacts::default();
        deaf.locator.pings = pings().locator.pings;
        deaf.ended = Some(second(60));
        assert!(check(&deaf).is_none(), "nothing to the client is there");
        let mut cut = pings();
        cut.ended = Some(second(3));
        assert!(check(&cut).is_none(), "the capture ends");
    }
}
