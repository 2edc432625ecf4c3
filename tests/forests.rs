//! What captures tell around a sign-on, of forests, of referrals and of a server's other services, and which causes it tells apart.

use std::fs::File;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::dissect::message::{Message, MessageBody, Observation};
use why401::endpoint::{Endpoint, Flow, Transport};
use why401::frame::{FrameNumber, Timestamp};
use why401::model::capture_facts::CaptureFacts;
use why401::model::correlate::Correlator;
use why401::model::focus::Focus;
use why401::model::target::Target;
use why401::rules::{self, Selection};
use why401::wire::cldap::{Cldap, Netlogon};
use why401::wire::kerberos::error_code::ErrorCode;
use why401::wire::kerberos::etype::EncryptionType;
use why401::wire::kerberos::message::{KdcRep, KdcReq, KerberosMessage, KrbError, Ticket};
use why401::wire::kerberos::name::PrincipalName;

fn facts(name: &str) -> CaptureFacts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let file = File::open(path).expect("a capture");
    let mut reader = CaptureReader::new(Box::new(file)).expect("a capture that can be read");
    let mut correlator = Correlator::new(Focus::default());
    diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        correlator.observe(Observation::Message(message), &mut |_| {});
    });
    correlator.finish(None, &mut |_| {}).facts
}

#[test]
fn a_domain_controller_names_its_forest_in_its_first_answer() {
    let facts = facts("captures/60-samba-short-name-clocks.pcap");
    let told = facts.forests.of("AD.EXAMPLE").expect("a forest");
    assert_eq!(told.forest.as_str(), "ad.example");
    assert_eq!((told.frame.0, told.source), (2, "CLDAP answer"));
    assert_eq!(facts.forests.of("CORP.LAB"), None);
}

#[test]
fn referrals_are_kept_with_the_kdc_that_gives_them() {
    let facts = facts("captures/article.pcap");
    let seen: Vec<String> = facts
        .referrals
        .from("child.a2003.vm.local")
        .iter()
        .map(|seen| format!("{} {} {} {}", seen.frame, seen.kdc, seen.service, seen.next))
        .collect();
    let wanted = "14 10.20.10.10 HTTP/SMS4-120-52S.A2003.VM.local A2003.VM.LOCAL";
    assert_eq!(seen, [wanted]);
    assert_eq!(facts.referrals.from("A2003.VM.LOCAL"), []);
}

#[test]
fn tickets_for_services_of_a_computer_are_kept_with_what_they_show_of_its_key() {
    let facts = facts("captures/29c-unrelated-kerberos-errors-then-success.pcap");
    let of = |name: &str| {
        let target = Target {
            names: vec![name.into()],
            ..Target::default()
        };
        facts.siblings.of(&target)
    };
    let seen: Vec<String> = of("FS1.child.a2003.vm.local")
        .iter()
        .map(|it| format!("{} {} {} {}", it.frame, it.service, it.etype.0, it.kvno))
        .collect();
    assert_eq!(seen, ["12 cifs/fs1.child.a2003.vm.local 18 1"]);
    assert_eq!(of("SMS4-120-52S.A2003.VM.local"), []);
}

const CLIENT: u8 = 51;
const DC: u8 = 10;
const FAR_DC: u8 = 20;
const HOME: &str = "CHILD.CORP.LAB";

/// A message between the client and a domain controller in frame `frame`.
fn message(frame: u64, controller: u8, port: u16, is_answer: bool, body: MessageBody) -> Message {
    let place = |host: u8, port| Endpoint::new([10, 0, 0, host].into(), port);
    let asked = Flow {
        src: place(CLIENT, 50_000),
        dst: place(controller, port),
        transport: Transport::Udp,
    };
    let time = Timestamp::from_nanos(i64::try_from(frame).expect("a number") * 1_000_000);
    Message {
        frames: [FrameNumber(frame)].into_iter().collect(),
        time,
        last_time: time,
        flow: if is_answer { asked.reversed() } else { asked },
        connection: None,
        loss: None,
        body,
    }
}

fn principal(name: &str) -> PrincipalName {
    PrincipalName {
        parts: name.split('/').map(Into::into).collect(),
        ..PrincipalName::default()
    }
}

/// The home KDC is asked for `service` in frame `frame`, and answers in the next one by a referral to `next`, or by error 7.
fn asks(frame: u64, service: &str, next: Option<&str>) -> [Message; 2] {
    let ticket = |sname: &str| Ticket {
        realm: HOME.into(),
        sname: principal(sname),
        etype: EncryptionType::default(),
        kvno: None,
        cipher_bytes: 0,
        cipher_digest: None,
        cipher: None,
    };
    let request = KdcReq {
        realm: Some(HOME.into()),
        sname: Some(principal(service)),
        tgt: Some(ticket(&format!("krbtgt/{HOME}"))),
        ..KdcReq::default()
    };
    let answer = match next {
        Some(next) => KerberosMessage::TgsRep(KdcRep {
            ticket: Some(ticket(&format!("krbtgt/{next}"))),
            ..KdcRep::default()
        }),
        None => KerberosMessage::Error(KrbError {
            code: ErrorCode::S_PRINCIPAL_UNKNOWN,
            ..KrbError::default()
        }),
    };
    let body = MessageBody::Kerberos(KerberosMessage::TgsReq(request));
    [
        message(frame, DC, 88, false, body),
        message(frame + 1, DC, 88, true, MessageBody::Kerberos(answer)),
    ]
}

/// A controller says in frame `frame` of which forest its domain is.
fn says(frame: u64, controller: u8, domain: &str, forest: &str) -> [Message; 1] {
    let told = Netlogon {
        domain: domain.into(),
        forest: forest.into(),
        ..Netlogon::default()
    };
    let body = MessageBody::Cldap(Cldap::Answer(Box::new(told)));
    [message(frame, controller, 389, true, body)]
}

/// The headline of the only attempt in `messages`, the last of which refuse a ticket for `HTTP/mp.other.example`.
fn headline(messages: &[&[Message]]) -> Option<&'static str> {
    let refused = asks(20, "HTTP/mp.other.example", None);
    let mut correlator = Correlator::new(Focus::default());
    let mut attempts = Vec::new();
    for message in messages.iter().copied().flatten().chain(&refused) {
        let observation = Observation::Message(message.clone());
        correlator.observe(observation, &mut |attempt| attempts.push(attempt));
    }
    let _ = correlator.finish(None, &mut |attempt| attempts.push(attempt));
    let [attempt] = attempts.as_slice() else {
        panic!("{} attempts", attempts.len());
    };
    let findings = rules::attempt_findings(attempt, &Selection::default());
    let leads = findings.iter().find(|finding| finding.headline);
    leads.map(|finding| finding.rule.id)
}

#[test]
fn what_is_told_around_an_attempt_decides_between_the_causes_of_one_refusal() {
    let here = says(1, DC, "child.corp.lab", "corp.lab");
    let there = says(2, FAR_DC, "other.example", "other.example");
    let one_forest = says(2, FAR_DC, "other.example", "corp.lab");
    let routed = asks(4, "cifs/srv.branch.net", Some("OTHER.EXAMPLE"));
    assert_eq!(headline(&[]), Some("trust-external"));
    assert_eq!(headline(&[&here, &there]), Some("trust-external"));
    assert_eq!(headline(&[&here, &one_forest]), Some("tgs-spn-unknown"));
    let all: [&[Message]; 3] = [&here, &there, &routed];
    assert_eq!(headline(&all), Some("trust-suffix-not-routed"));
}
