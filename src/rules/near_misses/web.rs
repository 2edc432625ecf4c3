//! Rules about the web server, its tokens and NTLM.

use super::*;
use crate::finding::{Confidence, Finding};
use crate::model::clock::ClockSample;
use crate::wire::ccm::{CcmMessage, Registration, RegistrationReply};

#[test]
fn an_address_in_place_of_a_name_needs_no_ticket() {
    let asked = |host: &str| {
        let mut challenged = answers(web(1, 401), None, None);
        challenged.request.head.host = Some(host.into());
        with_web(Outcome::NoToken, vec![challenged])
    };
    assert_apart(
        "mp-by-ip-literal",
        &asked("10.0.0.80"),
        &asked("mp.root.lab"),
    );
}

#[test]
fn another_machine_calls_itself_by_another_name() {
    let answered_by = |name: &str| {
        let account = KrbError {
            sname: Some(principal(name)),
            ..error(ErrorCode::MODIFIED)
        };
        let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
        with_web(Outcome::Rejected, vec![answers(shown, Some(account), None)])
    };
    assert_apart(
        "dns-wrong-host",
        &answered_by("OTHER$"),
        &answered_by("MP$"),
    );
}

#[test]
fn a_ticket_for_another_name_is_told_from_one_for_the_host() {
    let shows = |service: &str| {
        let shown = shows_ticket(web(10, 401), NEXT, service);
        with_web(Outcome::Rejected, vec![answers(shown, None, None)])
    };
    assert_apart(
        "tgs-wrong-name-asked",
        &shows("HTTP/proxy.root.lab"),
        &shows(SERVICE),
    );
}

#[test]
fn what_the_server_says_of_the_ticket_is_told_by_its_code() {
    let said = |code| with_web(Outcome::Rejected, vec![refused_ticket(code)]);
    for (rule, code) in [
        ("ap-not-yet-valid", ErrorCode::TKT_NYV),
        ("ap-expired", ErrorCode::TKT_EXPIRED),
        ("ap-modified-etype-policy", ErrorCode::ETYPE_NOSUPP),
    ] {
        assert_apart(rule, &said(code), &said(ErrorCode::MODIFIED));
    }
}

#[test]
fn a_bare_refusal_raises_questions_that_a_reason_does_not() {
    let bare = with_web(
        Outcome::Rejected,
        vec![answers(
            shows_ticket(web(10, 401), NEXT, SERVICE),
            None,
            None,
        )],
    );
    let said = with_web(Outcome::Rejected, vec![refused_ticket(ErrorCode::MODIFIED)]);
    assert_apart("ap-pac-validation", &bare, &said);
    let mut late = bare.clone();
    late.tickets = vec![tgs(3, HOME, SERVICE)];
    let clock = |host, frame, offset_nanos| ClockSample {
        host,
        frame: FrameNumber(frame),
        offset_nanos,
        source: "HTTP Date",
    };
    late.clocks = vec![
        clock(late.http[0].server.addr, 11, 720_000_000_000),
        clock(late.tickets[0].kdc.addr, 4, 0),
    ];
    assert_apart("ap-pac-validation", &bare, &late);
    assert_apart("ap-skew", &late, &bare);
    let mut large = bare.clone();
    if let Some(token) = large
        .http
        .first_mut()
        .and_then(|shown| shown.request.head.auth.as_mut())
    {
        token.bytes = 20_000;
    }
    assert_apart("token-over-maxtokensize", &large, &bare);
    let old = called(&large, "Microsoft-IIS/7.5");
    let new = called(&large, "Microsoft-IIS/8.5");
    let grave = |attempt| severity("token-over-maxtokensize", attempt);
    assert_eq!(grave(&old), Some(Severity::Error));
    assert_eq!(grave(&new), Some(Severity::Note));
}

/// `attempt`, whose servers call themselves `server`.
fn called(attempt: &Attempt, server: &str) -> Attempt {
    let mut attempt = attempt.clone();
    let answers = attempt
        .http
        .iter_mut()
        .filter_map(|exchange| exchange.answer.as_mut());
    for answer in answers {
        answer.response.head.server = Some(server.into());
    }
    attempt
}

#[test]
fn kernel_mode_is_a_question_at_newer_servers_only() {
    let tried_as = |account: &str| {
        let said = KrbError {
            sname: Some(principal(account)),
            ..error(ErrorCode::MODIFIED)
        };
        let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
        with_web(Outcome::Rejected, vec![answers(shown, Some(said), None)])
    };
    let at = |server| called(&tried_as("MP$"), server);
    assert_apart(
        "ap-modified-kernel-mode",
        &at("Microsoft-IIS/8.5"),
        &at("Microsoft-IIS/6.0"),
    );
    assert_apart(
        "ap-modified-kernel-mode",
        &at("Microsoft-IIS/8.5"),
        &called(&tried_as("svc-pool"), "Microsoft-IIS/8.5"),
    );
}

#[test]
fn several_machines_behind_one_name_call_themselves_differently() {
    let leg = |frame, name: &str| {
        let av = AvPairs {
            netbios_computer: Some(name.into()),
            ..AvPairs::default()
        };
        answers(web(frame, 401), None, Some(challenge(av)))
    };
    let behind = |other| {
        let legs = vec![
            leg(1, "NODE1"),
            leg(3, other),
            refused_ticket(ErrorCode::MODIFIED),
        ];
        with_web(Outcome::Rejected, legs)
    };
    assert_apart("nlb-name-computer-spn", &behind("NODE2"), &behind("NODE1"));
}

#[test]
fn a_namesake_at_home_is_told_by_the_realm_of_the_server() {
    let from = |realm: &str| {
        let said = KrbError {
            realm: Some(realm.into()),
            ..error(ErrorCode::MODIFIED)
        };
        let shown = shows_ticket(web(10, 401), HOME, "HTTP/mp");
        let mut attempt = with_web(Outcome::Rejected, vec![answers(shown, Some(said), None)]);
        attempt.tickets = vec![issued(tgs(1, HOME, "HTTP/mp"), "HTTP/mp")];
        attempt
    };
    assert_apart("ref-namesake-in-client-realm", &from(NEXT), &from(HOME));
}

#[test]
fn a_short_name_across_forests_is_told_by_the_forest_of_the_server() {
    let of_forest = |forest: &str| {
        let av = AvPairs {
            dns_tree: Some(forest.into()),
            ..AvPairs::default()
        };
        let mut attempt = with_web(
            Outcome::NoTicket,
            vec![answers(web(5, 401), None, Some(challenge(av)))],
        );
        attempt.tickets = vec![refused(
            tgs(1, HOME, "HTTP/mp"),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        )];
        attempt
    };
    assert_apart(
        "ref-flat-name-cross-forest",
        &of_forest("other.example"),
        &of_forest("root.lab"),
    );
}

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

#[test]
fn a_message_without_proof_is_a_question_after_a_sign_on_that_failed() {
    let with = |sign_on: u16| {
        let mut bare = web(5, 200);
        bare.request.head.uri = "/ccm_system/request".into();
        with_web(
            Outcome::Rejected,
            vec![shows_ticket(web(1, sign_on), NEXT, SERVICE), bare],
        )
    };
    assert_apart("approval-anonymous-path", &with(401), &with(200));
    let about = |endpoint: &str, sign_on, approval_status| {
        let mut attempt = with(sign_on);
        if let Some(bare) = attempt.http.last_mut() {
            bare.request.ccm = Some(Box::new(CcmMessage {
                endpoint: Some(endpoint.into()),
                ..CcmMessage::default()
            }));
            *bare = answered_by(bare.clone(), approval_status);
        }
        severity("approval-anonymous-path", &attempt)
    };
    let registration = "MP_ClientRegistration";
    assert_eq!(about(registration, 401, None), Some(Severity::Error));
    assert_eq!(about(registration, 200, None), None);
    assert_eq!(about(registration, 401, Some(2)), None, "by a PKI");
    assert_eq!(about("MP_PolicyManager", 401, None), None, "policies");
}

/// `exchange`, answered by a registration with this `ApprovalStatus`.
fn answered_by(mut exchange: HttpExchange, approval_status: Option<i64>) -> HttpExchange {
    if let Some(answer) = &mut exchange.answer {
        answer.response.ccm = Some(Box::new(CcmMessage {
            reply: Some(RegistrationReply {
                approval_status,
                ..RegistrationReply::default()
            }),
            ..CcmMessage::default()
        }));
    }
    exchange
}

/// An accepted sign-on with this answer to the registration.
fn replied(reply: RegistrationReply) -> Attempt {
    let mut exchange = shows_ticket(web(5, 200), NEXT, SERVICE);
    if let Some(answer) = &mut exchange.answer {
        answer.response.ccm = Some(Box::new(CcmMessage {
            reply: Some(reply),
            ..CcmMessage::default()
        }));
    }
    with_web(Outcome::KerberosAccepted, vec![exchange])
}

#[test]
fn a_registration_that_is_not_taken_is_told_from_one_that_waits() {
    let answered = |status| {
        replied(RegistrationReply {
            status: Some(status),
            ..RegistrationReply::default()
        })
    };
    assert_apart("approval-reply-error", &answered(3), &answered(1));
}

#[test]
fn the_site_is_asked_only_where_no_answer_says_that_it_approved() {
    let answered = |approval_status| {
        replied(RegistrationReply {
            approval_status,
            ..RegistrationReply::default()
        })
    };
    assert_apart("duplicate-guid", &answered(Some(0)), &answered(Some(1)));
    assert_apart("duplicate-guid", &answered(None), &answered(Some(2)));
    assert_apart("approval-manual-mode", &answered(Some(0)), &answered(None));
}

#[test]
fn a_sign_on_of_which_nothing_more_is_known_raises_one_question() {
    let accepted = with_web(
        Outcome::KerberosAccepted,
        vec![shows_ticket(web(5, 200), NEXT, SERVICE)],
    );
    let findings = attempt_findings(&accepted, &Selection::default());
    let questions: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.confidence == Confidence::Possible)
        .map(|finding| finding.rule.id)
        .collect();
    assert_eq!(questions, ["duplicate-guid"]);
}

#[test]
fn a_registration_waits_where_its_confirmation_is_still_pending() {
    let asked = |kind: &str| {
        let mut attempt = replied(RegistrationReply {
            status: Some(1),
            ..RegistrationReply::default()
        });
        for exchange in &mut attempt.http {
            exchange.request.ccm = Some(Box::new(CcmMessage {
                registration: Some(Registration {
                    request_type: Some(kind.into()),
                    ..Registration::default()
                }),
                ..CcmMessage::default()
            }));
        }
        attempt
    };
    assert_apart(
        "approval-conflicting-record",
        &asked("Confirmation"),
        &asked("Registration"),
    );
}
