//! Rules about names, connections and what the capture missed.

use super::*;
use crate::model::clock::ClockSample;
use crate::model::neighbour_lookup::{
    AnswerCode, NameSystem, NeighbourAnswer, NeighbourLookup, Whom,
};

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
    live.syns = smallvec::smallvec![moment(8)];
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
fn bytes_that_the_capture_missed_are_told_where_the_sign_on_failed() {
    let mut failed = attempt(60);
    failed.visibility.missed = Some(FrameNumber(3));
    let mut accepted = failed.clone();
    accepted.outcome = Outcome::KerberosAccepted;
    assert_apart("cap-one-sided", &failed, &accepted);
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
fn a_clock_of_the_client_that_agrees_says_nothing() {
    let off = |offset_nanos| {
        let mut watched = attempt(60);
        watched.clocks = vec![ClockSample {
            host: watched.client,
            frame: FrameNumber(4),
            offset_nanos,
            source: "CCM SentTime",
        }];
        watched
    };
    assert_apart("cap-not-on-client", &off(-9_000_000_000), &off(900_000_000));
}

/// A question by LLMNR in frame `frame` for `name`, which the machine at `address` answers in the next one.
fn answered_by_llmnr(frame: u64, name: &str, address: &str) -> NeighbourLookup {
    let asked = found_address(frame, name);
    let answer = found_address(frame + 1, name).asked;
    let address = address.parse().unwrap();
    NeighbourLookup {
        system: NameSystem::Llmnr,
        client: asked.client,
        asked_of: asked.server,
        whom: Whom::All,
        id: 1,
        name: name.into(),
        asked: asked.asked,
        again: Vec::new(),
        answers: vec![NeighbourAnswer {
            from: address,
            span: answer,
            code: AnswerCode::Llmnr(Rcode::NO_ERROR),
            addresses: vec![address],
            lacks_records: false,
        }],
    }
}

#[test]
fn a_server_found_by_its_neighbours_is_told_where_dns_was_asked_in_vain() {
    let found = |lookups, address| {
        let mut seen = Attempt {
            lookups,
            ..with_web(Outcome::NoTicket, vec![web(9, 401)])
        };
        seen.around.neighbours = vec![answered_by_llmnr(5, "mp", address)];
        seen
    };
    let denied = || vec![address_lookup(1, "mp.root.lab", Some(Rcode::NAME_ERROR))];
    let rule = "name-short-or-netbios";
    let in_vain = found(denied(), "10.0.0.80");
    let known = vec![found_address(1, "mp.root.lab")];
    assert_apart(rule, &in_vain, &found(known, "10.0.0.80"));
    assert_apart(rule, &in_vain, &found(denied(), "10.0.0.66"));
    assert_apart(rule, &in_vain, &found(Vec::new(), "10.0.0.80"));
    let silent = vec![address_lookup(1, "mp.root.lab", None)];
    assert_apart(rule, &in_vain, &found(silent, "10.0.0.80"));
    let reached = |frame: u64| {
        let mut connect = server_connect(60);
        connect.syns = smallvec::smallvec![moment(frame)];
        Attempt {
            connects: vec![connect],
            ..found(denied(), "10.0.0.80")
        }
    };
    assert_apart(rule, &reached(8), &reached(4));
}

#[test]
fn a_name_that_a_neighbour_knows_is_not_lost() {
    let unknown = || Attempt {
        lookups: vec![address_lookup(1, "mp.root.lab", Some(Rcode::NAME_ERROR))],
        ..attempt(60)
    };
    let mut saved = unknown();
    saved.around.neighbours = vec![answered_by_llmnr(5, "mp", "10.0.0.80")];
    assert_apart("dns-mp-nxdomain", &unknown(), &saved);
}
