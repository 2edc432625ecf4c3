//! Rule `token-over-maxtokensize`.

use crate::finding::{Confidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;

declare_rule! {
    /// ## What it means
    ///
    /// The ticket is larger than the buffer of old servers, or of any server with the usual settings.
    ///
    /// ## How it shows
    ///
    /// A token of more than 48,000 bytes, or of more than 12,000 bytes at IIS 7.5 or older, is refused without a Kerberos
    /// reason. Between the two it is a question only.
    ///
    /// ## What else it could be
    ///
    /// The size alone does not prove that it was the reason: newer servers take 48,000 bytes.
    ///
    /// ## What to do
    ///
    /// Give the account fewer groups, look for old SIDs and claims, or allow larger tokens on all machines.
    pub(in crate::rules) static TOKEN_OVER_MAXTOKENSIZE = {
        id: "token-over-maxtokensize",
        summary: "the ticket is larger than many servers take",
        severity: Error,
        stage: Ap,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-problems-if-user-belongs-to-groups"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

/// What Windows took before version 2012, and takes since (in bytes of a token).
const OLD_LIMIT: usize = 12_000;
const LIMIT: usize = 48_000;
/// The version of IIS that came with Windows Server 2012.
const IIS_OF_2012: u32 = 8;

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let token = refused.windows_token()?.bytes;
    if token <= OLD_LIMIT {
        return None;
    }
    let is_old = answer.iis_version().is_some_and(|of| of < IIS_OF_2012);
    let is_over = is_old || token > LIMIT;
    let (severity, confidence, title) = if is_over {
        let title = format!("The token has {token} bytes, more than the server takes by default");
        (Severity::Error, Confidence::Likely, title)
    } else {
        let title = format!("A question: is a token of {token} bytes too large for the server?");
        (Severity::Note, Confidence::Possible, title)
    };
    Some(Finding {
        severity,
        title,
        explanation: format!("The client showed a token of {token} bytes, and the server refused it without a reason. Windows takes {OLD_LIMIT} bytes before version 2012 and {LIMIT} since, unless told otherwise."),
        evidence: token::evidence(attempt, refused, answer, "401 without a reason".to_owned()),
        rivals: vec![Rival::new("http-401-no-reason", "a server with a larger limit refuses for another reason: Win32 status 2148074240 in the IIS log tells")],
        fix: vec![Fix::new("See the limit, on the server", Some("reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v MaxTokenSize".to_owned()))],
        ..TOKEN_OVER_MAXTOKENSIZE.finding(confidence)
    })
}
