//! Rule `ap-pac-validation`.

use crate::finding::{Confidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::spnego::NegState;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket opened, or may have opened, and what came after that failed: the check of the groups in it with a
    /// domain controller, or a right to log on.
    ///
    /// ## How it shows
    ///
    /// A 401 to a ticket holds the server's own proof, an AP-REP, or says that the negotiation is complete: the ticket was
    /// opened. As a question: a ticket is refused with a 401 without any reason, and no clock is known to be off.
    ///
    /// ## What else it could be
    ///
    /// A wrong key, where the server says nothing at all.
    ///
    /// ## What to do
    ///
    /// Read the status of the failed logon in the server's security log.
    pub(in crate::rules) static AP_PAC_VALIDATION = {
        id: "ap-pac-validation",
        summary: "the server opens the ticket, or may have, and does not let the account in",
        severity: Note,
        stage: Ap,
        owner: Mp,
        sources: ["MS-KILE section 3.3.5.8"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    opened(attempt).or_else(|| in_question(attempt))
}

/// The server shows that it opened the ticket. A negotiation that is to go on is no refusal.
fn opened(attempt: &Attempt) -> Option<Finding> {
    let opened = attempt.opened_ticket()?;
    let answer = opened.answer.as_ref()?;
    let goes_on = [NegState::AcceptIncomplete, NegState::RequestMic].map(Some);
    if goes_on.contains(&opened.answer_token()?.neg_state) {
        return None;
    }
    let said = "401 with the server's own proof: it opened the ticket".to_owned();
    Some(Finding {
        title: "The server opens the ticket and does not let the account in".to_owned(),
        explanation: "The server answered 401, but its answer completes the sign-on, which only the owner of the ticket's key can do. So service name, key and clocks are right: the reason lies behind them, as a rule in a right that the account lacks at this server or path.".to_owned(),
        severity: Severity::Error,
        evidence: token::evidence(attempt, opened, answer, said),
        fix: vec![
            Fix::new("See which accounts and groups the server lets in at this path", None),
            failed_logons(),
        ],
        ..AP_PAC_VALIDATION.finding(Confidence::Proven)
    })
}

fn failed_logons() -> Fix {
    Fix::new(
        "Read the last failed logons, on the server",
        Some(
            "wevtutil qe Security /q:\"*[System[(EventID=4625)]]\" /c:5 /rd:true /f:text"
                .to_owned(),
        ),
    )
}

/// The server says nothing, so that it may have opened the ticket.
fn in_question(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let clocks_explain = attempt
        .clock_beside_kdc(refused.server.addr)
        .is_some_and(|(own, kdc)| own.is_apart_from(&kdc));
    if clocks_explain {
        return None;
    }
    Some(Finding {
        title: "A question: did the server open the ticket and refuse the account?".to_owned(),
        explanation: "A server that can open a ticket and does not let its owner in answers with such a bare 401. The capture cannot tell this from a wrong key; the server's security log can.".to_owned(),
        evidence: token::evidence(attempt, refused, answer, "401 without a reason".to_owned()),
        rivals: vec![Rival::new("http-401-no-reason", "the other reasons for a bare 401 are listed there")],
        fix: vec![failed_logons()],
        ..AP_PAC_VALIDATION.finding(Confidence::Possible)
    })
}
