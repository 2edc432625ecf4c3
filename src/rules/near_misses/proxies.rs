//! Rules about what stands between a client and the server.

use super::*;
use crate::finding::Confidence;

#[test]
fn an_answer_of_the_proxys_own_says_nothing_of_the_server() {
    let answered = |server: &str, error: Option<&str>| {
        let mut exchange = web(1, 403);
        exchange.request.head.uri = "http://mp.root.lab/ccm_system_windowsauth/request".into();
        if let Some(answer) = &mut exchange.answer {
            answer.response.head.server = Some(server.into());
            answer.response.head.proxy_error = error.map(Into::into);
            answer.response.head.via_proxy = true;
        }
        with_web(Outcome::ServerError, vec![exchange])
    };
    let headline = |attempt: &Attempt| {
        let found = attempt_findings(attempt, &Selection::default());
        let led = found.into_iter().find(|finding| finding.headline);
        led.map(|finding| (finding.rule.id, finding.confidence))
    };
    let denied = answered("other", Some("ERR_ACCESS_DENIED 0"));
    let by_proxy = Some(("http-proxy-in-path", Confidence::Proven));
    assert_eq!(headline(&denied), by_proxy);
    assert_eq!(severity("http-403", &denied), None);
    assert_eq!(headline(&answered("squid/5.7", None)), by_proxy);
    let passed_on = answered("Microsoft-IIS/10.0", None);
    assert_eq!(headline(&passed_on), Some(("http-403", Confidence::Proven)));
    let unknown = answered("other", None);
    assert_eq!(headline(&unknown), Some(("http-403", Confidence::Possible)));
}

#[test]
fn a_request_that_was_passed_on_says_so_at_the_server() {
    let asked = |via_proxy| {
        let mut exchange = shows_ticket(web(1, 200), NEXT, SERVICE);
        exchange.request.head.via_proxy = via_proxy;
        with_web(Outcome::KerberosAccepted, vec![exchange])
    };
    assert_apart("http-proxy-in-path", &asked(true), &asked(false));
    assert_eq!(
        severity("http-proxy-in-path", &asked(true)),
        Some(Severity::Note)
    );
}

#[test]
fn a_proxy_gives_itself_away() {
    let answered = |status, via_proxy| {
        let mut exchange = web(1, status);
        if let Some(answer) = &mut exchange.answer {
            answer.response.head.via_proxy = via_proxy;
        }
        with_web(Outcome::ServerError, vec![exchange])
    };
    assert_apart(
        "http-proxy-in-path",
        &answered(407, false),
        &answered(500, false),
    );
    assert_apart(
        "http-proxy-in-path",
        &answered(500, true),
        &answered(500, false),
    );
}

#[test]
fn only_a_proxy_is_asked_with_scheme_and_host() {
    let asked = |method: &str, uri: &str| {
        let mut exchange = web(1, 500);
        exchange.request.head.method = method.into();
        exchange.request.head.uri = uri.into();
        with_web(Outcome::ServerError, vec![exchange])
    };
    let plain = asked("GET", "/go?to=http://mp.root.lab/");
    let absolute = asked("GET", "http://mp.root.lab/ccm_system_windowsauth/request");
    assert_apart("http-proxy-in-path", &absolute, &plain);
    let tunnel = asked("CONNECT", "mp.root.lab:443");
    assert_apart("http-proxy-in-path", &tunnel, &plain);
}
