//! Rule `http-401-krb-error`.

use crate::finding::{Confidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::kerberos::error_code::ErrorCode;

declare_rule! {
    /// ## What it means
    ///
    /// The server refuses the ticket and says why in a Kerberos error of its own.
    ///
    /// ## How it shows
    ///
    /// A 401 to a request with a ticket, whose token holds a KRB-ERROR that no other rule explains.
    ///
    /// ## What else it could be
    ///
    /// The error is the acceptor's verdict; what led to it is in the server's log.
    ///
    /// ## What to do
    ///
    /// Look the error up, and read the server's security and system log of that moment.
    pub(in crate::rules) static HTTP_401_KRB_ERROR = {
        id: "http-401-krb-error",
        summary: "the server answers with a Kerberos error",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["RFC 4120 section 7.5.9"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

/// Errors that have rules of their own.
const EXPLAINED: [ErrorCode; 10] = [
    ErrorCode::MODIFIED,
    ErrorCode::BAD_INTEGRITY,
    ErrorCode::BADKEYVER,
    ErrorCode::SKEW,
    ErrorCode::TKT_NYV,
    ErrorCode::TKT_EXPIRED,
    ErrorCode::ETYPE_NOSUPP,
    ErrorCode::NOKEY,
    ErrorCode::NOT_US,
    ErrorCode::BADMATCH,
];

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| !EXPLAINED.contains(&error.code))?;
    let answer = refused.answer.as_ref()?;
    let meaning = error
        .code
        .meaning()
        .map_or_else(String::new, |meaning| format!(": {meaning}"));
    Some(Finding {
        title: format!("The server refuses the ticket with {}", error.code),
        explanation: format!("The client showed its ticket, and the server answered with a Kerberos error{meaning}."),
        evidence: token::evidence(attempt, refused, answer, error.code.to_string()),
        fix: vec![Fix::new(
            "Read the server's Kerberos events of that moment, on the server",
            Some("wevtutil qe System /q:\"*[System[Provider[@Name='Microsoft-Windows-Security-Kerberos']]]\" /c:20 /rd:true /f:text".to_owned()),
        )],
        ..HTTP_401_KRB_ERROR.finding(Confidence::Proven)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::outcome::Outcome;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, error, shows_ticket, web};
    use crate::rules::{Selection, attempt_findings};

    #[test]
    fn every_code_in_an_answer_is_told_and_the_general_rule_never_speaks_beside_another() {
        let known = ErrorCode::TABLE.iter().map(|(number, ..)| *number);
        let mut wrong = Vec::new();
        for code in known.chain([4_711, -1]).map(ErrorCode) {
            let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
            let mut attempt = attempt(60);
            attempt.outcome = Outcome::Rejected;
            attempt.http = vec![answers(shown, Some(error(code)), None)];
            let findings = attempt_findings(&attempt, &Selection::default());
            let errors = findings.iter().filter(|it| it.severity == Severity::Error);
            let blamed: Vec<&str> = errors.map(|finding| finding.rule.id).collect();
            let is_beside = blamed.contains(&"http-401-krb-error") && blamed.len() > 1;
            if blamed.is_empty() || is_beside {
                wrong.push(format!("{code}: {blamed:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
