//! Rule `http-no-negotiate-offered`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::attempt::AttemptKind;
use crate::model::http_exchange::HttpExchange;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The server asks for proof and does not offer Negotiate, so no client can use Kerberos with it.
    ///
    /// ## How it shows
    ///
    /// A 401 whose list of schemes has no Negotiate and no Kerberos.
    ///
    /// ## What else it could be
    ///
    /// A proxy on the way may have removed the scheme.
    ///
    /// ## What to do
    ///
    /// Put Negotiate first among the providers of Windows authentication on that directory.
    pub(in crate::rules) static HTTP_NO_NEGOTIATE_OFFERED = {
        id: "http-no-negotiate-offered",
        summary: "the server does not offer Negotiate",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: ["ntlm-no-tgs-attempt", "ntlm-accepted", "ntlm-blocked", "http-client-stays-silent"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    if attempt
        .http
        .iter()
        .any(|exchange| exchange.offers_kerberos() || is_cut(exchange))
        || attempt.shown_tickets().next().is_some()
    {
        return None;
    }
    let asked = attempt
        .http
        .iter()
        .find(|exchange| exchange.status() == Some(401) && !exchange.is_ntlm_leg())?;
    let answer = asked.answer.as_ref()?;
    let schemes: Vec<&str> = answer
        .response
        .head
        .challenges
        .iter()
        .map(|scheme| scheme.0.as_str())
        .collect();
    let offered = if schemes.is_empty() {
        "nothing".to_owned()
    } else {
        schemes.join(", ")
    };
    let severity = if attempt.kind == AttemptKind::Ccm {
        HTTP_NO_NEGOTIATE_OFFERED.meta.severity
    } else {
        Severity::Note
    };
    let (confidence, by_proxy) = if asked.is_through_proxy() {
        let rival = Rival::new(
            "http-proxy-in-path",
            "a proxy stands between, and some proxies take Negotiate out of what a server offers: a capture at the server shows its own answer",
        );
        (Confidence::Likely, Some(rival))
    } else {
        (Confidence::Proven, None)
    };
    Some(Finding {
        severity,
        title: format!("The server does not offer Negotiate, only {offered}"),
        explanation: format!("The server asked for proof and offered {offered}. Kerberos is not among it, so no client can sign on to it with Kerberos."),
        evidence: vec![Evidence::new(answer.span.first(), format!("401 that offers {offered}"))],
        fix: vec![Fix::new(
            "See the providers, on the server",
            Some("appcmd list config \"Default Web Site/CCM_System_WindowsAuth\" -section:windowsAuthentication".to_owned()),
        )],
        rivals: by_proxy.into_iter().collect(),
        ..HTTP_NO_NEGOTIATE_OFFERED.finding(confidence)
    })
}

/// Whether it is a 401 of which not all is there: what it offers may stand behind the cut.
fn is_cut(exchange: &HttpExchange) -> bool {
    exchange.status() == Some(401)
        && exchange
            .answer
            .as_ref()
            .is_some_and(|answer| answer.response.head.is_cut)
}
