//! Rule `http-no-challenge`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The directory that must ask for Windows proof let the request in without any. The client is registered and not
    /// authenticated, so it is not approved by itself.
    ///
    /// ## How it shows
    ///
    /// A 2xx to a request on the path that asks for Windows proof, without a token on that connection before.
    ///
    /// ## What else it could be
    ///
    /// The connection may have been authenticated before the capture began.
    ///
    /// ## What to do
    ///
    /// Turn anonymous authentication off on that directory.
    pub(in crate::rules) static HTTP_NO_CHALLENGE = {
        id: "http-no-challenge",
        summary: "the server let the client in without asking",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt.visibility.unread.is_some() {
        return None;
    }
    let open = attempt.http.iter().enumerate().find(|(at, exchange)| {
        let proven =
            attempt.http.iter().take(*at).any(|earlier| {
                earlier.connection == exchange.connection && !earlier.shows_no_token()
            });
        let begun = attempt
            .connects
            .iter()
            .any(|connect| Some(connect.id) == exchange.connection && !connect.syns.is_empty());
        exchange.is_windowsauth()
            && exchange.is_accepted()
            && exchange.shows_no_token()
            && exchange.other_proof().is_none()
            && !proven
            && begun
    });
    let (_, exchange) = open?;
    let answer = exchange.answer.as_ref()?;
    Some(Finding {
        title: "The server let the client in without asking who it is".to_owned(),
        explanation: format!("The request to {} carried no proof, and the server accepted it. Anonymous access is on where Windows proof must be asked for, so the site cannot know who the client is.", exchange.path()),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted without proof"),
            Evidence::new(exchange.asked.first(), "the request, without security information"),
        ],
        fix: vec![Fix::new(
            "Turn anonymous access off, on the server",
            Some("appcmd set config \"Default Web Site/CCM_System_WindowsAuth\" -section:anonymousAuthentication /enabled:false /commit:apphost".to_owned()),
        )],
        ..HTTP_NO_CHALLENGE.finding(Confidence::Proven)
    })
}
