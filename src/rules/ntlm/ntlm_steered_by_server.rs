//! Rule `ntlm-steered-by-server`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::auth_header::{AuthToken, TokenForm};
use crate::wire::spnego::Oid;

declare_rule! {
    /// ## What it means
    ///
    /// The client showed a ticket, and the server chose NTLM: it cannot use the ticket, or does not do Kerberos at all.
    ///
    /// ## How it shows
    ///
    /// The answer to a token with a ticket names NTLM as the mechanism, or is an NTLM challenge.
    ///
    /// ## What else it could be
    ///
    /// A challenge that answers the client's own NTLM token is a normal leg.
    ///
    /// ## What to do
    ///
    /// Look at why the server cannot take the ticket: its key, its time, its identity.
    pub(in crate::rules) static NTLM_STEERED_BY_SERVER = {
        id: "ntlm-steered-by-server",
        summary: "the server puts the ticket aside and asks for NTLM",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["RFC 4178 section 4.2.2"],
        since: "0.1.0",
        supersedes: ["ntlm-rejected", "ntlm-accepted", "http-401-no-reason", "ntlm-no-tgs-attempt"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.is_accepted_by_kerberos() {
        return None;
    }
    let steered = attempt.shown_tickets().find(|shown| {
        let chosen = shown.answer_token().is_some_and(chooses_ntlm);
        shown.krb_error().is_none() && (chosen || shown.is_ntlm_leg())
    })?;
    let answer = steered.answer.as_ref()?;
    Some(Finding {
        title: "The server puts the ticket aside and asks for NTLM".to_owned(),
        explanation: "The client showed a ticket. The server answered by choosing NTLM instead, and did not say what was wrong with the ticket.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "the server chooses NTLM"),
            Evidence::new(steered.asked.first(), "the client shows a ticket"),
        ],
        fix: vec![
            Fix::new("See which providers the site has, on the server", Some("appcmd list config \"Default Web Site/CCM_System_WindowsAuth\" -section:windowsAuthentication".to_owned())),
            Fix::new("Read what Kerberos has logged there", Some("wevtutil qe System /q:\"*[System[Provider[@Name='Microsoft-Windows-Security-Kerberos']]]\" /c:20 /rd:true /f:text".to_owned())),
        ],
        ..NTLM_STEERED_BY_SERVER.finding(Confidence::Likely)
    })
}

/// Whether a reply names NTLM as the mechanism to go on with.
fn chooses_ntlm(token: &AuthToken) -> bool {
    token.form == TokenForm::SpnegoResp && token.mechs.iter().any(Oid::is_ntlm)
}
