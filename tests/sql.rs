//! The call that stores a registration, as client libraries send it to SQL Server: `tests/data/sql-calls.md`.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::dissect::message::{Message, MessageBody, TdsMessage};
use why401::limits::Limitation;
use why401::wire::registration_call::RegistrationCall;

/// First and last frame of each call that can be read.
const CALLS: [(u64, u64); 8] = [
    (10, 11),
    (26, 26),
    (40, 40),
    (54, 54),
    (76, 76),
    (98, 98),
    (112, 112),
    (170, 170),
];

fn capture() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sql-calls.pcap");
    fs::read(path).expect("the capture")
}

fn read(bytes: Vec<u8>) -> (Vec<Message>, Vec<Limitation>) {
    let mut messages = Vec::new();
    let Ok(mut reader) = CaptureReader::new(Box::new(Cursor::new(bytes))) else {
        return (messages, Vec::new());
    };
    let limitations = diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        messages.push(message);
    });
    (messages, limitations)
}

fn calls(messages: &[Message]) -> Vec<(&Message, &RegistrationCall)> {
    let calls = messages.iter().filter_map(|message| match &message.body {
        MessageBody::Tds(TdsMessage::Call(call)) => Some((message, &**call)),
        _ => None,
    });
    calls.collect()
}

/// Each record of a little-endian capture cut to `longest` bytes.
fn snapped(bytes: &[u8], longest: usize) -> Vec<u8> {
    let (head, mut rest) = bytes.split_at(24);
    let mut all = head.to_vec();
    while let Some((record, behind)) = rest.split_at_checked(16) {
        let len = u32::from_le_bytes(record[8..12].try_into().expect("four bytes"));
        let (data, next) = behind.split_at(len as usize);
        let kept = &data[..data.len().min(longest)];
        all.extend(&record[..8]);
        all.extend(u32::try_from(kept.len()).expect("a length").to_le_bytes());
        all.extend(&record[12..]);
        all.extend(kept);
        rest = next;
    }
    all
}

#[test]
fn every_form_of_the_call_says_what_the_articles_statement_says() {
    let article = include_str!("../captures/article.sql");
    let article = RegistrationCall::of_text(article).expect("the article's call");
    let (messages, _) = read(capture());
    let calls = calls(&messages);
    let frames = |message: &Message| (message.first_frame().0, message.last_frame().0);
    let found: Vec<(u64, u64)> = calls.iter().map(|(message, _)| frames(message)).collect();
    assert_eq!(found, CALLS);
    for (message, call) in calls {
        assert_eq!(*call, article, "frame {}", message.first_frame());
        assert!(message.is_complete());
    }
}

#[test]
fn a_session_that_is_encrypted_whole_is_told_and_one_whose_login_is_not() {
    let (messages, limitations) = read(capture());
    let sealed: Vec<u64> = limitations
        .iter()
        .filter(|limitation| limitation.text.contains("encrypted whole"))
        .filter_map(|limitation| limitation.since_frame.map(|frame| frame.0))
        .collect();
    assert_eq!(sealed, [124]);
    assert_eq!(limitations.len(), 1, "{limitations:?}");
    let count = |wanted: fn(&TdsMessage) -> bool| {
        let told = messages.iter().filter_map(|message| match &message.body {
            MessageBody::Tds(told) => Some(told),
            _ => None,
        });
        told.filter(|told| wanted(told)).count()
    };
    assert_eq!(count(|told| matches!(told, TdsMessage::Prelogin(_))), 9);
    assert_eq!(
        count(|told| matches!(told, TdsMessage::PreloginAnswer(_))),
        9
    );
    assert_eq!(count(|told| matches!(told, TdsMessage::Login)), 7);
}

#[test]
fn a_call_that_is_cut_says_nothing_that_the_whole_one_does_not() {
    let (whole, _) = read(capture());
    let (_, whole) = calls(&whole)[0];
    let same = |cut: &Option<i64>, whole: &Option<i64>| cut.is_none() || cut == whole;
    let whole_capture = capture();
    for longest in (100..4_200).step_by(7) {
        let (messages, limitations) = read(snapped(&whole_capture, longest));
        for (_, call) in calls(&messages) {
            assert!(same(&call.approval_method, &whole.approval_method));
            assert!(same(&call.is_integrated_auth, &whole.is_integrated_auth));
            let names = [&call.smsid, &call.fqdn, &call.netbios_name];
            let wanted = [&whole.smsid, &whole.fqdn, &whole.netbios_name];
            for (name, wanted) in names.into_iter().zip(wanted) {
                assert!(name.is_none() || name == wanted, "{longest}: {name:?}");
            }
            let thumbprint = &call.thumbprint;
            assert!(thumbprint.is_none() || *thumbprint == whole.thumbprint);
        }
        let is_told = limitations
            .iter()
            .any(|limitation| limitation.text.contains("not captured whole"));
        assert!(is_told || longest > 4_160, "{longest}");
    }
}

#[test]
fn a_capture_that_ends_anywhere_is_read_to_there() {
    let whole = capture();
    for len in (24..whole.len()).step_by(97) {
        let (messages, _) = read(whole[..len].to_vec());
        assert!(calls(&messages).len() <= CALLS.len());
    }
}
