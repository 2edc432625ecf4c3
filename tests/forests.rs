//! What recorded captures tell of forests and of referrals, apart from any attempt.

use std::fs::File;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::dissect::message::Observation;
use why401::model::capture_facts::CaptureFacts;
use why401::model::correlate::{Correlator, Focus};

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
        .of_realm("child.a2003.vm.local")
        .map(|seen| format!("{} {} {} {}", seen.frame, seen.kdc, seen.service, seen.next))
        .collect();
    let wanted = "14 10.20.10.10 HTTP/SMS4-120-52S.A2003.VM.local A2003.VM.LOCAL";
    assert_eq!(seen, [wanted]);
    assert_eq!(facts.referrals.of_realm("A2003.VM.LOCAL").count(), 0);
}
