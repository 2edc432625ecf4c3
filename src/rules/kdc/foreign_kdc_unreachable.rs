//! Rule `foreign-kdc-unreachable`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::lookup::{Lookup, hosts_without_address};
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::{command, words};

declare_rule! {
    /// ## What it means
    ///
    /// The client's own realm referred it to another realm, and no KDC of that realm could be reached. The client itself
    /// must reach a KDC of every realm on the way; a trust between the domain controllers is not enough.
    ///
    /// ## How it shows
    ///
    /// A referral, and after it no answer from the next realm: requests or connections without an answer, a look-up without
    /// result, or nothing at all.
    ///
    /// ## What else it could be
    ///
    /// The next realm may be asked through a KDC proxy, inside TLS, which this capture would not show.
    ///
    /// ## What to do
    ///
    /// Open the way from the client to the domain controllers of that realm: ports 53, 88 and 389; let DNS forward
    /// questions for it.
    pub(in crate::rules) static FOREIGN_KDC_UNREACHABLE = {
        id: "foreign-kdc-unreachable",
        summary: "the next realm's KDC cannot be reached",
        severity: Error,
        stage: Referral,
        owner: Network,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/active-directory/config-firewall-for-ad-domains-and-trusts", "https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["kdc-tcp-timeout", "kdc-tcp-refused", "kdc-no-reply", "kdc-too-big-no-tcp", "dns-srv-missing", "dns-no-answer", "dns-servfail-refused", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// A client that sends nothing to the next realm for so long does not look for it any more.
const SILENCE_NANOS: i64 = 30_000_000_000;
/// How long Windows waits for a KDC, by default.
const WAIT_NANOS: i64 = 10_000_000_000;
/// No KDC takes longer, as a rule.
const PENDING_NANOS: i64 = 1_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    let (request, realm) = attempt.referrals().last()?;
    let answer = request.answer.as_ref()?;
    let referred = answer.span.last();
    let reached = attempt.tickets.iter().any(|later| {
        later.asked.first() > referred && later.answer.is_some() && is_for(later, realm)
    });
    if !attempt.lacks_ticket() || reached {
        return None;
    }
    let tries = tries_after(attempt, referred, realm);
    let failed = tries.iter().any(|tried| tried.in_vain);
    let watched = attempt.watched_since(answer.span.last_time);
    if tries.is_empty() && watched < SILENCE_NANOS || !tries.is_empty() && !failed {
        return None;
    }
    if is_pending(attempt, referred, realm) {
        return None;
    }
    Some(finding(attempt, tries, (request, realm), watched))
}

/// Whether the client asked one more KDC of `realm` just before the end of the capture: its answer may be on its way.
fn is_pending(attempt: &Attempt, referred: FrameNumber, realm: &str) -> bool {
    let last = attempt
        .tickets
        .iter()
        .rfind(|request| request.asked.first() > referred && is_for(request, realm));
    last.is_some_and(|last| {
        last.is_unanswered()
            && last.unreachable.is_none()
            && !attempt.is_given_up_after(last.last_span().last_time, PENDING_NANOS)
    })
}

fn finding(
    attempt: &Attempt,
    tries: Vec<Try>,
    (request, realm): (&TicketRequest, &str),
    watched: i64,
) -> Finding {
    let referred = request.answered_in().unwrap_or_default();
    let silence = tries.is_empty().then(|| {
        Evidence::new(
            referred,
            format!(
                "no packet to a KDC of {realm} in the {} after this frame",
                words::duration(watched)
            ),
        )
    });
    let ignored = silence.as_ref().map(|_| {
        Rival::new(
            "ref-not-chased",
            "the client may not follow referrals, or cannot use the encryption type of this one: a capture that shows where it looks for that realm would tell",
        )
    });
    let confidence = if silence.is_some() {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    let reference = Evidence::new(referred, words::leads_to(request, realm));
    let failures = tries.into_iter().map(|failure| failure.evidence).take(8);
    Finding {
        title: format!("No KDC of {realm} can be reached from the client"),
        explanation: format!(
            "In frame {referred} {}. No KDC of {realm} answered it afterwards, so it has no ticket for {}. The client itself must reach a KDC of that realm; that the domain controllers reach each other is not enough.",
            words::leads_to(request, realm),
            attempt.target.name().unwrap_or("the service")
        ),
        evidence: failures.chain(silence).chain([reference]).collect(),
        rivals: ignored.into_iter().collect(),
        fix: vec![
            Fix::new(
                "Locate a KDC of that realm, on the client",
                command::with(realm, |realm| {
                    format!("nltest /dsgetdc:{realm} /force /kdc")
                }),
            ),
            Fix::new(
                "Try the port of one of its domain controllers, from the client",
                command::with(realm, |realm| {
                    format!("Test-NetConnection {realm} -Port 88")
                }),
            ),
            Fix::new(
                "Ask DNS for its KDCs",
                command::with(realm, |realm| {
                    format!("nslookup -type=SRV _kerberos._tcp.dc._msdcs.{realm}")
                }),
            ),
        ],
        ..FOREIGN_KDC_UNREACHABLE.finding(confidence)
    }
}

/// Something that the client did for the next realm, without success.
struct Try {
    evidence: Evidence,
    /// The client did it again, since nothing came back, or gave up.
    in_vain: bool,
}

/// Whether `request` goes to a KDC of `realm`, or to one whose realm the capture does not tell.
fn is_for(request: &TicketRequest, realm: &str) -> bool {
    request
        .realm()
        .is_none_or(|asked| asked.eq_ignore_ascii_case(realm))
}

/// What the client did for `realm` after frame `referred`, in order.
fn tries_after(attempt: &Attempt, referred: FrameNumber, realm: &str) -> Vec<Try> {
    let mut tries: Vec<Try> = requests(attempt, referred, realm)
        .chain(connects(attempt, referred, realm))
        .chain(lookups(attempt, referred, realm))
        .collect();
    tries.sort_by_key(|tried| tried.evidence.frame);
    tries
}

fn requests<'a>(
    attempt: &'a Attempt,
    referred: FrameNumber,
    realm: &'a str,
) -> impl Iterator<Item = Try> + 'a {
    attempt
        .tickets
        .iter()
        .filter(move |request| {
            request.asked.first() > referred && request.is_unanswered() && is_for(request, realm)
        })
        .map(move |request| Try {
            evidence: Evidence::new(
                request.asked.first(),
                format!("asks the KDC {} of {realm}: no answer", request.kdc.addr),
            ),
            in_vain: attempt.is_repeated(request) || attempt.waited_in_vain(request, WAIT_NANOS),
        })
}

/// Connections that failed, but not those to KDCs that are known to be another realm's.
fn connects<'a>(
    attempt: &'a Attempt,
    referred: FrameNumber,
    realm: &'a str,
) -> impl Iterator<Item = Try> + 'a {
    let of_other_realm = move |address| {
        attempt
            .tickets
            .iter()
            .any(|request| request.kdc.addr == address && !is_for(request, realm))
    };
    attempt
        .kdc_connects
        .iter()
        .filter(move |connect| {
            connect.first().frame > referred
                && (connect.is_refused() || attempt.is_ignored(connect))
                && !of_other_realm(connect.server.addr)
        })
        .map(move |connect| {
            let how = if connect.is_refused() {
                "refused"
            } else {
                "no answer"
            };
            Try {
                evidence: Evidence::new(
                    connect.first().frame,
                    format!("tries to connect to {}: {how}", connect.server),
                ),
                in_vain: connect.is_silent() && connect.syns.len() > 1
                    || attempt.is_given_up_after(connect.last.time, WAIT_NANOS),
            }
        })
}

/// Questions for the KDCs of `realm`, unless one of them was answered with a record.
fn lookups<'a>(
    attempt: &'a Attempt,
    referred: FrameNumber,
    realm: &'a str,
) -> impl Iterator<Item = Try> + 'a {
    let of_realm = move |lookup: &&Lookup| {
        lookup.is_for_service()
            && lookup
                .kdc_realm()
                .is_some_and(|asked| asked.trim_end_matches('.').eq_ignore_ascii_case(realm))
    };
    let located = attempt
        .kdc_lookups
        .iter()
        .filter(of_realm)
        .any(Lookup::is_found);
    let records = attempt
        .kdc_lookups
        .iter()
        .filter(of_realm)
        .filter(move |_| !located);
    records
        .chain(hosts_without_address(&attempt.kdc_lookups, realm))
        .filter(move |lookup| lookup.asked.first() > referred)
        .map(move |lookup| Try {
            evidence: Evidence::new(
                lookup.asked.first(),
                format!("looks for {}: nothing found", lookup.name),
            ),
            in_vain: attempt.is_given_up_after(lookup.last_span().last_time, WAIT_NANOS),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{
        HOME, NEXT, SERVICE, attempt, referral, refused, server_connect, service_lookup,
        silent_connect, tgs,
    };
    use crate::wire::dns::Rcode;
    use crate::wire::kerberos::error_code::ErrorCode;

    fn referred(until: u64) -> Attempt {
        let mut attempt = attempt(until);
        attempt.tickets.push(referral(1));
        attempt
    }

    #[test]
    fn a_capture_that_ends_after_the_referral_says_nothing_about_the_next_realm() {
        let mut attempt = referred(4);
        assert!(check(&attempt).is_none());
        attempt.tickets.push(tgs(3, NEXT, SERVICE));
        attempt.kdc_connects.push(silent_connect(&[4], NEXT));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_next_realm_that_stays_silent_is_out_of_reach() {
        let mut attempt = referred(20);
        attempt.kdc_connects.push(silent_connect(&[3], NEXT));
        let finding = check(&attempt).expect("a finding");
        assert_eq!(finding.confidence, Confidence::Likely);
        assert_eq!(finding.evidence[0].frame, FrameNumber(3));
    }

    #[test]
    fn a_client_that_gives_up_need_not_be_watched_for_long() {
        let mut attempt = referred(5);
        attempt.tickets.push(tgs(3, NEXT, SERVICE));
        attempt.connects.push(server_connect(5));
        assert!(check(&attempt).is_some());
    }

    #[test]
    fn questions_about_the_home_realm_are_no_tries_to_reach_the_next_one() {
        let mut attempt = referred(20);
        let name = format!("_kerberos-master._udp.{HOME}");
        attempt
            .kdc_lookups
            .push(service_lookup(3, &name, Rcode::NAME_ERROR));
        attempt.kdc_connects.push(silent_connect(&[5], HOME));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_realm_that_refuses_was_reached() {
        let mut attempt = referred(60);
        let asked = tgs(3, NEXT, SERVICE);
        attempt
            .tickets
            .push(refused(asked, ErrorCode::S_PRINCIPAL_UNKNOWN));
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn silence_alone_leaves_another_cause_open() {
        let finding = check(&referred(60)).expect("a finding");
        assert_eq!(finding.confidence, Confidence::Possible);
        assert!(!finding.rivals.is_empty());
    }
}
