//! Rules about the web server's answers and NTLM.

use super::*;
use crate::finding::{Confidence, Finding, Owner};
use crate::model::conclude::outcome;
use crate::wire::auth_header::credential;
use crate::wire::kerberos::message::KerberosMessage;

#[test]
fn a_method_that_is_forbidden_is_told_from_a_server_that_fails() {
    let answered = |status| with_web(Outcome::ServerError, vec![web(1, status)]);
    assert_apart("http-verb-blocked", &answered(405), &answered(500));
}

#[test]
fn a_400_is_about_the_header_where_that_is_long() {
    let with_header = |bytes| {
        let mut shown = shows_ticket(web(1, 400), NEXT, SERVICE);
        shown.request.head.auth_header_bytes = bytes;
        with_web(Outcome::ServerError, vec![shown])
    };
    assert_apart(
        "http-400-header-too-long",
        &with_header(20_000),
        &with_header(2_000),
    );
    let found = attempt_findings(&with_header(20_000), &Selection::default());
    let is_sure = |finding: &Finding| finding.confidence == Confidence::Proven;
    assert!(
        found
            .iter()
            .any(|finding| finding.rule.id == "http-400-header-too-long" && !is_sure(finding)),
        "a 400 does not say that it is about the header"
    );
}

#[test]
fn every_status_of_a_failure_is_told_by_one_rule_and_not_by_two() {
    for status in (400..600).filter(|status| *status != 401) {
        let attempt = with_web(Outcome::ServerError, vec![web(1, status)]);
        let found = attempt_findings(&attempt, &Selection::default());
        let blamed = found.iter().filter(|it| it.severity == Severity::Error);
        assert_eq!(blamed.count(), 1, "{status}");
    }
    let answered = |status| with_web(Outcome::ServerError, vec![web(1, status)]);
    assert_apart("http-4xx", &answered(413), &answered(404));
}

#[test]
fn a_shorter_header_is_too_long_where_the_server_says_so_or_takes_the_request_without_it() {
    let answered = |status, says| {
        let mut shown = shows_ticket(web(3, status), NEXT, SERVICE);
        shown.request.head.auth_header_bytes = 2_000;
        let answer = shown.answer.as_mut().unwrap();
        answer.response.is_of_long_header = says;
        with_web(Outcome::ServerError, vec![shown])
    };
    let confidence = |attempt: &Attempt| {
        let findings = attempt_findings(attempt, &Selection::default());
        let found = findings
            .iter()
            .find(|finding| finding.rule.id == "http-400-header-too-long");
        found.map(|finding| finding.confidence)
    };
    assert_eq!(confidence(&answered(400, true)), Some(Confidence::Proven));
    assert_eq!(confidence(&answered(431, false)), Some(Confidence::Proven));
    let mut asked_first = answered(400, false);
    assert_apart("http-4xx", &asked_first, &answered(403, false));
    assert_eq!(confidence(&asked_first), None);
    asked_first.http.insert(0, answers(web(1, 401), None, None));
    assert_eq!(confidence(&asked_first), Some(Confidence::Possible));
}

#[test]
fn a_proof_that_is_none_of_windows_is_not_taken_for_none() {
    let with = |value: &[u8], status| {
        let mut exchange = answers(web(3, status), None, None);
        exchange.request.head.auth = Some(Box::new(credential(value)));
        let mut attempt = with_web(Outcome::CutShort, vec![exchange]);
        attempt.outcome = outcome(&attempt);
        attempt
    };
    let refused = with(b"Basic dTpw", 401);
    assert_eq!(refused.outcome, Outcome::Rejected);
    assert_apart("http-other-proof", &refused, &with(b"Negotiate AAAA", 401));
    assert_eq!(severity("http-client-stays-silent", &refused), None);
    assert_eq!(with(b"Basic dTpw", 200).outcome, Outcome::OtherAccepted);
}

#[test]
fn an_accepted_token_that_cannot_be_read_is_no_missing_ticket() {
    let leg = || {
        let mut exchange = answers(web(5, 200), None, None);
        exchange.request.head.auth = Some(Box::new(credential(b"Negotiate oRQ=")));
        exchange
    };
    let concluded = |http| {
        let mut attempt = with_web(Outcome::CutShort, http);
        attempt.tickets = vec![refused(
            tgs(3, HOME, SERVICE),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        )];
        outcome(&attempt)
    };
    let asked = || answers(web(1, 401), None, None);
    assert_eq!(concluded(vec![asked(), leg()]), Outcome::CutShort);
    let mut opened = answers(shows_ticket(web(3, 401), NEXT, SERVICE), None, None);
    if let Some(token) = opened
        .answer
        .as_mut()
        .and_then(|answer| answer.response.head.auth.as_mut())
    {
        token.kerberos = Some(KerberosMessage::ApRep);
    }
    assert_eq!(
        concluded(vec![asked(), opened, leg()]),
        Outcome::KerberosAccepted
    );
}

#[test]
fn a_redirect_matters_where_it_leads_elsewhere() {
    let to = |location: &str| {
        let mut moved = web(1, 302);
        if let Some(answer) = &mut moved.answer {
            answer.response.head.location = Some(location.into());
        }
        with_web(Outcome::ServerError, vec![moved])
    };
    assert_apart(
        "http-redirected",
        &to("https://mp.root.lab/ccm_system_windowsauth/request"),
        &to("http://mp.root.lab/other"),
    );
    let told = |location| {
        let findings = attempt_findings(&to(location), &Selection::default());
        let found = findings
            .iter()
            .find(|finding| finding.rule.id == "http-redirected");
        found.map(|finding| finding.explanation.clone())
    };
    let says = |location, what| told(location).is_some_and(|text| text.contains(what));
    assert!(says("https://mp.root.lab/x", "The name stays"));
    assert!(says("http://other.lab/x", "does not fit the new one"));
}

#[test]
fn a_reset_counts_where_the_bare_request_passed() {
    let mut sent = shows_ticket(web(5, 200), NEXT, SERVICE);
    sent.answer = None;
    let mut connect = server_connect(9);
    connect.id = crate::endpoint::ConnectionId(1);
    connect.reset_by_server = Some(moment(7));
    let after = |http| Attempt {
        connects: vec![connect.clone()],
        ..with_web(Outcome::Interrupted, http)
    };
    assert_apart(
        "mp-reset-after-token",
        &after(vec![answers(web(1, 401), None, None), sent.clone()]),
        &after(vec![sent.clone()]),
    );
    let shown = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
    let none_was_bare = after(vec![shown, sent.clone()]);
    assert_eq!(severity("mp-reset-after-token", &none_was_bare), None);
    let with = |reset: Option<u64>, again: Option<u64>, acknowledged: Option<u64>| {
        let mut attempt = after(vec![answers(web(1, 401), None, None), sent.clone()]);
        for connect in &mut attempt.connects {
            connect.reset_by_server = reset.map(moment);
            connect.retransmitted = again.map(|frame| (moment(frame), moment(frame)));
            connect.acknowledged = acknowledged.map(moment);
        }
        severity("mp-reset-after-token", &attempt)
    };
    assert_eq!(with(Some(4), None, None), None, "reset before the token");
    assert_eq!(with(None, Some(7), None), Some(Severity::Error));
    assert_eq!(with(None, Some(7), Some(8)), None, "lost once and arrived");
    assert_eq!(with(None, Some(58), None), None, "the capture ends");
}

#[test]
fn a_fin_counts_where_the_whole_request_was_acknowledged_before_it() {
    let mut sent = shows_ticket(web(5, 200), NEXT, SERVICE);
    sent.answer = None;
    let with = |acknowledged: Option<u64>, closed: u64, own: u64, unread: Option<u64>| {
        let mut connect = server_connect(own);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.acknowledged = acknowledged.map(moment);
        connect.closed_by_server = Some(moment(closed));
        let http = vec![answers(web(1, 401), None, None), sent.clone()];
        let mut attempt = with_web(Outcome::Interrupted, http);
        attempt.connects = vec![connect];
        attempt.visibility.unread = unread.map(moment);
        attempt
    };
    let closes = with(Some(6), 7, 9, None);
    assert_apart("mp-reset-after-token", &closes, &with(None, 7, 9, None));
    let idle = with(Some(2), 7, 9, None);
    assert_apart("mp-reset-after-token", &closes, &idle);
    let client_ends_first = with(Some(6), 8, 7, None);
    assert_apart("mp-reset-after-token", &closes, &client_ends_first);
    let answer_not_captured = with(Some(6), 7, 9, Some(7));
    assert_apart("mp-reset-after-token", &closes, &answer_not_captured);
    let found = attempt_findings(&closes, &Selection::default());
    let owner = found.iter().find(|it| it.headline).map(|it| it.owner);
    assert_eq!(owner, Some(Owner::Mp), "the server has the request");
}

#[test]
fn a_message_without_an_answer_is_told_where_the_server_was_reached() {
    let sent = |again: Option<u64>| {
        let mut exchange = web(2, 200);
        exchange.answer = None;
        let mut connect = server_connect(58);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.closed_by_client = None;
        connect.retransmitted = again.map(|frame| (moment(frame), moment(frame)));
        let mut attempt = with_web(Outcome::CutShort, vec![exchange]);
        attempt.connects = vec![connect];
        attempt
    };
    let lost = sent(Some(4));
    assert_apart("http-no-answer", &lost, &sent(None));
    assert_apart("http-no-answer", &lost, &sent(Some(58)));
    let mut answered = sent(Some(4));
    let mut other = answers(web(9, 401), None, None);
    other.connection = Some(crate::endpoint::ConnectionId(2));
    answered.http.push(other);
    assert_apart("http-no-answer", &lost, &answered);
    let mut elsewhere = sent(Some(4));
    elsewhere.kind = AttemptKind::SignOn;
    assert_apart("http-no-answer", &lost, &elsewhere);
    let mut unread = sent(Some(4));
    unread.visibility.unread = Some(moment(5));
    assert_apart("http-no-answer", &lost, &unread);
    let mut unheard = sent(Some(4));
    unheard.connects[0].syn_ack = None;
    assert_apart("http-no-answer", &lost, &unheard);
}

#[test]
fn a_server_that_takes_a_message_may_be_slow_but_not_for_long() {
    let taken = |until: u64, own_end: Option<u64>| {
        let mut exchange = web(2, 200);
        exchange.answer = None;
        let mut connect = server_connect(58);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.acknowledged = Some(moment(3));
        connect.closed_by_client = own_end.map(moment);
        Attempt {
            http: vec![exchange],
            outcome: Outcome::Interrupted,
            connects: vec![connect],
            ..attempt(until)
        }
    };
    assert_apart("http-no-answer", &taken(40, None), &taken(20, None));
    assert_apart("http-no-answer", &taken(20, Some(14)), &taken(20, Some(5)));
}

#[test]
fn a_ticket_that_is_not_shown_is_told_where_the_client_is_watched_for_long() {
    let got = |until: u64, granted: u64| Attempt {
        http: vec![answers(web(1, 401), None, None)],
        outcome: Outcome::Interrupted,
        tickets: vec![issued(tgs(granted, HOME, SERVICE), SERVICE)],
        ..attempt(until)
    };
    let rule = "http-client-stays-silent";
    let kept = got(60, 3);
    assert_apart(rule, &kept, &got(20, 3));
    let mut shown = got(60, 3);
    shown.http.push(shows_ticket(web(5, 401), HOME, SERVICE));
    assert_apart(rule, &kept, &shown);
    let mut again = got(20, 3);
    again.http.push(answers(web(7, 401), None, None));
    assert_apart(rule, &again, &got(20, 3));
    let mut before = got(60, 3);
    before.http = vec![answers(web(9, 401), None, None)];
    assert_apart(rule, &kept, &before);
    let mut unread = got(60, 3);
    unread.visibility.unread = Some(moment(6));
    assert_apart(rule, &kept, &unread);
}

#[test]
fn a_first_message_of_ntlm_has_nothing_in_it_that_could_be_refused() {
    let begun = |challenge: Option<NtlmMessage>| {
        let negotiate = NtlmMessage::Negotiate(NtlmNegotiate::default());
        let mut asked = shows_ntlm(web(1, 401), negotiate);
        let is_leg = challenge.is_some();
        asked = answers(asked, None, challenge);
        if let Some(answer) = asked.answer.as_mut().filter(|_| !is_leg) {
            answer.response.head.auth = None;
        }
        let mut attempt = with_web(Outcome::Rejected, vec![asked]);
        attempt.visibility.sees_kdc_side = false;
        attempt
    };
    let refused = begun(None);
    let grave = severity("ntlm-blocked", &refused);
    assert_eq!(grave, Some(Severity::Error));
    let leg = begun(Some(challenge(AvPairs::default())));
    assert_ne!(severity("ntlm-blocked", &leg), Some(Severity::Error));
    let mut cut = begun(None);
    if let Some(answer) = &mut cut.http[0].answer {
        answer.response.head.is_cut = true;
    }
    assert_eq!(
        severity("ntlm-blocked", &cut),
        None,
        "a challenge may follow"
    );
}

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
fn a_machine_that_speaks_to_itself_has_one_address() {
    let mut own = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
    let other = with_web(Outcome::Rejected, vec![own.clone()]);
    own.client.addr = own.server.addr;
    let alone = with_web(Outcome::Rejected, vec![own.clone()]);
    assert_apart("loopback-check", &alone, &other);
    let reason = answers(own, Some(error(ErrorCode::MODIFIED)), None);
    let with_reason = with_web(Outcome::Rejected, vec![reason]);
    assert_apart("loopback-check", &alone, &with_reason);
}

#[test]
fn a_server_steers_where_it_answers_a_ticket_with_ntlm() {
    let leg = Some(challenge(AvPairs::default()));
    let steered = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, leg.clone());
    let negotiate = NtlmMessage::Negotiate(NtlmNegotiate::default());
    let normal = answers(shows_ntlm(web(1, 401), negotiate), None, leg);
    assert_apart(
        "ntlm-steered-by-server",
        &with_web(Outcome::Rejected, vec![steered]),
        &with_web(Outcome::Rejected, vec![normal]),
    );
}

#[test]
fn a_proof_says_who_shows_it() {
    let shows = |user, domain| {
        let shown = answers(
            shows_ntlm(web(3, 401), proof(user, domain, "WK02")),
            None,
            None,
        );
        with_web(Outcome::Rejected, vec![shown])
    };
    assert_apart("ntlm-anonymous", &shows("", ""), &shows("WK02$", "CHILD"));
    assert_apart(
        "client-not-domain-joined",
        &shows("admin", "WK02"),
        &shows("WK02$", "CHILD"),
    );
    let accepted = with_web(
        Outcome::NtlmAccepted,
        vec![shows_ntlm(web(3, 200), proof("WK02$", "CHILD", "WK02"))],
    );
    assert_apart("ntlm-blocked", &shows("WK02$", "CHILD"), &accepted);
}

#[test]
fn the_legs_of_a_handshake_belong_to_one_connection() {
    let leg = answers(
        shows_ntlm(
            web(1, 401),
            NtlmMessage::Negotiate(NtlmNegotiate::default()),
        ),
        None,
        Some(challenge(AvPairs::default())),
    );
    let mut last = shows_ntlm(web(3, 401), proof("WK02$", "CHILD", "WK02"));
    let whole = with_web(Outcome::Rejected, vec![leg.clone(), last.clone()]);
    last.connection = Some(crate::endpoint::ConnectionId(2));
    assert_apart(
        "ntlm-broken-handshake",
        &with_web(Outcome::Rejected, vec![leg, last]),
        &whole,
    );
}

#[test]
fn a_persons_ticket_is_no_computers() {
    let of = |name: &str| {
        let mut request = issued(tgs(1, HOME, SERVICE), SERVICE);
        if let Some(KdcVerdict::Issued(reply)) =
            request.answer.as_mut().map(|answer| &mut answer.verdict)
        {
            reply.cname = Some(principal(name));
        }
        let mut attempt = with_web(
            Outcome::KerberosAccepted,
            vec![shows_ticket(web(5, 200), HOME, SERVICE)],
        );
        attempt.tickets = vec![request];
        attempt
    };
    assert_eq!(of("jane").kind, AttemptKind::Ccm);
    assert_apart("tgs-client-user-context", &of("jane"), &of("WK02$"));
}

#[test]
fn a_suffix_that_is_not_the_domain_is_worth_a_note() {
    let shown = |realm| {
        with_web(
            Outcome::KerberosAccepted,
            vec![shows_ticket(web(5, 200), realm, SERVICE)],
        )
    };
    assert_apart("tgs-disjoint-namespace", &shown("AD.EXAMPLE"), &shown(NEXT));
}

#[test]
fn legs_and_questions_of_the_server_are_expected_on_the_way_in() {
    let leg = answers(
        shows_ntlm(
            web(1, 401),
            NtlmMessage::Negotiate(NtlmNegotiate::default()),
        ),
        None,
        Some(challenge(AvPairs::default())),
    );
    let refusal = answers(
        shows_ntlm(web(1, 401), proof("WK02$", "CHILD", "WK02")),
        None,
        None,
    );
    assert_apart(
        "normal-ntlm-second-401",
        &with_web(Outcome::Rejected, vec![leg]),
        &with_web(Outcome::Rejected, vec![refusal]),
    );
    let unasked = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
    let accepted = || shows_ticket(web(5, 200), NEXT, SERVICE);
    let recovers = with_web(Outcome::KerberosAccepted, vec![unasked.clone(), accepted()]);
    assert_apart(
        "normal-first-request-token-401",
        &recovers,
        &with_web(Outcome::Rejected, vec![unasked.clone()]),
    );
    let reason = answers(unasked, Some(error(ErrorCode::SKEW)), None);
    assert_apart(
        "normal-first-request-token-401",
        &recovers,
        &with_web(Outcome::KerberosAccepted, vec![reason, accepted()]),
    );
    let asked = || answers(web(3, 401), None, None);
    let anew = vec![
        shows_ticket(web(1, 200), NEXT, SERVICE),
        asked(),
        accepted(),
    ];
    let once = vec![asked(), accepted()];
    assert_apart(
        "normal-second-401-per-connection",
        &with_web(Outcome::KerberosAccepted, anew),
        &with_web(Outcome::KerberosAccepted, once),
    );
}

#[test]
fn a_large_message_that_is_sent_twice_costs_time() {
    let sent = |body_bytes| {
        let mut asked = answers(web(1, 401), None, None);
        asked.request.body_bytes = body_bytes;
        let mut again = shows_ticket(web(5, 200), NEXT, SERVICE);
        again.request.body_bytes = body_bytes;
        with_web(Outcome::KerberosAccepted, vec![asked, again])
    };
    assert_apart("http-body-twice", &sent(200_000), &sent(2_000));
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

#[test]
fn a_short_name_has_no_dot() {
    let asked = |host: &str| {
        let mut exchange = web(1, 500);
        exchange.request.head.host = Some(host.into());
        with_web(Outcome::ServerError, vec![exchange])
    };
    assert_apart("name-short-or-netbios", &asked("mp"), &asked("mp.root.lab"));
}

#[test]
fn a_mechanism_must_have_been_offered() {
    let chosen = |offered: &str, chosen: &str| {
        let mut exchange = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
        if let Some(token) = &mut exchange.request.head.auth {
            token.mechs = vec![Oid(offered.into())];
        }
        if let Some(token) = exchange
            .answer
            .as_mut()
            .and_then(|answer| answer.response.head.auth.as_mut())
        {
            token.mechs = vec![Oid(chosen.into())];
        }
        with_web(Outcome::Rejected, vec![exchange])
    };
    assert_apart(
        "ap-mechanism-mismatch",
        &chosen(Oid::KRB5, Oid::NEGOEX),
        &chosen(Oid::MS_KRB5, Oid::KRB5),
    );
    assert_apart(
        "ap-mechanism-mismatch",
        &chosen(Oid::KRB5, Oid::NEGOEX),
        &chosen(Oid::KRB5, Oid::NTLMSSP),
    );
}
