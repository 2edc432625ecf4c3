//! Rule `kdc-locator-no-reply`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::capture_facts::CaptureFacts;
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
    /// CLDAP searches for `netlogon`, none of which is answered in the second after it.
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
    let pings = &facts.locator.pings;
    let last = pings.last()?;
    let is_over = facts.ended?.since(last.asked.time) >= WAIT_NANOS;
    if pings.len() < 2 || !is_over || pings.iter().any(|ping| ping.answer.is_some()) {
        return None;
    }
    let domain = last
        .domain
        .as_ref()
        .map_or("its domain", |domain| domain.as_str());
    let severity = if facts.accepted > 0 {
        Severity::Note
    } else {
        Severity::Error
    };
    let evidence = pings.iter().take(8).map(|ping| {
        Evidence::new(
            ping.asked.frame,
            format!("a ping of {}, not answered", ping.server.addr),
        )
    });
    Some(Finding {
        severity,
        title: format!("No domain controller of {domain} answers the client's ping"),
        explanation: format!(
            "The client sent {} to domain controllers over UDP port 389, and none came back. Without an answer it asks none of them for a ticket.",
            words::count(pings.len() as u64, "ping")
        ),
        evidence: evidence.collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::locator::DcPing;
    use crate::rules::testing::{ping, second};

    fn facts(pings: Vec<DcPing>) -> CaptureFacts {
        let mut facts = CaptureFacts::default();
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
}
