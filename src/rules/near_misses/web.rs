//! Rules about the web server's answers and NTLM.

use super::*;
use crate::finding::{Confidence, Finding};
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
