//! Rule `approval-anonymous-path`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// After its sign-on failed, the client sent a message on the path that needs no proof. If it was its registration,
    /// a record exists that is not approved.
    ///
    /// ## How it shows
    ///
    /// A message on `/ccm_system/request` is accepted without proof, after the sign-on was refused or not answered.
    ///
    /// ## What else it could be
    ///
    /// Policies and states travel on that path all the time.
    ///
    /// ## What to do
    ///
    /// Mend the sign-on; then delete the record and restart the agent.
    pub(in crate::rules) static APPROVAL_ANONYMOUS_PATH = {
        id: "approval-anonymous-path",
        summary: "a question: did the client register without proof?",
        severity: Note,
        stage: Approval,
        owner: Client,
        sources: ["https://github.com/Mayyhem/SharpSCCM"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let failed = attempt
        .http
        .iter()
        .find(|exchange| exchange.is_windowsauth() && !exchange.is_accepted())?;
    let signed_on = attempt
        .http
        .iter()
        .any(|exchange| exchange.is_windowsauth() && exchange.is_accepted());
    let bare = attempt.http.iter().find(|exchange| {
        let other_path = exchange.is_ccm() && !exchange.is_windowsauth();
        other_path && exchange.is_accepted() && exchange.asked.first() > failed.asked.first()
    })?;
    let answer = bare.answer.as_ref().filter(|_| !signed_on)?;
    Some(Finding {
        title: "A question: did the client register on the path without proof?".to_owned(),
        explanation: "After the sign-on failed, a message on the path that needs no proof was accepted. Whether it was the registration stands in its body, which is not read.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted without proof"),
            Evidence::new(failed.asked.first(), "the sign-on that failed before"),
        ],
        rivals: vec![Rival::new("approval-ok", "policies and states travel on this path all the time: ClientIDManagerStartup.log tells when the client registered")],
        fix: vec![Fix::new("See what the client registered, on it", Some("findstr /i register C:\\Windows\\CCM\\Logs\\ClientIDManagerStartup.log".to_owned()))],
        ..APPROVAL_ANONYMOUS_PATH.finding(Confidence::Possible)
    })
}
