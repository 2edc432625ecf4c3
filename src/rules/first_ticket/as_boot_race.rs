//! Rule `as-boot-race`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

/// A system that starts has everything ready after that.
const START_NANOS: i64 = 60_000_000_000;
/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

declare_rule! {
    /// ## What it means
    ///
    /// The agent signed on while the system was starting, before it had found a domain controller. What is left then is NTLM, or
    /// no proof at all, and the result may stick.
    ///
    /// ## How it shows
    ///
    /// The client posts within a minute after DHCP gave it an address that it had not had, it shows no ticket, and the first answer
    /// of a domain controller to it comes only after that.
    ///
    /// ## What else it could be
    ///
    /// A network that comes up late for another reason. Where no domain controller ever answers, it is no race: other rules say why.
    ///
    /// ## What to do
    ///
    /// Let the system wait for the network when it starts, start the agent later, or start it once more to register anew.
    pub(in crate::rules) static AS_BOOT_RACE = {
        id: "as-boot-race",
        summary: "the agent signed on before a domain controller was found",
        severity: Warning,
        stage: As,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007", "field practice"],
        since: "0.1.0",
        supersedes: ["ntlm-accepted", "ntlm-no-tgs-attempt", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() || attempt.shown_tickets().next().is_some() {
        return None;
    }
    let lease = attempt.around.lease.as_ref()?;
    let served = lease.served?;
    let posts = attempt.http.iter();
    let first = posts.map(|post| &post.asked).min_by_key(|it| it.time)?;
    let last = attempt.http.iter().map(HttpExchange::last_span);
    let last = last.map(|span| span.last_time).max()?;
    let waited = first.time.since(lease.given.time);
    if !(0..START_NANOS).contains(&waited) || served.time <= last {
        return None;
    }
    let seconds = waited / SECOND;
    let later = served.time.since(last) / SECOND;
    Some(Finding {
        title: "The client signed on before it had found a domain controller".to_owned(),
        explanation: format!(
            "DHCP gave the client an address that it had not had, as when a system starts. {seconds} s later it began to sign on, without a ticket. The first answer of a domain controller to a ping of it, or the first ticket, came {later} s after the sign-on was over."
        ),
        evidence: vec![
            Evidence::new(first.first(), "the client begins to sign on"),
            Evidence::new(lease.given.frame, "DHCP gives the client its address"),
            Evidence::new(lease.asked, "the client asks for it, and has none"),
            Evidence::new(
                served.frame,
                "the first answer of a domain controller to a ping, or the first ticket",
            ),
        ],
        fix: vec![
            Fix::new(
                "Let the system wait for the network when it starts (policy \"Always wait for the network at computer startup and logon\")",
                None,
            ),
            Fix::new(
                "Let the agent register anew, on the client",
                Some("Restart-Service CcmExec".to_owned()),
            ),
        ],
        ..AS_BOOT_RACE.finding(Confidence::Likely)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameNumber, Timestamp};
    use crate::model::exchange::Moment;
    use crate::model::leases::Lease;
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, attempt, shows_ntlm, shows_ticket, web};
    use crate::wire::ntlm::{NtlmAuthenticate, NtlmMessage};

    fn moment(frame: u64, nanos: i64) -> Moment {
        Moment {
            frame: FrameNumber(frame),
            time: Timestamp::from_nanos(nanos),
        }
    }

    /// A sign-on with NTLM that begins `seconds` after the lease; a domain controller answers after that, or in frame 2.
    fn signs_on(seconds: i64, is_late: bool) -> Attempt {
        let mut attempt = attempt(60);
        let proof = NtlmMessage::Authenticate(NtlmAuthenticate::default());
        attempt.http = vec![shows_ntlm(web(10, 200), proof)];
        attempt.outcome = Outcome::NtlmAccepted;
        let span = &attempt.http[0].asked;
        let last = attempt.http[0].last_span().last_time.nanos();
        let begun = span.time.nanos();
        let served = if is_late { last + SECOND } else { begun - 1 };
        attempt.around.lease = Some(Lease {
            client: attempt.client,
            asked: FrameNumber(1),
            given: moment(2, begun - seconds * SECOND),
            served: Some(moment(20, served)),
        });
        attempt
    }

    #[test]
    fn a_sign_on_before_the_first_answer_of_a_domain_controller_is_a_race() {
        let found = check(&signs_on(5, true)).expect("a finding");
        let frames: Vec<u64> = found.evidence.iter().map(|it| it.frame.0).collect();
        assert_eq!(frames, [10, 2, 1, 20]);
    }

    #[test]
    fn a_client_that_runs_or_was_served_or_never_is_or_shows_a_ticket_is_in_no_race() {
        assert!(check(&signs_on(61, true)).is_none());
        assert!(check(&signs_on(5, false)).is_none());
        let mut never = signs_on(5, true);
        if let Some(lease) = &mut never.around.lease {
            lease.served = None;
        }
        assert!(check(&never).is_none());
        let mut shown = signs_on(5, true);
        shown.http = vec![shows_ticket(web(10, 401), NEXT, SERVICE)];
        assert!(check(&shown).is_none());
    }
}
