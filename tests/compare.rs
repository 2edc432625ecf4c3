//! `compare` as its users meet it: recorded sign-ons against one that works.

use std::process::{Command, Output};

use serde_json::Value;

const ARTICLE: &str = "captures/article.pcap";

fn compare(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("compare")
        .args(words)
        .output()
        .expect("the program")
}

fn json(words: &[&str]) -> Value {
    let output = compare(&[&["--format", "json"], words].concat());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Frames and likeness of the first difference.
fn first(told: &Value) -> (&str, Option<u64>, Option<u64>) {
    let first = &told["first_difference"];
    let likeness = first["likeness"].as_str().expect("a likeness");
    let frame = |side: &str| first[side]["frames"][0].as_u64();
    (likeness, frame("good"), frame("bad"))
}

#[test]
fn each_failure_parts_from_the_good_story_where_its_page_says() {
    let cases = [
        // The KDC of the server's realm refuses instead of issuing.
        ("03-spn-missing.pcap", ("different", Some(16), Some(45))),
        // The same ticket request, and no answer.
        ("08-kdc88-dropped.pcap", ("different", Some(13), Some(14))),
        // No ticket request at all.
        ("12-no-retry-after-401.pcap", ("only-good", Some(13), None)),
        // The ticket is of another encryption type, before it is refused.
        ("06c-skew-mp.pcap", ("different", Some(16), Some(17))),
    ];
    for (capture, expected) in cases {
        let told = json(&[ARTICLE, &format!("captures/{capture}")]);
        assert_eq!(first(&told), expected, "{capture}");
    }
}

#[test]
fn a_capture_does_not_differ_from_itself() {
    let output = compare(&[ARTICLE, ARTICLE]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("NO STEP DIFFERS"), "{text}");
}

#[test]
fn another_client_with_the_same_story_differs_in_its_name_alone() {
    let capture = "captures/21-duplicate-smsid-two-clients.pcap";
    let told = json(&["--attempt", "1", "--bad-attempt", "2", capture, capture]);
    let steps = told["steps"].as_array().expect("steps");
    assert!(
        steps.iter().all(|step| step["likeness"] == "same"),
        "{told}"
    );
}

#[test]
fn an_attempt_that_is_not_there_is_told() {
    let output = compare(&["--attempt", "7", ARTICLE, ARTICLE]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("there is no attempt 7 in it"), "{said}");
}
