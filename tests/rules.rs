//! Rules that no recorded capture fires, each on a capture that is made from a recorded one by changing a few of its bytes,
//! and each silent on the recorded one: the near miss.
//!
//! What is changed is said beside each case. Lengths stay as they are; checksums do not fit any more, and nobody looks at them.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::finding::{Finding, Severity};
use why401::report::Report;

fn recorded(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    fs::read(path).expect("a capture")
}

fn report(bytes: &[u8]) -> Report {
    let reader =
        CaptureReader::new(Box::new(std::io::Cursor::new(bytes.to_vec()))).expect("a capture");
    diagnose::diagnose(reader, &Settings::default())
}

fn findings(report: &Report) -> Vec<&Finding> {
    let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
    of_attempts.chain(&report.findings).collect()
}

fn fires<'r>(report: &'r Report, rule: &str) -> Option<&'r Finding> {
    findings(report)
        .into_iter()
        .find(|finding| finding.rule.id == rule)
}

/// The place of the `nth` `needle`, from 0.
fn find(bytes: &[u8], needle: &[u8], nth: usize) -> usize {
    let mut places = bytes
        .windows(needle.len())
        .enumerate()
        .filter(|(_, window)| *window == needle)
        .map(|(at, _)| at);
    places
        .nth(nth)
        .unwrap_or_else(|| panic!("{:?} is there", String::from_utf8_lossy(needle)))
}

/// Puts `new` in the place of the `nth` `old`.
fn change(bytes: &mut [u8], old: &[u8], nth: usize, new: &[u8]) {
    assert_eq!(old.len(), new.len(), "lengths stay");
    let at = find(bytes, old, nth);
    bytes[at..at + new.len()].copy_from_slice(new);
}

/// The code field of a KRB-ERROR.
fn code(number: u8) -> [u8; 5] {
    [0xa6, 0x03, 0x02, 0x01, number]
}

/// Changes the code of the error in the token of the last `WWW-Authenticate: Negotiate`.
fn change_token_code(bytes: &mut [u8], old: u8, new: u8) {
    let begin = find(bytes, b"Negotiate oYG", 0) + "Negotiate ".len();
    let len = bytes[begin..]
        .iter()
        .take_while(|byte| **byte != b'\r')
        .count();
    let mut token = STANDARD.decode(&bytes[begin..begin + len]).expect("base64");
    change(&mut token, &code(old), 0, &code(new));
    let text = STANDARD.encode(token);
    bytes[begin..begin + len].copy_from_slice(text.as_bytes());
}

/// A capture with `edit` made fires `rule` as the headline, and without it does not fire it at all.
fn assert_leads(capture: &str, rule: &str, edit: impl Fn(&mut [u8])) {
    let mut bytes = recorded(capture);
    assert!(
        fires(&report(&bytes), rule).is_none(),
        "{rule}: silent on {capture} as it was recorded"
    );
    edit(&mut bytes);
    let report = report(&bytes);
    let finding =
        fires(&report, rule).unwrap_or_else(|| panic!("{rule} fires; {:?}", ids(&report)));
    assert!(finding.headline, "{rule} leads; {:?}", ids(&report));
    assert_eq!(finding.severity, Severity::Error, "{rule}");
}

fn ids(report: &Report) -> Vec<&'static str> {
    findings(report)
        .into_iter()
        .map(|finding| finding.rule.id)
        .collect()
}

#[test]
fn a_server_without_a_key_says_so_in_its_token() {
    assert_leads("04-spn-on-wrong-account.pcap", "ap-no-key", |bytes| {
        change_token_code(bytes, 31, 45);
    });
}

#[test]
fn an_error_of_the_server_that_no_rule_explains_is_told_by_its_name() {
    assert_leads(
        "04-spn-on-wrong-account.pcap",
        "http-401-krb-error",
        |bytes| {
            change_token_code(bytes, 31, 34);
        },
    );
}

#[test]
fn a_ticket_that_is_refused_without_a_reason_has_several_possible_causes() {
    let edit = |bytes: &mut [u8]| {
        change(bytes, b"HTTP/1.1 200 OK", 0, b"HTTP/1.1 401 OK");
        change(
            bytes,
            b"Authenticate: Negotiate oYG",
            0,
            b"Authenticate: Negotiate AAA",
        );
    };
    assert_leads("article.pcap", "http-401-no-reason", edit);
    let mut bytes = recorded("article.pcap");
    edit(&mut bytes);
    let report = report(&bytes);
    let finding = fires(&report, "http-401-no-reason").expect("it fires");
    assert!(finding.rivals.len() >= 3, "the rivals are named");
}

#[test]
fn a_refusal_that_holds_the_proof_of_the_server_is_not_about_the_ticket() {
    assert_leads("article.pcap", "ap-pac-validation", |bytes| {
        change(bytes, b"HTTP/1.1 200 OK", 0, b"HTTP/1.1 401 OK");
    });
}

#[test]
fn a_server_that_forbids_the_request_leads_over_the_ticket() {
    assert_leads("article.pcap", "http-403", |bytes| {
        change(bytes, b"HTTP/1.1 200 OK", 0, b"HTTP/1.1 403 OK");
    });
}

#[test]
fn a_server_without_the_directory_leads_over_the_ticket() {
    assert_leads("article.pcap", "http-404", |bytes| {
        change(bytes, b"HTTP/1.1 200 OK", 0, b"HTTP/1.1 404 OK");
    });
}

#[test]
fn a_server_that_asks_nobody_lets_the_client_in_without_proof() {
    assert_leads("12-no-retry-after-401.pcap", "http-no-challenge", |bytes| {
        change(bytes, b"HTTP/1.1 401 ", 0, b"HTTP/1.1 200 ");
    });
}

#[test]
fn a_server_that_does_not_offer_negotiate_leads_over_the_silence_after_it() {
    assert_leads(
        "12-no-retry-after-401.pcap",
        "http-no-negotiate-offered",
        |bytes| {
            change(
                bytes,
                b"WWW-Authenticate: Negotiate",
                0,
                b"WWW-Authenticate: Ne-gotiat",
            );
        },
    );
}

#[test]
fn an_account_that_the_domain_does_not_know_is_no_wrong_password() {
    assert_leads("14c-preauth-failed.pcap", "as-client-unknown", |bytes| {
        change(bytes, &code(24), 0, &code(6));
    });
}

#[test]
fn a_clock_that_the_client_corrects_is_expected() {
    let mut bytes = recorded("16-response-too-big-tcp-retry.pcap");
    assert!(fires(&report(&bytes), "normal-skew-heal").is_none());
    change(&mut bytes, &code(52), 1, &code(37));
    let report = report(&bytes);
    let finding = fires(&report, "normal-skew-heal").expect("it fires");
    assert_eq!(finding.severity, Severity::Expected);
    assert!(
        findings(&report)
            .iter()
            .all(|finding| finding.severity <= Severity::Note)
    );
}

#[test]
fn what_looks_like_a_fault_and_is_none_is_marked_in_the_story() {
    let cases = [
        ("article.pcap", "normal-first-401", vec![10]),
        (
            "14c-preauth-failed.pcap",
            "normal-preauth-required",
            vec![2],
        ),
        (
            "16-response-too-big-tcp-retry.pcap",
            "normal-too-big",
            vec![4, 29],
        ),
        (
            "23j-cached-service-ticket.pcap",
            "normal-cached-ticket",
            vec![14],
        ),
    ];
    for (capture, rule, frames) in cases {
        let report = report(&recorded(capture));
        let finding = fires(&report, rule).unwrap_or_else(|| panic!("{rule} fires on {capture}"));
        assert_eq!(finding.severity, Severity::Expected, "{rule}");
        for frame in frames {
            let named = finding
                .evidence
                .iter()
                .any(|evidence| evidence.frame.0 == frame);
            assert!(named, "{rule} names frame {frame}: {:?}", finding.evidence);
        }
    }
    let other = report(&recorded("12-no-retry-after-401.pcap"));
    assert!(
        fires(&other, "normal-first-401").is_none(),
        "a 401 that nobody answers is no expected one"
    );
    assert!(fires(&report(&recorded("article.pcap")), "normal-cached-ticket").is_none());
    assert!(fires(&report(&recorded("article.pcap")), "normal-too-big").is_none());
    assert!(
        fires(
            &report(&recorded("article.pcap")),
            "normal-preauth-required"
        )
        .is_none()
    );
}

/// A refusal with another code than the recorded one is another cause.
fn assert_code_leads(capture: &str, recorded: u8, other: u8, rule: &str) {
    assert_leads(capture, rule, |bytes| {
        let count = bytes
            .windows(5)
            .filter(|window| *window == code(recorded))
            .count();
        for _ in 0..count {
            change(bytes, &code(recorded), 0, &code(other));
        }
    });
}

#[test]
fn what_the_kdc_says_of_the_service_is_the_cause() {
    for (other, rule) in [
        (8, "tgs-spn-duplicate"),
        (12, "tgs-policy-other"),
        (13, "tgs-badoption"),
        (19, "tgs-service-disabled"),
        (20, "tgs-tgt-revoked"),
        (27, "tgs-must-use-u2u"),
        (29, "kdc-svc-unavailable"),
        (60, "kdc-generic"),
    ] {
        assert_code_leads(
            "31-samba-spn-missing-ntlm-fallback-401.pcap",
            7,
            other,
            rule,
        );
    }
}

#[test]
fn what_the_kdc_says_of_the_account_is_the_cause() {
    for (other, rule) in [
        (12, "as-policy"),
        (14, "as-etype-nosupp"),
        (23, "as-key-expired"),
        (68, "kdc-wrong-realm"),
        (70, "as-pkinit"),
    ] {
        assert_code_leads("14c-preauth-failed.pcap", 24, other, rule);
    }
}

#[test]
fn a_referral_that_the_next_realm_cannot_read_accuses_the_trust() {
    for other in [31, 35, 41] {
        assert_code_leads(
            "13-etype-nosupp-tgs-root.pcap",
            14,
            other,
            "trust-key-mismatch",
        );
    }
}

/// The records of a capture of `tcpdump` on this kind of machine: microseconds, the low byte first.
fn records(capture: &[u8]) -> Vec<&[u8]> {
    let mut rest = &capture[24..];
    let mut records = Vec::new();
    while let Some(len) = rest.get(8..12) {
        let len = u32::from_le_bytes(len.try_into().expect("four bytes")) as usize;
        let (record, after) = rest.split_at(16 + len);
        records.push(record);
        rest = after;
    }
    records
}

/// `23j-cached-service-ticket.pcap` with the `ClientHello` of `19m-https-mp.pcap`, sent to host `last`, after the challenge.
fn with_tls_after_the_challenge(last: u8) -> Vec<u8> {
    let (cached, tls) = (
        recorded("23j-cached-service-ticket.pcap"),
        recorded("19m-https-mp.pcap"),
    );
    let (before, after) = (records(&cached), records(&tls));
    let mut hello = after[3].to_vec();
    hello[..8].copy_from_slice(&before[11][..8]);
    let server = find(&hello, &[10, 10, 120, 52], 0);
    hello[server + 3] = last;
    let mut bytes = cached[..24].to_vec();
    for (at, record) in before.iter().enumerate() {
        bytes.extend_from_slice(record);
        if at == 11 {
            bytes.extend_from_slice(&hello);
        }
    }
    bytes
}

#[test]
fn a_tls_connection_to_another_machine_before_the_ticket_may_be_a_kdc_proxys() {
    let elsewhere = report(&with_tls_after_the_challenge(99));
    let finding = fires(&elsewhere, "kdc-proxy").expect("it fires");
    assert_eq!(finding.severity, Severity::Note);
    assert_eq!(finding.evidence[0].frame.0, 13);
    let to_the_server = report(&with_tls_after_the_challenge(52));
    assert!(fires(&to_the_server, "kdc-proxy").is_none());
}
