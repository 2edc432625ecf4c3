//! Rules about the ticket that is shown to the server, and about who the server is.

use super::*;
use crate::model::clock::ClockSample;
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::spnego::NegState;

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
fn a_ticket_that_the_server_opened_was_not_what_it_refused() {
    let answered = |kerberos, state| {
        let shown = shows_ticket(web(10, 401), NEXT, "HTTP/other.root.lab");
        let mut shown = answers(shown, None, None);
        let answer = shown.answer.as_mut().unwrap();
        let token = answer.response.head.auth.as_mut().unwrap();
        token.kerberos = kerberos;
        token.neg_state = state;
        with_web(Outcome::Rejected, vec![shown])
    };
    let opened = answered(
        Some(KerberosMessage::ApRep),
        Some(NegState::AcceptCompleted),
    );
    let raw = answered(Some(KerberosMessage::ApRep), None);
    let bare = answered(None, None);
    let goes_on = answered(Some(KerberosMessage::ApRep), Some(NegState::RequestMic));
    for opened in [&opened, &raw] {
        assert_eq!(severity("ap-pac-validation", opened), Some(Severity::Error));
        assert_apart("http-401-no-reason", &bare, opened);
        assert_apart("tgs-wrong-name-asked", &bare, opened);
    }
    assert_apart("ap-pac-validation", &opened, &goes_on);
}
