//! Rules about tickets and referrals.

use super::*;
use crate::finding::Confidence;
use crate::model::conclude::outcome;
use crate::model::referrals::SeenReferral;

/// How sure `rule` is of `attempt`, if it fires.
fn confidence(rule: &str, attempt: &Attempt) -> Option<Confidence> {
    let mut findings = attempt_findings(attempt, &Selection::default()).into_iter();
    let finding = findings.find(|finding| finding.rule.id == rule)?;
    Some(finding.confidence)
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
    let rule = "tgs-policy-selective-auth";
    let refused = with_tickets(vec![referral(1), abroad]);
    assert_apart(rule, &refused, &with_tickets(vec![at_home]));
    let mut of_one_forest = refused.clone();
    let forests = &mut of_one_forest.around.forests;
    forests.add(HOME, NEXT, FrameNumber(9), "CLDAP answer");
    assert_apart(rule, &refused, &of_one_forest);
    assert!(severity("tgs-policy-other", &of_one_forest).is_some());
    assert_eq!(confidence(rule, &refused), Some(Confidence::Likely));
    let mut of_two = refused;
    for (domain, forest) in [(HOME, HOME), (NEXT, NEXT)] {
        let forests = &mut of_two.around.forests;
        forests.add(domain, forest, FrameNumber(9), "CLDAP answer");
    }
    assert_eq!(confidence(rule, &of_two), Some(Confidence::Proven));
}

#[test]
fn what_mends_an_account_is_told_by_its_state() {
    let mends = |status| {
        let request = refused_with(first_ticket(1, "WK02$"), ErrorCode::CLIENT_REVOKED, status);
        let found = attempt_findings(&with_tickets(vec![request]), &Selection::default());
        let found = found
            .into_iter()
            .find(|it| it.rule.id == "as-client-revoked");
        let fixes = found.map(|it| it.fix).unwrap_or_default();
        let mut commands = fixes.into_iter().filter_map(|fix| fix.command);
        commands.nth(1)
    };
    let unlock = mends(NtStatus::ACCOUNT_LOCKED_OUT);
    assert_eq!(unlock.as_deref(), Some("Unlock-ADAccount -Identity WK02$"));
    let enable = mends(NtStatus::ACCOUNT_DISABLED);
    assert_eq!(enable.as_deref(), Some("Enable-ADAccount -Identity WK02$"));
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
    assert_eq!(confidence("tgs-integrity", &own), Some(Confidence::Proven));
    let mut cut = own.clone();
    cut.tickets[0].request.tgt = None;
    assert_eq!(
        confidence("tgs-integrity", &cut),
        Some(Confidence::Possible)
    );
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

/// The service of a server that the client's own KDC does not know.
const FOREIGN: &str = "HTTP/mp.other.example";

/// The client's KDC does not know `FOREIGN`, and domain controllers say of which forest each of `domains` is.
fn unknown_abroad(domains: &[(&str, &str)]) -> Attempt {
    let unknown = refused(tgs(1, HOME, FOREIGN), ErrorCode::S_PRINCIPAL_UNKNOWN);
    let mut seen = with_tickets(vec![unknown]);
    seen.target.names = vec!["mp.other.example".into()];
    for (domain, forest) in domains {
        let forests = &mut seen.around.forests;
        forests.add(domain, forest, FrameNumber(9), "CLDAP answer");
    }
    seen
}

const TWO_FORESTS: [(&str, &str); 2] = [(HOME, "root.lab"), ("other.example", "other.example")];

/// The same, where that KDC refers `host` to `next`.
fn refers(host: &str, next: &str) -> Attempt {
    let mut seen = unknown_abroad(&TWO_FORESTS);
    seen.around.referrals = vec![SeenReferral {
        kdc: seen.tickets[0].kdc.addr,
        realm: HOME.into(),
        service: principal(&format!("cifs/{host}")),
        next: next.into(),
        frame: FrameNumber(11),
    }];
    seen
}

#[test]
fn a_suffix_is_not_routed_where_the_same_kdc_knows_the_way_to_another_one() {
    let rule = "trust-suffix-not-routed";
    let other_suffix = refers("srv.branch.net", "OTHER.EXAMPLE");
    let same_suffix = refers("srv.other.example", "OTHER.EXAMPLE");
    assert_apart(rule, &other_suffix, &same_suffix);
    assert_apart(rule, &other_suffix, &unknown_abroad(&TWO_FORESTS));
    assert_apart(rule, &other_suffix, &refers("srv.branch.net", "THIRD.NET"));
    assert_apart(rule, &other_suffix, &refers("srv", "OTHER.EXAMPLE"));
    let itself = refers("mp", "OTHER.EXAMPLE");
    assert_apart(rule, &other_suffix, &itself);
    let mut of_another_kdc = other_suffix.clone();
    of_another_kdc.around.referrals[0].kdc = "10.0.0.12".parse().unwrap();
    assert_apart(rule, &other_suffix, &of_another_kdc);
}

#[test]
fn a_way_into_the_other_forest_may_lead_by_the_root_of_the_own_one() {
    let by_root = refers("srv.branch.net", NEXT);
    let mut on = by_root.clone();
    on.around.referrals.push(SeenReferral {
        kdc: "10.0.0.11".parse().unwrap(),
        realm: NEXT.into(),
        next: "OTHER.EXAMPLE".into(),
        frame: FrameNumber(13),
        ..on.around.referrals[0].clone()
    });
    assert_apart("trust-suffix-not-routed", &on, &by_root);
    assert_apart("trust-external", &by_root, &on);
}

#[test]
fn a_kdc_that_refers_others_there_has_a_route() {
    let none = unknown_abroad(&TWO_FORESTS);
    let rule = "trust-external";
    assert_apart(rule, &none, &refers("srv.branch.net", "OTHER.EXAMPLE"));
    assert_apart(rule, &none, &refers("srv.other.example", "OTHER.EXAMPLE"));
    let elsewhere = refers("srv.third.net", "THIRD.NET");
    assert!(severity(rule, &elsewhere).is_some());
}

#[test]
fn a_foreign_name_within_the_clients_forest_lacks_its_service_name() {
    let one_forest = [(HOME, "root.lab"), ("other.example", "root.lab")];
    let rule = "trust-external";
    let abroad = unknown_abroad(&TWO_FORESTS);
    assert_apart(rule, &abroad, &unknown_abroad(&one_forest));
    let of_another_tree = unknown_abroad(&[(HOME, "other.example")]);
    assert_apart(rule, &abroad, &of_another_tree);
    assert!(severity("tgs-spn-unknown", &of_another_tree).is_some());
}

#[test]
fn two_forests_that_share_a_dns_parent_are_two_where_they_say_so() {
    let lab = |forest| {
        let mut seen = with_tickets(vec![refused(
            tgs(1, HOME, "HTTP/mp.sister.root.lab"),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        )]);
        seen.target.names = vec!["mp.sister.root.lab".into()];
        let forests = &mut seen.around.forests;
        forests.add(HOME, "root.lab", FrameNumber(9), "CLDAP answer");
        forests.add("sister.root.lab", forest, FrameNumber(9), "CLDAP answer");
        seen
    };
    assert_apart("trust-external", &lab("sister.root.lab"), &lab("root.lab"));
}

#[test]
fn ntlm_that_works_between_two_forests_makes_an_external_trust_likely() {
    let av = AvPairs {
        dns_tree: Some("other.example".into()),
        ..AvPairs::default()
    };
    let confidence = |outcome, domains: &[(&str, &str)]| {
        let mut seen = unknown_abroad(domains);
        seen.outcome = outcome;
        seen.http = vec![answers(web(3, 401), None, Some(challenge(av.clone())))];
        let findings = attempt_findings(&seen, &Selection::default());
        let found = findings
            .iter()
            .find(|found| found.rule.id == "trust-external");
        found.map(|found| found.confidence)
    };
    let home = &TWO_FORESTS[..1];
    let likely = confidence(Outcome::NtlmAccepted, home);
    assert_eq!(likely, Some(Confidence::Likely));
    let refused = confidence(Outcome::Rejected, home);
    assert_eq!(refused, Some(Confidence::Possible));
    let untold = confidence(Outcome::NtlmAccepted, &[]);
    assert_eq!(untold, Some(Confidence::Possible));
}

#[test]
fn a_shortcut_is_told_from_the_way_to_a_parent() {
    let between = |from, next| {
        let service = issued(tgs(1, from, SERVICE), &format!("krbtgt/{next}"));
        let mut seen = with_tickets(vec![service]);
        for domain in [HOME, "SISTER.ROOT.LAB"] {
            let forests = &mut seen.around.forests;
            forests.add(domain, "root.lab", FrameNumber(9), "CLDAP answer");
        }
        seen
    };
    let shortcut = between(HOME, "SISTER.ROOT.LAB");
    assert_apart("ref-shortcut", &shortcut, &between(HOME, NEXT));
    assert_eq!(severity("ref-shortcut", &shortcut), Some(Severity::Note));
}

#[test]
fn a_referral_that_ends_what_a_kdc_saw_is_no_missing_ticket() {
    let concluded = |tickets| outcome(&with_tickets(tickets));
    let unknown = refused(tgs(1, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
    assert_eq!(concluded(vec![unknown]), Outcome::NoTicket);
    assert_eq!(concluded(vec![referral(1)]), Outcome::CutShort);
}
