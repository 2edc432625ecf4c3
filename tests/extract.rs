//! The extract of each recorded capture: a smaller file that tells the same story, with the story beside its frames.

#[path = "support/recorded.rs"]
mod recorded;

use std::fs;

use why401::capture::{CaptureError, CaptureReader};
use why401::diagnose::{self, Settings};
use why401::export::{self, Choice};
use why401::listing::{Line, Listing};
use why401::report::Report;

use crate::recorded::captures;

fn reader(bytes: &[u8]) -> Result<CaptureReader, CaptureError> {
    CaptureReader::new(Box::new(std::io::Cursor::new(bytes.to_vec())))
}

fn report(bytes: &[u8]) -> Report {
    diagnose::diagnose(reader(bytes).expect("a capture"), &Settings::default())
}

fn extract(bytes: &[u8], attempt: Option<u64>) -> Option<Vec<u8>> {
    let choice = Choice::of(&report(bytes), attempt)?;
    let mut extract = Vec::new();
    export::extract(&choice, &|| reader(bytes), &mut extract).expect("an extract");
    Some(extract)
}

/// Of each attempt the outcome, the cause, the points by which its rivals are behind, and the kinds of its steps.
type Told = (
    &'static str,
    Option<&'static str>,
    Vec<(&'static str, Option<i32>)>,
    Vec<&'static str>,
);

fn told(report: &Report) -> Vec<Told> {
    let attempts = report.attempts.iter().map(|attempt| {
        let headline = attempt.headline();
        let rivals = headline.iter().flat_map(|finding| &finding.rivals);
        let behind = rivals.map(|it| (it.rule, it.standing.as_ref().map(|it| it.behind)));
        let steps = attempt.steps.iter().map(|step| step.kind).collect();
        (
            attempt.outcome.name(),
            headline.map(|finding| finding.rule.id),
            behind.collect(),
            steps,
        )
    });
    attempts.collect()
}

fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut listing = Listing::default();
    let mut reader = reader(bytes).expect("a capture");
    diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        listing.add(&message);
    });
    listing.into_lines(None, None)
}

#[test]
fn an_extract_tells_the_story_of_its_capture() {
    for path in captures() {
        let whole = fs::read(&path).expect("a capture");
        let extract = extract(&whole, None).expect("a story");
        let (of_whole, of_extract) = (report(&whole), report(&extract));
        assert_eq!(told(&of_whole), told(&of_extract), "{}", path.display());
        let frames = |report: &Report| report.inputs[0].frames;
        assert!(frames(&of_extract) <= frames(&of_whole));
        assert!(of_extract.inputs[0].complete, "{}", path.display());
    }
}

#[test]
fn its_messages_are_those_of_the_capture_at_their_times() {
    for path in captures() {
        let whole = fs::read(&path).expect("a capture");
        let known = lines(&whole);
        for line in lines(&extract(&whole, None).expect("a story")) {
            let is_there = known.iter().any(|it| {
                (it.kind, it.time, &it.src, &it.summary)
                    == (line.kind, line.time, &line.src, &line.summary)
            });
            assert!(is_there, "{}: {line:?}", path.display());
        }
    }
}

#[test]
fn the_story_stands_beside_its_frames() {
    let path = captures()
        .into_iter()
        .find(|it| it.ends_with("03-spn-missing.pcap"));
    let whole = fs::read(path.expect("a capture")).expect("bytes");
    let extract = extract(&whole, None).expect("a story");
    let text = String::from_utf8_lossy(&extract);
    for words in [
        "client → KDC CHILD: asks for a ticket for HTTP/SMS4-120-52S.A2003.VM.local",
        "CAUSE: A2003.VM.LOCAL was reached and does not find",
        "44 of 52 frames, extracted by why401; ",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn one_attempt_of_two_can_be_had_and_a_third_cannot() {
    let path = captures()
        .into_iter()
        .find(|it| it.ends_with("21-duplicate-smsid-two-clients.pcap"));
    let whole = fs::read(path.expect("a capture")).expect("bytes");
    let second = extract(&whole, Some(2)).expect("an attempt");
    let report = report(&second);
    assert_eq!(report.attempts.len(), 1);
    let client = report.attempts[0].client.address.to_string();
    assert_eq!(client, "10.20.52.52");
    assert!(extract(&whole, Some(3)).is_none());
}
