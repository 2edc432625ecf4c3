//! Rule `ap-skew`.

use crate::finding::{Confidence, Evidence, Finding, Rival};
use crate::model::attempt::Attempt;
use crate::model::clock::TOLERANCE_NANOS;
use crate::rules::rule::declare_rule;
use crate::rules::token::clock_fixes;
use crate::rules::{outputs, token, words};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The server refuses the ticket, or the proof beside it, because of the time: its clock differs from the others by
    /// more than it allows, five minutes by default. Windows cannot heal this from the client's side.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 37 in the 401. The server's time is in the error, and in `Date`. Where the 401 has no reason, the two clocks
    /// alone make it likely, if they are further apart than is allowed.
    ///
    /// ## What else it could be
    ///
    /// If the server's clock agrees with the KDC's, the client's own clock is the one that is wrong.
    ///
    /// ## What to do
    ///
    /// Let the server take its time from the domain, and look for what sets its clock wrong.
    pub(in crate::rules) static AP_SKEW = {
        id: "ap-skew",
        summary: "the server's clock is wrong",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["MS-KILE section 3.4.5", "https://mskb.pkisolutions.com/kb/956627"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted", "http-spn-on-user-account"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    said(attempt).or_else(|| measured(attempt))
}

/// The server says so.
fn said(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| error.code == ErrorCode::SKEW)?;
    let answer = refused.answer.as_ref()?;
    let server = refused.server.addr;
    let offset = attempt
        .clock(server)
        .map(|reading| reading.offset_nanos)
        .filter(|offset| offset.abs() > TOLERANCE_NANOS);
    let against_kdc = attempt
        .tickets
        .iter()
        .find_map(|request| attempt.clock(request.kdc.addr))
        .map(|kdc| {
            let place = match kdc.offset_nanos {
                -999_999_999..=999_999_999 => "within a second of that of the capture".to_owned(),
                apart => words::apart(apart, "that of the capture"),
            };
            format!(" The KDC's clock is {place}.")
        })
        .unwrap_or_default();
    let (title, measured) = match offset {
        Some(offset) => (
            format!(
                "The server's clock is {}",
                words::apart(offset, "that of the capture")
            ),
            format!(
                "Its answers show a time that is {}.{against_kdc}",
                words::apart(offset, "the capture's")
            ),
        ),
        None => (
            "The server refuses the ticket because of the time".to_owned(),
            format!(
                "Its own clock agrees with that of the capture, so the client's clock, or the time in the ticket, is the one that is off.{against_kdc}"
            ),
        ),
    };
    let mut evidence = token::evidence(attempt, refused, answer, error.code.to_string());
    evidence.extend(outputs::clock_apart(attempt, server, answer.span.first()));
    Some(Finding {
        title,
        explanation: format!(
            "The client showed its ticket and the server at {server} refused it because of the time. {measured}"
        ),
        evidence,
        fix: clock_fixes(server).into(),
        ..AP_SKEW.finding(Confidence::Proven)
    })
}

/// The server gives no reason, and its clock is further from the KDC's than is allowed.
fn measured(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let server = refused.server.addr;
    let (own, kdc) = attempt.clock_beside_kdc(server)?;
    if !own.is_apart_from(&kdc) {
        return None;
    }
    let apart = words::apart(own.ahead_of(&kdc), "the KDC's");
    let mut evidence = token::evidence(attempt, refused, answer, "401 without a reason".to_owned());
    evidence.push(Evidence::new(own.frame, "the server's time"));
    evidence.push(Evidence::new(kdc.frame, "the KDC's time"));
    Some(Finding {
        title: format!("The server refuses the ticket, and its clock is {apart}"),
        explanation: format!(
            "The server at {server} answered 401 to the ticket and did not say why. Its clock is {apart}; more than five minutes are not allowed by default, and times in a ticket are the KDC's."
        ),
        evidence,
        rivals: vec![Rival::new(
            "http-401-no-reason",
            "a server that allows more refuses for another reason: its IIS log has a number",
        )],
        fix: clock_fixes(server).into(),
        ..AP_SKEW.finding(Confidence::Likely)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::ClockSample;
    use crate::outcome::Outcome;
    use crate::rules::testing::{HOME, NEXT, SERVICE, answers, shows_ticket, tgs, web};

    const MINUTE: i64 = 60_000_000_000;

    /// A bare 401 to a ticket, and how far the clocks of the server and of the KDC are from that of the capture.
    fn refused(server: i64, kdc: Option<i64>) -> Attempt {
        let request = tgs(3, HOME, SERVICE);
        let shown = answers(shows_ticket(web(10, 401), NEXT, SERVICE), None, None);
        let sample = |host, frame, offset_nanos, source| ClockSample {
            host,
            frame: crate::frame::FrameNumber(frame),
            offset_nanos,
            source,
        };
        let of_server = sample(shown.server.addr, 11, server, "HTTP Date");
        let of_kdc = kdc.map(|offset| sample(request.kdc.addr, 4, offset, "KRB-ERROR stime"));
        Attempt {
            clocks: [of_server].into_iter().chain(of_kdc).collect(),
            tickets: vec![request],
            http: vec![shown],
            outcome: Outcome::Rejected,
            ..crate::rules::testing::attempt(60)
        }
    }

    #[test]
    fn clocks_that_are_apart_explain_a_bare_refusal_and_those_that_agree_do_not() {
        let found = check(&refused(-12 * MINUTE, Some(0))).unwrap();
        assert_eq!(found.confidence, Confidence::Likely);
        assert!(
            found.title.contains("12 min behind the KDC's"),
            "{}",
            found.title
        );
        assert!(check(&refused(-12 * MINUTE, Some(-11 * MINUTE))).is_none());
        assert!(
            check(&refused(-12 * MINUTE, None)).is_none(),
            "no KDC's time"
        );
    }
}
