//! Rule `ntlm-accepted`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Severity};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::outcome::Outcome;
use crate::rules::command;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The server accepted the client by NTLM. It knows the computer, but Kerberos was not used; Configuration Manager 2007
    /// describes automatic approval as needing Kerberos, and later versions differ.
    ///
    /// ## How it shows
    ///
    /// A 2xx to a request with an NTLM proof.
    ///
    /// ## What else it could be
    ///
    /// Later versions were seen to approve computers that came with NTLM, and the newest are said to refuse it again: the
    /// version decides what this means for approval.
    ///
    /// ## What to do
    ///
    /// Remove what keeps the client from Kerberos.
    pub(in crate::rules) static NTLM_ACCEPTED = {
        id: "ntlm-accepted",
        summary: "signed on, but with NTLM",
        severity: Warning,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007", "https://github.com/Mayyhem/SharpSCCM"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.outcome != Outcome::NtlmAccepted {
        return None;
    }
    let proof = attempt
        .http
        .iter()
        .rev()
        .find(|exchange| exchange.is_accepted() && exchange.ntlm_type().is_some())?;
    let answer = proof.answer.as_ref()?;
    let severity = if attempt.kind == AttemptKind::Ccm {
        NTLM_ACCEPTED.meta.severity
    } else {
        Severity::Note
    };
    let name = attempt.target.name().unwrap_or("the server").to_owned();
    Some(Finding {
        severity,
        title: "The client was accepted with NTLM, not with Kerberos".to_owned(),
        explanation: "The server accepted the client's NTLM proof. Whether a site approves a client that came with NTLM depends on its version: Configuration Manager 2007 describes automatic approval as needing Kerberos.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted"),
            Evidence::new(proof.asked.first(), "the NTLM proof (type 3)"),
        ],
        fix: vec![Fix::new("Ask for the ticket by hand, on the client", command::with(&name, |name| format!("klist -li 0x3e7 get HTTP/{name}")))],
        ..NTLM_ACCEPTED.finding(Confidence::Proven)
    })
}
