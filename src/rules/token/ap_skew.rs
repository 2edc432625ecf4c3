//! Rule `ap-skew`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::{token, words};
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The server refuses the ticket, or the proof beside it, because of the time: its clock differs from the others by
    /// more than it allows, five minutes by default. Windows cannot heal this from the client's side.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 37 in the 401. The server's time is in the error, and in `Date`.
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

/// What Windows and MIT allow by default.
const TOLERANCE_NANOS: i64 = 300_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
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
            format!(
                " The KDC's clock is {} {} of that of the capture.",
                words::duration(kdc.offset_nanos),
                words::direction(kdc.offset_nanos)
            )
        })
        .unwrap_or_default();
    let (title, measured) = match offset {
        Some(offset) => (
            format!(
                "The server's clock is {} {} of that of the capture",
                words::duration(offset),
                words::direction(offset)
            ),
            format!(
                "Its answers show a time that is {} {} of the capture's.{against_kdc}",
                words::duration(offset),
                words::direction(offset)
            ),
        ),
        None => (
            "The server refuses the ticket because of the time".to_owned(),
            format!(
                "Its own clock agrees with that of the capture, so the client's clock, or the time in the ticket, is the one that is off.{against_kdc}"
            ),
        ),
    };
    Some(Finding {
        title,
        explanation: format!(
            "The client showed its ticket and the server at {server} refused it because of the time. {measured}"
        ),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        fix: vec![
            Fix::new(
                "Compare the clocks, on the client or on a domain controller",
                Some(format!(
                    "w32tm /stripchart /computer:{server} /samples:5 /dataonly"
                )),
            ),
            Fix::new(
                "Set the server's clock anew, on the server",
                Some("w32tm /resync /rediscover".to_owned()),
            ),
        ],
        ..AP_SKEW.finding(Confidence::Proven)
    })
}
