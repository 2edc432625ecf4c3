//! Rule `loopback-check`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A Windows machine that signs on to itself under another name than its own refuses that, as a guard against
    /// reflected proof.
    ///
    /// ## How it shows
    ///
    /// The request comes from the server's own address and its proof is answered by a 401.
    ///
    /// ## What else it could be
    ///
    /// A machine that uses its own name is let in; then nothing is reported.
    ///
    /// ## What to do
    ///
    /// Add the name to BackConnectionHostNames.
    pub(in crate::rules) static LOOPBACK_CHECK = {
        id: "loopback-check",
        summary: "client and server are the same machine",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/networking/accessing-server-locally-with-fqdn-cname-alias-denied"],
        since: "0.1.0",
        supersedes: ["ntlm-rejected", "http-401-no-reason", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.last_token().filter(|sent| {
        sent.client.addr == sent.server.addr && sent.status() == Some(401) && !sent.is_ntlm_leg()
    })?;
    if attempt.is_accepted() {
        return None;
    }
    let answer = refused.answer.as_ref()?;
    Some(Finding {
        title: "Client and server are the same machine, and the proof is refused".to_owned(),
        explanation: format!("The request comes from {0} and goes to {0}. Windows refuses a machine's proof to itself under a name that is not its own.", refused.client.addr),
        evidence: vec![
            Evidence::new(answer.span.first(), "401 to the proof"),
            Evidence::new(refused.asked.first(), "from the server's own address"),
        ],
        fix: vec![Fix::new("See the names that are allowed, on that machine", Some("reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 /v BackConnectionHostNames".to_owned()))],
        ..LOOPBACK_CHECK.finding(Confidence::Likely)
    })
}
