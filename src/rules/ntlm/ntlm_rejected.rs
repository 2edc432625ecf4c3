//! Rule `ntlm-rejected`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::wire::windows;

declare_rule! {
    /// ## What it means
    ///
    /// The client went through the whole NTLM handshake, and the server refused its proof.
    ///
    /// ## How it shows
    ///
    /// A 401 to the NTLM proof (type 3), without another challenge.
    ///
    /// ## What else it could be
    ///
    /// The server's domain may not trust the client's; the computer's password may be out of step; a policy may want a
    /// higher level, or forbid NTLM; a right to log on may be missing.
    ///
    /// ## What to do
    ///
    /// Read the status of the failed logon in the server's security log.
    pub(in crate::rules) static NTLM_REJECTED = {
        id: "ntlm-rejected",
        summary: "the NTLM proof was refused",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["MS-NLMP"],
        since: "0.1.0",
        supersedes: ["ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted() || attempt.outcome == Outcome::ServerError {
        return None;
    }
    let refused = attempt.http.iter().rev().find(|exchange| {
        exchange.ntlm_type() == Some(3) && exchange.status() == Some(401) && !exchange.is_ntlm_leg()
    })?;
    let answer = refused.answer.as_ref()?;
    Some(Finding {
        title: "The server refused the client's NTLM proof".to_owned(),
        explanation: "The client answered the server's NTLM challenge, and the server refused it. Why, only the server and its domain controller know.".to_owned(),
        evidence: evidence(refused, answer.span.first()),
        rivals: vec![Rival::new("ntlm-blocked", "a policy may forbid NTLM: event 4625 with status 0xC0000418 tells")],
        fix: vec![
            Fix::new("Read the status of the failed logon, on the server", Some("wevtutil qe Security /q:\"*[System[(EventID=4625)]]\" /c:5 /rd:true /f:text".to_owned())),
            Fix::new("See whether the computer's secure channel is sound, on the client", Some("Test-ComputerSecureChannel -Verbose".to_owned())),
        ],
        ..NTLM_REJECTED.finding(Confidence::Likely)
    })
}

/// The two legs, and what the server's own log has of the refusal.
fn evidence(refused: &HttpExchange, answered: FrameNumber) -> Vec<Evidence> {
    let legs = [
        Evidence::new(answered, "401 to the NTLM proof"),
        Evidence::new(refused.asked.first(), "the NTLM proof (type 3)"),
    ];
    let of_log = refused.recorded.iter().filter_map(|record| {
        let code = record.win32.filter(|code| *code != 0)?;
        let name = windows::name(code).map_or("", |(name, _)| name);
        let said = format!("Win32 status {code} {name}");
        Some(Evidence::of_line(answered, &record.source, said.trim_end()))
    });
    legs.into_iter().chain(of_log).collect()
}
