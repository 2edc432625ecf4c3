//! Headlines beside rivals, built from a few facts.
//!
//! Never stands in for a capture: `captures/61-samba-file-session-accepted.pcap` shows the weighing on real frames.

use super::*;
use crate::endpoint::ConnectionId;
use crate::frame::FrameNumber;
use crate::model::attempt::Principal;
use crate::model::sessions::{FileSession, SessionEnd};
use crate::model::siblings::SeenTicket;
use crate::outcome::Outcome;
use crate::rules::testing::{
    HOME, NEXT, SERVICE, answers, attempt, error, holds, principal, referral, refused, shows_ntlm,
    shows_ticket, tgs, web,
};
use crate::rules::{Selection, attempt_findings};
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::{KerberosMessage, KrbError};
use crate::wire::ntlm::{AvPairs, NtlmAuthenticate, NtlmChallenge, NtlmMessage};

const MP: &str = "mp.root.lab";

/// A ticket that the server refuses with `said`, or without a reason.
fn rejected(said: Option<KrbError>) -> Attempt {
    let shown = shows_ticket(web(10, 401), NEXT, SERVICE);
    let mut attempt = attempt(60);
    attempt.http = vec![answers(shown, said, None)];
    attempt.outcome = Outcome::Rejected;
    attempt
}

fn headline(attempt: &Attempt) -> Finding {
    let findings = attempt_findings(attempt, &Selection::default());
    let headline = findings.into_iter().next();
    headline.filter(|it| it.headline).expect("a headline")
}

fn standing<'f>(finding: &'f Finding, rule: &str) -> &'f Standing {
    let mut rivals = finding.rivals.iter();
    let rival = rivals.find(|rival| rival.rule == rule);
    rival
        .and_then(|it| it.standing.as_ref())
        .expect("a rival that is weighed")
}

/// A challenge in which the server calls itself `name`.
fn calls_itself(name: &str) -> NtlmMessage {
    NtlmMessage::Challenge(NtlmChallenge {
        av: AvPairs {
            dns_computer: Some(name.into()),
            ..AvPairs::default()
        },
        ..NtlmChallenge::default()
    })
}

#[test]
fn a_rival_of_which_nothing_is_seen_is_also_possible_and_lowers_nothing() {
    let found = headline(&rejected(Some(error(ErrorCode::MODIFIED))));
    assert_eq!(found.rule.id, "http-spn-on-user-account");
    assert_eq!(found.confidence, Confidence::Likely);
    let rival = standing(&found, "ap-modified-stale-password");
    assert_eq!(rival.behind, STRONG - HINT);
    assert!(rival.is_near());
}

#[test]
fn a_server_that_calls_itself_as_is_meant_is_not_another_machine() {
    let mut seen = rejected(Some(error(ErrorCode::MODIFIED)));
    seen.http
        .insert(0, answers(web(5, 401), None, Some(calls_itself(MP))));
    let found = headline(&seen);
    let rival = standing(&found, "dns-wrong-host");
    assert!(!rival.is_near());
    let frames: Vec<u64> = rival.speaks_against.iter().map(|it| it.frame.0).collect();
    assert_eq!(frames, [6]);
    assert_eq!(
        found.rivals.last().map(|it| it.rule),
        Some("dns-wrong-host")
    );
}

#[test]
fn what_another_node_behind_the_address_calls_itself_does_not_clear_the_one_that_refused() {
    let on_other_connection = |frame, name: &str| {
        let mut leg = answers(web(frame, 401), None, Some(calls_itself(name)));
        leg.connection = Some(ConnectionId(7));
        leg
    };
    let mut seen = rejected(Some(error(ErrorCode::MODIFIED)));
    seen.http.insert(0, on_other_connection(5, MP));
    let against = |seen: &Attempt| {
        let marks = shown_ticket::marks(seen);
        let against = marks
            .into_iter()
            .filter(|it| it.rule == "dns-wrong-host" && it.points < 0);
        against.map(|it| it.points).collect::<Vec<_>>()
    };
    assert_eq!(against(&seen), [-HINT]);
    seen.http
        .insert(1, on_other_connection(7, "node2.root.lab"));
    assert!(against(&seen).is_empty());
}

#[test]
fn a_rival_that_comes_near_by_evidence_of_its_own_lowers_the_headline() {
    let mut seen = rejected(Some(error(ErrorCode::MODIFIED)));
    let proof = NtlmMessage::Authenticate(NtlmAuthenticate::default());
    seen.http
        .insert(0, answers(shows_ntlm(web(5, 401), proof), None, None));
    let found = headline(&seen);
    assert_eq!(found.rule.id, "http-spn-on-user-account");
    let rival = standing(&found, "ap-modified-stale-password");
    assert_eq!(
        (rival.behind, rival.speaks_for.len()),
        (STRONG - HINT - HINT, 1)
    );
    assert_eq!(found.confidence, Confidence::Possible);
}

#[test]
fn a_name_on_another_account_leaves_a_stale_password_behind() {
    let mut seen = rejected(Some(error(ErrorCode::MODIFIED)));
    seen.outputs = vec![holds("CN=svc-reports,DC=root,DC=lab", SERVICE)];
    let found = headline(&seen);
    assert_eq!(found.confidence, Confidence::Likely);
    assert!(!standing(&found, "ap-modified-stale-password").is_near());
}

/// The refused ticket is of version 2, and one for the file service of the same host is of `version`.
fn with_file_service(version: u32) -> Attempt {
    let mut seen = rejected(Some(error(ErrorCode::MODIFIED)));
    let shown = seen.http[0].request.head.auth.as_mut().expect("a token");
    if let Some(KerberosMessage::ApReq(shown)) = &mut shown.kerberos {
        shown.ticket.as_mut().expect("a ticket").kvno = Some(2);
    }
    seen.around.siblings = vec![SeenTicket {
        service: principal("cifs/mp.root.lab"),
        realm: NEXT.into(),
        etype: EncryptionType::default(),
        kvno: version,
        frame: FrameNumber(4),
    }];
    seen
}

#[test]
fn another_key_than_the_file_services_speaks_for_another_account() {
    let found = headline(&with_file_service(31));
    assert_eq!(found.confidence, Confidence::Likely);
    let rival = standing(&found, "ap-modified-stale-password");
    assert!(!rival.is_near());
    assert_eq!(rival.speaks_against[0].frame, FrameNumber(4));
    let shown = found.evidence.iter().find(|it| it.frame == FrameNumber(4));
    let text = &shown.expect("the ticket that decides").text;
    assert!(text.contains("differs from"), "{text}");
}

#[test]
fn the_same_key_as_the_file_services_speaks_against_another_account() {
    let found = headline(&with_file_service(2));
    assert_eq!(found.confidence, Confidence::Possible);
    let rival = standing(&found, "ap-modified-stale-password");
    assert_eq!(rival.speaks_for.len(), 1);
    let shown = found.evidence.iter().find(|it| it.frame == FrameNumber(4));
    let text = &shown.expect("the ticket that decides").text;
    assert!(text.starts_with("speaks against it: "), "{text}");
}

/// The web refuses its ticket with `said`, and a session with the file service of the machine ends with `end`.
fn with_session(said: Option<KrbError>, service: &str, end: SessionEnd) -> Attempt {
    let mut seen = rejected(said);
    seen.around.sessions = vec![FileSession {
        server: seen.http[0].server.addr,
        service: principal(service),
        etype: EncryptionType::default(),
        issued: None,
        shown: FrameNumber(3),
        answered: FrameNumber(4),
        end,
    }];
    seen
}

#[test]
fn a_file_service_that_opens_its_ticket_leaves_the_servers_password_behind() {
    let said = || Some(error(ErrorCode::MODIFIED));
    let found = headline(&with_session(
        said(),
        "cifs/mp.root.lab",
        SessionEnd::Accepted,
    ));
    assert_eq!(found.rule.id, "http-spn-on-user-account");
    assert_eq!(found.confidence, Confidence::Likely);
    for rule in ["ap-modified-stale-password", "dns-wrong-host"] {
        let against = &standing(&found, rule).speaks_against;
        assert_eq!(against[0].frame, FrameNumber(4), "{rule}");
    }
    // Under another name it may be another machine that is asked.
    let found = headline(&with_session(
        said(),
        "cifs/other.root.lab",
        SessionEnd::Accepted,
    ));
    let elsewhere = standing(&found, "dns-wrong-host");
    assert!(elsewhere.speaks_against.is_empty());
}

#[test]
fn a_file_service_that_opens_no_ticket_either_makes_the_servers_password_the_cause() {
    let end = SessionEnd::Refused(ErrorCode::MODIFIED);
    let said = Some(error(ErrorCode::MODIFIED));
    let found = headline(&with_session(said, "cifs/mp.root.lab", end));
    assert_eq!(found.rule.id, "ap-modified-stale-password");
    assert!(!standing(&found, "http-spn-on-user-account").is_near());
    // Another machine would open none of them either.
    let elsewhere = standing(&found, "dns-wrong-host");
    assert_eq!(elsewhere.speaks_for.len(), 1);
    assert_eq!(found.confidence, Confidence::Possible);
    assert!(found.evidence.iter().any(|it| it.frame == FrameNumber(4)));
}

#[test]
fn a_file_service_that_says_no_more_than_no_says_nothing_of_keys() {
    let end = SessionEnd::Denied(NtStatus::ACCESS_DENIED);
    let said = Some(error(ErrorCode::MODIFIED));
    let found = headline(&with_session(said, "cifs/mp.root.lab", end));
    assert_eq!(found.rule.id, "http-spn-on-user-account");
    assert!(standing(&found, "ap-modified-stale-password").is_near());
}

#[test]
fn a_bare_refusal_leaves_its_causes_open_but_those_that_facts_exclude() {
    let with_proof_of = |user: &str, domain: &str, told: &[(&str, &str)]| {
        let mut seen = rejected(None);
        for (short, domain) in told {
            seen.around.domain_names.add(short, domain);
        }
        seen.principal = Some(Principal {
            name: principal("WK$"),
            realm: Some(HOME.into()),
            frame: FrameNumber(3),
        });
        let proof = NtlmMessage::Authenticate(NtlmAuthenticate {
            user: Some(user.into()),
            domain: Some(domain.into()),
            ..NtlmAuthenticate::default()
        });
        seen.http.insert(0, shows_ntlm(web(5, 200), proof));
        headline(&seen)
    };
    let found = with_proof_of("WK$", HOME, &[]);
    assert_eq!(found.rule.id, "http-401-no-reason");
    assert_eq!(found.confidence, Confidence::Proven);
    assert!(standing(&found, "http-spn-on-user-account").is_near());
    assert!(!standing(&found, "ap-pac-validation").is_near());
    // That another account may log on says nothing of this one.
    for (user, domain) in [("somebody", HOME), ("WK$", "ELSEWHERE")] {
        let found = with_proof_of(user, domain, &[]);
        assert!(standing(&found, "ap-pac-validation").is_near());
    }
    // Unless that is the short name of the client's own domain.
    let found = with_proof_of("WK$", "ELSEWHERE", &[("ELSEWHERE", HOME)]);
    assert!(!standing(&found, "ap-pac-validation").is_near());
}

#[test]
fn a_referral_says_that_there_is_a_route() {
    let mut seen = attempt(60);
    let far = refused(tgs(6, NEXT, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
    seen.tickets = vec![referral(3), far];
    let marks = no_ticket::marks(&seen);
    let against = |rule: &str| marks.iter().any(|it| it.rule == rule && it.points < 0);
    assert!(against("trust-external") && against("foreign-kdc-unreachable"));
    assert!(!against("tgs-spn-duplicate"));
    seen.tickets = vec![refused(
        tgs(3, HOME, SERVICE),
        ErrorCode::S_PRINCIPAL_UNKNOWN,
    )];
    assert!(no_ticket::marks(&seen).is_empty());
}

#[test]
fn causes_that_are_compared_are_rules() {
    let causes = shown_ticket::CAUSES
        .iter()
        .chain(no_ticket::CAUSES)
        .chain(&OPEN);
    for cause in causes {
        assert!(crate::rules::find(cause).is_some(), "{cause}");
    }
}
