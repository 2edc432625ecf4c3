//! Rule `ap-pac-validation`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket may have opened, and what came after that may have failed: the check of the groups in it with a
    /// domain controller, or a right to log on.
    ///
    /// ## How it shows
    ///
    /// A ticket is refused with a 401 without any reason, and no clock is known to be off.
    ///
    /// ## What else it could be
    ///
    /// A wrong key, where the server does not say so.
    ///
    /// ## What to do
    ///
    /// Read the status of the failed logon in the server's security log.
    pub(in crate::rules) static AP_PAC_VALIDATION = {
        id: "ap-pac-validation",
        summary: "a question: may the account log on at the server?",
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
        fix: vec![Fix::new("Read the last failed logons, on the server", Some("wevtutil qe Security /q:\"*[System[(EventID=4625)]]\" /c:5 /rd:true /f:text".to_owned()))],
        ..AP_PAC_VALIDATION.finding(Confidence::Possible)
    })
}
