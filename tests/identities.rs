//! Two machines under one identity, over all that is given: registrations in captures, calls that store them, and logs.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, LogInput, Settings};
use why401::finding::{Confidence, Finding, Severity};
use why401::logs::LogKind;

/// The identity of the recorded client.
const RECORDED: &str = "GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11";
/// The name in the published statement: the recorded client's too.
const NAME: &str = "WK02-020-51W";

fn statement(change: impl Fn(String) -> String) -> (&'static str, LogKind, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let text = fs::read_to_string(folder.join("article.sql")).expect("the statement");
    let text = text.replace("GUID:EEAF9390-94EB-43AE-A0DE-F374E3E7E03B", RECORDED);
    ("trace.sql", LogKind::Sql, change(text))
}

/// What a management point writes of a registration that it passes on.
fn passed_on() -> (&'static str, LogKind, String) {
    let text = format!(
        "<![LOG[MP Reg: DDR written to [E:\\regreq\\A.RDR] for Client [{RECORDED}] with Certificate Thumbprint [{}]]LOG]!><time=\"11:31:42.000+00\" date=\"11-22-2026\" component=\"MP_RegistrationManager\" context=\"\" type=\"1\" thread=\"1\" file=\"a.cpp:1\">\r\n",
        "0123456789ABCDEF0123456789ABCDEF01234567"
    );
    ("mp.log", LogKind::ConfigMgr, text)
}

/// What is found of identities in the article's sign-on with these logs.
fn shared(logs: &[(&'static str, LogKind, String)]) -> Option<Finding> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let bytes = fs::read(path).expect("a capture");
    let reader = CaptureReader::new(Box::new(Cursor::new(bytes))).expect("a capture");
    let logs = logs.iter().map(|(name, kind, text)| LogInput {
        name: (*name).to_owned(),
        kind: *kind,
        input: Box::new(Cursor::new(text.clone().into_bytes())),
    });
    let report = diagnose::diagnose_with(reader, logs.collect(), &Settings::default());
    let mut findings = report.findings.into_iter();
    findings.find(|finding| finding.rule.id == "duplicate-guid")
}

#[test]
fn a_call_that_stores_another_machine_under_the_clients_identity_is_a_clone() {
    let other = statement(|text| text.replace(NAME, "WK77"));
    let found = shared(&[other, passed_on()]).expect("a finding");
    // The recorded client sent no hardware id, and a pasted statement has no time.
    assert_eq!(found.severity, Severity::Warning);
    assert_eq!(found.confidence, Confidence::Possible);
    assert!(found.title.contains(NAME) && found.title.contains("WK77"));
    let sources: Vec<Option<&str>> = found
        .evidence
        .iter()
        .map(|evidence| evidence.source.as_deref())
        .collect();
    assert!(sources.contains(&Some("trace.sql:1")), "{sources:?}");
    assert!(sources.contains(&Some("mp.log:1")), "{sources:?}");
    let stored = found.evidence.iter().find(|it| it.source.is_some());
    let text = &stored.expect("the call").text;
    for part in [RECORDED, "WK77", "certificate e824658e", "hardware 2:"] {
        assert!(text.to_lowercase().contains(&part.to_lowercase()), "{text}");
    }
}

#[test]
fn one_machine_that_several_witnesses_name_is_no_clone() {
    assert!(shared(&[]).is_none());
    assert!(shared(&[statement(|text| text), passed_on()]).is_none());
}
