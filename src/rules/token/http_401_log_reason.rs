//! Rule `http-401-log-reason`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
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
    /// with a Win32 status that is an error of the sign-on.
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
        check: Attempt(check),
    }
}

/// `S_OK`, `ERROR_ACCESS_DENIED` and `SEC_E_NO_CREDENTIALS` stand behind any 401, the first one of a healthy sign-on too.
const NO_REASON: [u32; 3] = [0, 5, 0x8009_030e];

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let (record, code) = refused.recorded.iter().find_map(|record| {
        let code = record.win32.filter(|code| !NO_REASON.contains(code))?;
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
        fix: vec![
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
        ],
        ..HTTP_401_LOG_REASON.finding(Confidence::Likely)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::witness::{Source, WebRecord};
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, second, shows_ticket, web};

    fn recorded(win32: u32) -> Attempt {
        let mut attempt = attempt(60);
        let mut exchange = answers(shows_ticket(web(5, 401), NEXT, SERVICE), None, None);
        exchange.recorded.push(WebRecord {
            source: Source {
                file: "u_ex.log".into(),
                line: 6,
            },
            time: second(6),
            request: "CCM_POST /ccm_system_windowsauth/request".into(),
            user: None,
            status: Some(401),
            substatus: Some(1),
            win32: Some(win32),
            time_taken: None,
            reason: None,
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
        for code in NO_REASON {
            assert!(check(&recorded(code)).is_none());
        }
        let mut silent = recorded(0x8009_030c);
        silent.http[0].recorded.clear();
        assert!(check(&silent).is_none());
    }
}
