//! Rule `loopback-check`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// A Windows machine that signs on to itself under another name than its own refuses that, as a guard against
    /// reflected proof.
    ///
    /// ## How it shows
    ///
    /// The request comes from the server's own address and its proof is answered by a 401 without a reason.
    ///
    /// ## What else it could be
    ///
    /// A machine that uses its own name is let in; then nothing is reported. Where the 401 has a Kerberos error, that is the
    /// reason.
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
    let refused = attempt
        .last_token()
        .filter(|sent| is_refused_by_itself(sent))?;
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
        rivals: vec![Rival::new("http-401-no-reason", "a machine's proof to itself may be refused as any other is: event 4625 there has the status")],
        fix: vec![Fix::new("See the names that are allowed, on that machine", Some("reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 /v BackConnectionHostNames".to_owned()))],
        ..LOOPBACK_CHECK.finding(Confidence::Likely)
    })
}

/// Whether the proof goes from an address to itself and comes back with a 401 that has no reason.
fn is_refused_by_itself(sent: &HttpExchange) -> bool {
    let is_refused = sent.status() == Some(401) && !sent.is_ntlm_leg();
    sent.client.addr == sent.server.addr && is_refused && sent.gives_no_reason()
}
