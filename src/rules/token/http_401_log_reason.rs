//! Rule `http-401-log-reason`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::model::log_sign_on::{Ending, SignOn, is_refusal};
use crate::model::witness::WebRecord;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::windows;

declare_rule! {
    /// ## What it means
    ///
    /// The server refused the ticket without a reason on the wire, and its own log holds one.
    ///
    /// ## How it shows
    ///
    /// A 401 to a request with a ticket, without an error in its token, and the line of the web server's log about that request
    /// with a Win32 status that is an error of the sign-on. Without a capture: such a line alone, if no later sign-on of the same
    /// address succeeds.
    ///
    /// ## What else it could be
    ///
    /// The status names what the server's security package answered, not what brought it there: a wrong key has several reasons.
    ///
    /// ## What to do
    ///
    /// What the status asks for; the server's security log has the same event with the account.
    pub(in crate::rules) static HTTP_401_LOG_REASON = {
        id: "http-401-log-reason",
        summary: "the server's log says why it refused the ticket",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code", "MS-ERREF section 2.1"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ap-pac-validation"],
        check: Both(check, in_log),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .or_else(|| attempt.opened_ticket())
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let (record, code) = refused.recorded.iter().find_map(|record| {
        let code = record.win32.filter(|code| is_refusal(*code))?;
        Some((record, code))
    })?;
    let (name, meaning) = windows::name(code)?;
    let mut evidence = token::evidence(attempt, refused, answer, "401 without a reason".to_owned());
    let said = format!("Win32 status {code}, {name}");
    evidence.push(Evidence::of_line(answer.span.first(), &record.source, said));
    Some(Finding {
        title: format!("The server refuses the ticket: {name}, as its own log says"),
        explanation: format!(
            "The server answered 401 to the ticket and gave no reason on the wire. Its log has the Win32 status {code} for this request, {name}: {meaning}."
        ),
        evidence,
        fix: fix(code),
        ..HTTP_401_LOG_REASON.finding(Confidence::Likely)
    })
}

fn fix(code: u32) -> Vec<Fix> {
    vec![
        Fix::new(
            "Read what the code means here",
            Some(format!("why401 explain {code}")),
        ),
        Fix::new(
            "Read the last failed logons, on the server",
            Some(
                "wevtutil qe Security /q:\"*[System[(EventID=4625)]]\" /c:5 /rd:true /f:text"
                    .to_owned(),
            ),
        ),
    ]
}

/// Refusals that are told.
const TOLD: usize = 8;

/// The same from the log alone: the last sign-on of an address at a path was refused. What was shown, a ticket or another proof,
/// is not in the log.
fn in_log(facts: &CaptureFacts) -> Option<Finding> {
    let all = facts.log_sign_ons.all();
    let refused = || {
        let latest_first = all.iter().rev().copied();
        latest_first.filter(|it| it.ending == Ending::Refused)
    };
    of_latest(refused().filter(|it| it.is_latest)).or_else(|| {
        // A later one that was accepted may be another computer's.
        of_shared(refused().find(|it| it.is_shared && it.is_ccm())?)
    })
}

/// A refusal at an address from which several computers sign on: whose it was, and whether that one was accepted since, is open.
fn of_shared(sign_on: &SignOn) -> Option<Finding> {
    let leg = sign_on.refusal()?;
    let code = leg.win32.filter(|code| is_refusal(*code))?;
    let (name, meaning) = windows::name(code)?;
    let who = sign_on.asked.client?;
    let said = format!("answers 401 to {who} with the Win32 status {code}, {name}");
    Some(Finding {
        severity: Severity::Note,
        title: format!("A question: is one of the computers at {who} still refused?"),
        explanation: format!(
            "The server's log has the Win32 status {code} for a request of this address, {name}: {meaning}. Several computers sign on from there. Whether the one that was refused is among those that were accepted later, the log does not tell."
        ),
        evidence: vec![Evidence::of_line(FrameNumber::default(), &leg.source, said)],
        fix: fix(code),
        ..HTTP_401_LOG_REASON.finding(Confidence::Possible)
    })
}

fn of_latest<'s>(latest: impl Iterator<Item = &'s SignOn>) -> Option<Finding> {
    let (of_case, others): (Vec<&SignOn>, Vec<&SignOn>) = latest.partition(|it| it.is_ccm());
    let refused: Vec<(&SignOn, &WebRecord, u32, &str, &str)> = of_case
        .into_iter()
        .chain(others)
        .filter_map(|sign_on| {
            let leg = sign_on.refusal()?;
            let code = leg.win32.filter(|code| is_refusal(*code))?;
            let (name, meaning) = windows::name(code)?;
            Some((sign_on, leg, code, name, meaning))
        })
        .take(TOLD)
        .collect();
    let (sign_on, _, code, name, meaning) = *refused.first()?;
    let who = sign_on
        .asked
        .client
        .map_or_else(|| "a client".to_owned(), |client| client.to_string());
    let evidence = refused.iter().map(|(sign_on, leg, code, name, _)| {
        let who = sign_on
            .asked
            .client
            .map_or_else(String::new, |client| format!(" to {client}"));
        let said = format!("answers 401{who} with the Win32 status {code}, {name}");
        Evidence::of_line(FrameNumber::default(), &leg.source, said)
    });
    Some(Finding {
        title: format!("The server refuses the proof of {who}: {name}, as its log says"),
        explanation: format!(
            "The server's log has the Win32 status {code} for this request, {name}: {meaning}. No later line says that this address was accepted there. Whether a ticket or another proof was shown, and for which name and key, only a capture tells."
        ),
        evidence: evidence.collect(),
        fix: fix(code),
        ..HTTP_401_LOG_REASON.finding(Confidence::Likely)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, logged, shows_ticket, web};

    fn recorded(win32: u32) -> Attempt {
        let mut attempt = attempt(60);
        let mut exchange = answers(shows_ticket(web(5, 401), NEXT, SERVICE), None, None);
        exchange.recorded.push(WebRecord {
            win32: Some(win32),
            ..logged(6)
        });
        attempt.http.push(exchange);
        attempt.outcome = Outcome::Rejected;
        attempt
    }

    #[test]
    fn the_log_has_the_reason_that_the_wire_lacks() {
        let finding = check(&recorded(0x8009_030c)).expect("a finding");
        assert!(finding.title.contains("SEC_E_LOGON_DENIED"));
        let of_log = finding.evidence.last().and_then(|it| it.source.as_deref());
        assert_eq!(of_log, Some("u_ex.log:6"));
    }

    #[test]
    fn what_stands_behind_any_401_is_no_reason() {
        // The last three say how a connection ended.
        for code in [0, 5, 0x8009_030e, 64, 995, 1_236] {
            assert!(check(&recorded(code)).is_none());
        }
        let mut silent = recorded(0x8009_030c);
        silent.http[0].recorded.clear();
        assert!(check(&silent).is_none());
    }
}
