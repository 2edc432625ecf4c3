//! Rule `foreign-kdc-unreachable`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
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

fn check(attempt: &Attempt) -> Option<Finding> {
    let (request, realm) = attempt.referrals().last()?;
    let answer = request.answer.as_ref()?;
    let referred = answer.span.last();
    let reached = attempt.tickets.iter().any(|later| {
        later.asked.first() > referred
            && later.answer.is_some()
            && later
                .realm()
                .is_some_and(|asked| asked.eq_ignore_ascii_case(realm))
    });
    if !attempt.lacks_ticket() || reached {
        return None;
    }
    let tried = tries_after(attempt, referred, realm);
    let watched = attempt.watched_since(answer.span.last_time);
    if tried.is_empty() && watched < SILENCE_NANOS {
        return None;
    }
    let silence = tried.is_empty().then(|| {
        Evidence::new(
            referred,
            format!(
                "no packet to a KDC of {realm} in the {} after this frame",
                words::duration(watched)
            ),
        )
    });
    let reference = Evidence::new(referred, format!("the KDC refers the client to {realm}"));
    Some(Finding {
        title: format!("No KDC of {realm} can be reached from the client"),
        explanation: format!(
            "The client was referred to {realm} in frame {referred}. No KDC of {realm} answered it afterwards, so it has no ticket for the service."
        ),
        evidence: tried
            .into_iter()
            .chain(silence)
            .chain([reference])
            .collect(),
        fix: vec![
            Fix::new(
                "Locate a KDC of that realm, on the client",
                command::with(realm, |realm| {
                    format!("nltest /dsgetdc:{realm} /force /kdc")
                }),
            ),
            Fix::new(
                "Ask DNS for its KDCs",
                command::with(realm, |realm| {
                    format!("nslookup -type=SRV _kerberos._tcp.dc._msdcs.{realm}")
                }),
            ),
        ],
        ..FOREIGN_KDC_UNREACHABLE.finding(Confidence::Likely)
    })
}

/// What the client did for the next realm, without success.
fn tries_after(attempt: &Attempt, referred: FrameNumber, realm: &str) -> Vec<Evidence> {
    let requests = attempt
        .tickets
        .iter()
        .filter(|request| request.asked.first() > referred && request.is_unanswered())
        .map(|request| {
            Evidence::new(
                request.asked.first(),
                format!("asks the KDC {} of {realm}: no answer", request.kdc.addr),
            )
        });
    let connects = attempt
        .kdc_connects
        .iter()
        .filter(|connect| connect.first().frame > referred && connect.is_failed())
        .map(|connect| {
            Evidence::new(
                connect.first().frame,
                format!(
                    "tries to connect to {}: {}",
                    connect.server,
                    if connect.is_refused() {
                        "refused"
                    } else {
                        "no answer"
                    }
                ),
            )
        });
    let lookups = attempt
        .kdc_lookups
        .iter()
        .filter(|lookup| {
            lookup.asked.first() > referred && !lookup.is_found() && lookup.is_for_service()
        })
        .map(|lookup| {
            Evidence::new(
                lookup.asked.first(),
                format!("looks for {}: nothing found", lookup.name),
            )
        });
    let mut tried: Vec<Evidence> = requests.chain(connects).chain(lookups).collect();
    tried.sort_by_key(|evidence| evidence.frame);
    tried.truncate(8);
    tried
}
