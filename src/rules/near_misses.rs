//! Rules on built attempts: each fires on what it is about, and is silent on the nearest thing that is something else.
//!
//! Never stands in for a capture where one exists: `tests/rules.rs` and the pages of `captures/` come first.

use crate::endpoint::Transport;
use crate::finding::Severity;
use crate::frame::FrameNumber;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::exchange::Unreachable;
use crate::model::http_exchange::HttpExchange;
use crate::model::ticket_request::{KdcVerdict, TicketRequest};
use crate::outcome::Outcome;
use crate::rules::testing::{
    HOME, NEXT, SERVICE, address_lookup, answers, attempt, error, first_ticket, found_address,
    issued, moment, principal, referral, refused, server_connect, service_lookup, shows_ntlm,
    shows_ticket, silent_connect, tgs, web,
};
use crate::rules::{Selection, attempt_findings};
use crate::wire::dns::{Answer, Rcode, RecordData};
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::KrbError;
use crate::wire::kerberos::name::NameType;
use crate::wire::kerberos::options::KdcOptions;
use crate::wire::kerberos::padata::PaDataType;
use crate::wire::ntlm::{AvPairs, NtlmAuthenticate, NtlmChallenge, NtlmMessage, NtlmNegotiate};
use crate::wire::spnego::Oid;

/// How grave `rule` finds `attempt`, if it fires.
fn severity(rule: &str, attempt: &Attempt) -> Option<Severity> {
    let findings = attempt_findings(attempt, &Selection::default());
    let finding = findings.iter().find(|finding| finding.rule.id == rule)?;
    assert!(!finding.evidence.is_empty(), "{rule} has evidence");
    Some(finding.severity)
}

#[track_caller]
fn assert_apart(rule: &str, fires: &Attempt, silent: &Attempt) {
    assert!(severity(rule, fires).is_some(), "{rule} fires");
    assert_eq!(severity(rule, silent), None, "{rule} is silent");
}

fn with_tickets(tickets: Vec<TicketRequest>) -> Attempt {
    Attempt {
        tickets,
        ..attempt(60)
    }
}

fn with_web(outcome: Outcome, http: Vec<HttpExchange>) -> Attempt {
    Attempt {
        http,
        outcome,
        ..attempt(60)
    }
}

/// `request`, refused with `code` and the status that Windows adds.
fn refused_with(request: TicketRequest, code: ErrorCode, status: NtStatus) -> TicketRequest {
    let mut request = refused(request, code);
    if let Some(answer) = &mut request.answer {
        answer.verdict = KdcVerdict::Refused(KrbError {
            ntstatus: Some(status),
            ..error(code)
        });
    }
    request
}

/// A request to the next realm that shows the referral to it.
fn chased(frame: u64) -> TicketRequest {
    let mut request = tgs(frame, NEXT, SERVICE);
    request.request.tgt = referral(1).ticket().cloned();
    request
}

/// An exchange whose ticket the server refuses with `code`.
fn refused_ticket(code: ErrorCode) -> HttpExchange {
    let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
    answers(shown, Some(error(code)), None)
}

fn challenge(av: AvPairs) -> NtlmMessage {
    NtlmMessage::Challenge(NtlmChallenge {
        av,
        ..NtlmChallenge::default()
    })
}

fn proof(user: &str, domain: &str, workstation: &str) -> NtlmMessage {
    NtlmMessage::Authenticate(NtlmAuthenticate {
        user: Some(user.into()),
        domain: Some(domain.into()),
        workstation: Some(workstation.into()),
        ..NtlmAuthenticate::default()
    })
}

#[test]
fn a_port_in_the_service_name_is_told_from_a_name_without_one() {
    let unknown = |name| {
        with_tickets(vec![refused(
            tgs(1, HOME, name),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        )])
    };
    assert_apart(
        "tgs-spn-with-port",
        &unknown("HTTP/mp.root.lab:81"),
        &unknown(SERVICE),
    );
}

#[test]
fn selective_authentication_is_a_matter_of_trusts() {
    let status = NtStatus::AUTHENTICATION_FIREWALL_FAILED;
    let abroad = refused_with(chased(3), ErrorCode::POLICY, status);
    let at_home = refused_with(tgs(1, HOME, SERVICE), ErrorCode::POLICY, status);
    assert_apart(
        "tgs-policy-selective-auth",
        &with_tickets(vec![referral(1), abroad]),
        &with_tickets(vec![at_home]),
    );
}

#[test]
fn a_ticket_that_its_own_realm_cannot_read_is_told_from_a_referral() {
    let own = with_tickets(vec![refused(
        tgs(1, HOME, SERVICE),
        ErrorCode::BAD_INTEGRITY,
    )]);
    let foreign = with_tickets(vec![
        referral(1),
        refused(chased(3), ErrorCode::BAD_INTEGRITY),
    ]);
    assert_apart("tgs-integrity", &own, &foreign);
    assert_apart("trust-key-mismatch", &foreign, &own);
}

#[test]
fn a_replay_that_is_answered_later_is_none() {
    let replay = refused(tgs(1, HOME, SERVICE), ErrorCode::REPEAT);
    let healed = vec![replay.clone(), issued(tgs(3, HOME, SERVICE), SERVICE)];
    assert_apart(
        "tgs-replay",
        &with_tickets(vec![replay]),
        &with_tickets(healed),
    );
}

#[test]
fn an_option_is_refused_to_a_plain_request_only() {
    let plain = refused(tgs(1, HOME, SERVICE), ErrorCode::BADOPTION);
    let mut on_behalf = plain.clone();
    on_behalf.request.padata = vec![PaDataType::FOR_USER];
    assert_apart(
        "tgs-badoption",
        &with_tickets(vec![plain]),
        &with_tickets(vec![on_behalf]),
    );
}

#[test]
fn a_branch_controller_that_sends_the_client_on_is_a_fault_where_nobody_else_answers() {
    let sent_on = refused_with(
        tgs(1, HOME, SERVICE),
        ErrorCode::S_PRINCIPAL_UNKNOWN,
        NtStatus::NO_SECRETS,
    );
    let served = vec![sent_on.clone(), issued(tgs(3, HOME, SERVICE), SERVICE)];
    assert_apart(
        "rodc-no-secrets",
        &with_tickets(vec![sent_on]),
        &with_tickets(served),
    );
}

#[test]
fn the_type_that_the_trust_lacks_is_told_from_the_one_that_the_account_lacks() {
    let of_trust = refused(
        tgs(1, HOME, &format!("krbtgt/{NEXT}")),
        ErrorCode::ETYPE_NOSUPP,
    );
    let of_account = refused(tgs(1, NEXT, SERVICE), ErrorCode::ETYPE_NOSUPP);
    assert_apart(
        "ref-etype-nosupp",
        &with_tickets(vec![of_trust]),
        &with_tickets(vec![of_account]),
    );
}

#[test]
fn two_controllers_must_differ_about_the_same_question() {
    let lagging = refused(tgs(1, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
    let mut other = issued(tgs(3, HOME, SERVICE), SERVICE);
    let same = with_tickets(vec![lagging.clone(), other.clone()]);
    other.kdc.addr = "10.0.0.12".parse().unwrap();
    assert_apart(
        "ad-replication-lag",
        &with_tickets(vec![lagging, other]),
        &same,
    );
}

#[test]
fn a_referral_is_ignored_where_nothing_of_the_next_realm_follows() {
    let ignored = with_tickets(vec![referral(1)]);
    let followed = with_tickets(vec![referral(1), chased(3)]);
    assert_apart("ref-not-chased", &ignored, &followed);
}

#[test]
fn an_armored_request_hides_the_reason_of_its_refusal() {
    let mut armored = refused(first_ticket(1, "WK02$"), ErrorCode::GENERIC);
    let bare = with_tickets(vec![armored.clone()]);
    armored.request.padata = vec![PaDataType::FX_FAST];
    assert_apart("as-fast-problem", &with_tickets(vec![armored]), &bare);
}

#[test]
fn a_client_that_proves_its_key_has_not_abandoned() {
    let asked = refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_REQUIRED);
    let proved = refused(first_ticket(3, "WK02$"), ErrorCode::PREAUTH_FAILED);
    assert_apart(
        "as-preauth-abandoned",
        &with_tickets(vec![asked.clone()]),
        &with_tickets(vec![asked, proved]),
    );
}

#[test]
fn a_slow_answer_is_told_from_a_fast_one() {
    let mut slow = issued(tgs(1, HOME, SERVICE), SERVICE);
    let fast = {
        let mut fast = slow.clone();
        if let Some(answer) = &mut fast.answer {
            answer.span.time = fast.asked.time;
        }
        fast
    };
    if let Some(answer) = &mut slow.answer {
        answer.span.time = moment(5).time;
    }
    assert_apart(
        "kdc-slow",
        &with_tickets(vec![slow]),
        &with_tickets(vec![fast]),
    );
}

#[test]
fn an_icmp_error_prohibits_only_where_it_says_so() {
    let stopped = |icmp_code| {
        let mut request = tgs(1, HOME, SERVICE);
        request.unreachable = Some(Unreachable {
            at: moment(2),
            reporter: "10.0.0.254".parse().unwrap(),
            icmp_type: 3,
            icmp_code,
        });
        with_tickets(vec![request])
    };
    assert_apart("kdc-icmp-block", &stopped(13), &stopped(3));
}

#[test]
fn lost_fragments_are_told_from_a_silent_kdc() {
    let mut large = tgs(3, HOME, SERVICE);
    large.asked.frames.push(FrameNumber(4));
    let small = refused(first_ticket(1, "WK02$"), ErrorCode::PREAUTH_REQUIRED);
    let silent = with_tickets(vec![large.clone()]);
    assert_eq!(large.transport, Transport::Udp);
    assert_apart(
        "kdc-udp-fragments-lost",
        &with_tickets(vec![small, large]),
        &silent,
    );
}

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
fn an_alias_is_in_question_where_dns_gives_one() {
    let unknown = || {
        vec![refused(
            tgs(5, NEXT, SERVICE),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        )]
    };
    let mut alias = found_address(1, "mp.root.lab");
    let plain = Attempt {
        lookups: vec![alias.clone()],
        ..with_tickets(unknown())
    };
    if let Some(answer) = &mut alias.answer {
        answer.records.push(Answer {
            name: "mp.root.lab".into(),
            data: RecordData::Alias("srv7.root.lab".into()),
        });
    }
    let aliased = Attempt {
        lookups: vec![alias],
        ..with_tickets(unknown())
    };
    assert_apart("dns-cname-spn", &aliased, &plain);
}

#[test]
fn a_dead_ipv6_path_costs_time_before_ipv4() {
    let mut dead = silent_connect(&[1, 2, 4], HOME);
    dead.server.addr = "fd00::80".parse().unwrap();
    let mut live = server_connect(20);
    live.syns = vec![moment(8)];
    live.syn_ack = Some(moment(9));
    let both = Attempt {
        connects: vec![dead, live.clone()],
        ..attempt(60)
    };
    let only = Attempt {
        connects: vec![live],
        ..attempt(60)
    };
    assert_apart("dns-ipv6-blackhole", &both, &only);
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
    let mut large = bare.clone();
    if let Some(token) = large
        .http
        .first_mut()
        .and_then(|shown| shown.request.head.auth.as_mut())
    {
        token.bytes = 20_000;
    }
    assert_apart("token-over-maxtokensize", &large, &bare);
}

#[test]
fn kernel_mode_is_a_question_at_newer_servers_only() {
    let at = |server: &str| {
        let mut shown = refused_ticket(ErrorCode::MODIFIED);
        if let Some(answer) = &mut shown.answer {
            answer.response.head.server = Some(server.into());
        }
        with_web(Outcome::Rejected, vec![shown])
    };
    assert_apart(
        "ap-modified-kernel-mode",
        &at("Microsoft-IIS/8.5"),
        &at("Microsoft-IIS/6.0"),
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
        &after(vec![sent]),
    );
}

#[test]
fn a_machine_that_speaks_to_itself_has_one_address() {
    let mut own = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
    let other = with_web(Outcome::Rejected, vec![own.clone()]);
    own.client.addr = own.server.addr;
    assert_apart(
        "loopback-check",
        &with_web(Outcome::Rejected, vec![own]),
        &other,
    );
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
fn bytes_that_the_capture_missed_are_told_where_the_sign_on_failed() {
    let mut failed = attempt(60);
    failed.visibility.missed = Some(FrameNumber(3));
    let mut accepted = failed.clone();
    accepted.outcome = Outcome::KerberosAccepted;
    assert_apart("cap-one-sided", &failed, &accepted);
}

#[test]
fn what_is_healed_by_the_next_request_is_expected() {
    let then_granted = |first: TicketRequest, mut next: TicketRequest| {
        next.request.etypes = vec![EncryptionType::RC4];
        (
            with_tickets(vec![first.clone(), next]),
            with_tickets(vec![first]),
        )
    };
    let ticket = || issued(tgs(3, HOME, SERVICE), SERVICE);
    let first = || issued(first_ticket(3, "WK02$"), "krbtgt/CHILD.ROOT.LAB");
    let sent_on = refused_with(
        tgs(1, HOME, SERVICE),
        ErrorCode::S_PRINCIPAL_UNKNOWN,
        NtStatus::NO_SECRETS,
    );
    for (rule, (healed, alone)) in [
        (
            "normal-etype-retry",
            then_granted(
                refused(tgs(1, HOME, SERVICE), ErrorCode::ETYPE_NOSUPP),
                ticket(),
            ),
        ),
        (
            "normal-spn-two-tries",
            then_granted(
                refused(tgs(1, HOME, "HTTP/mp"), ErrorCode::S_PRINCIPAL_UNKNOWN),
                ticket(),
            ),
        ),
        ("normal-rodc-retry", then_granted(sent_on, ticket())),
        (
            "normal-91-90",
            then_granted(
                refused(
                    first_ticket(1, "WK02$"),
                    ErrorCode::MORE_PREAUTH_DATA_REQUIRED,
                ),
                first(),
            ),
        ),
        (
            "as-normal-rc4-rollover",
            then_granted(
                refused(first_ticket(1, "WK02$"), ErrorCode::ETYPE_NOSUPP),
                first(),
            ),
        ),
    ] {
        assert_apart(rule, &healed, &alone);
        assert_eq!(severity(rule, &healed), Some(Severity::Expected), "{rule}");
    }
}

#[test]
fn an_option_that_was_only_tried_is_expected() {
    let plain = refused(tgs(1, HOME, SERVICE), ErrorCode::BADOPTION);
    let mut renewal = plain.clone();
    renewal.request.kdc_options = Some(KdcOptions(KdcOptions::RENEW));
    assert_apart(
        "normal-badoption",
        &with_tickets(vec![renewal]),
        &with_tickets(vec![plain]),
    );
}

#[test]
fn a_users_name_may_belong_to_another_realm() {
    let mut enterprise = refused(first_ticket(1, "jane@lab"), ErrorCode::WRONG_REALM);
    let plain = enterprise.clone();
    if let Some(name) = &mut enterprise.request.cname {
        name.kind = NameType::ENTERPRISE;
    }
    assert_apart(
        "normal-68-upn",
        &with_tickets(vec![enterprise]),
        &with_tickets(vec![plain]),
    );
}

#[test]
fn a_silent_controller_is_expected_where_another_one_answers() {
    let silent = tgs(1, HOME, SERVICE);
    let mut other = issued(tgs(3, HOME, SERVICE), SERVICE);
    let same = with_tickets(vec![silent.clone(), other.clone()]);
    other.kdc.addr = "10.0.0.12".parse().unwrap();
    assert_apart(
        "normal-one-dead-dc",
        &with_tickets(vec![silent, other]),
        &same,
    );
}

#[test]
fn names_that_are_only_tried_are_expected_where_one_is_found() {
    let found = || found_address(5, "mp.root.lab");
    let with_lookups = |lookups| Attempt {
        lookups,
        ..attempt(60)
    };
    let noise = || address_lookup(1, "mp.root.lab.child.root.lab", Some(Rcode::NAME_ERROR));
    assert_apart(
        "normal-dns-suffix-noise",
        &with_lookups(vec![noise(), found()]),
        &with_lookups(vec![noise()]),
    );
}

#[test]
fn a_site_without_records_is_expected_where_the_domain_has_some() {
    let of_site = service_lookup(
        1,
        "_ldap._tcp.paris._sites.dc._msdcs.child.root.lab",
        Rcode::NAME_ERROR,
    );
    let mut general = service_lookup(3, "_ldap._tcp.dc._msdcs.child.root.lab", Rcode::NO_ERROR);
    let neither = Attempt {
        kdc_lookups: vec![of_site.clone(), general.clone()],
        ..attempt(60)
    };
    if let Some(answer) = &mut general.answer {
        answer.records.push(Answer {
            name: general.name.clone(),
            data: RecordData::Service {
                priority: 0,
                weight: 100,
                port: 389,
                target: "dc1.child.root.lab".into(),
            },
        });
    }
    let found = Attempt {
        kdc_lookups: vec![of_site, general],
        ..attempt(60)
    };
    assert_apart("normal-site-srv", &found, &neither);
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
        &with_web(Outcome::Rejected, vec![unasked]),
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
}
