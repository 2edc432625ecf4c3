//! Keys that the user hands over, tried on tickets that real KDCs issued. `captures/keytabs/README.md` says which keys were whose.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use why401::keys::Keytab;

const ON_USER: &str = "53-samba-forest-spn-on-user";
const WRONG_ACCOUNT: &str = "04-spn-on-wrong-account";
const OLD_VERSION: &str = "04c-kvno-mismatch-password-out-of-sync";
const ACCEPTED: &str = "02-success-cross-realm-article";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(root())
        .args(words)
        .output()
        .expect("the program")
}

fn keytab(name: &str) -> String {
    format!("captures/keytabs/{name}.keytab")
}

/// The first attempt of a capture's report, told with these keytabs.
fn attempt(capture: &str, keytabs: &[String]) -> Value {
    let capture = match capture {
        ACCEPTED => "captures/article.pcap".to_owned(),
        _ => format!("captures/{capture}.pcap"),
    };
    let mut words = vec!["--format", "json", capture.as_str()];
    for keytab in keytabs {
        words.extend(["--keytab", keytab]);
    }
    let output = run(&words);
    assert!(output.stderr.is_empty(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    report["attempts"][0].clone()
}

/// What each keytab says, in order.
fn answers(attempt: &Value) -> Vec<&str> {
    let lines = attempt["whose_key"].as_array().expect("a list");
    let of_keytabs = lines.iter().filter(|line| {
        let question = line["question"].as_str();
        question == Some("does a key of the keytab open it?")
    });
    of_keytabs
        .filter_map(|line| line["answer"].as_str())
        .collect()
}

fn headline(attempt: &Value) -> &Value {
    let findings = attempt["findings"].as_array().expect("findings");
    let mut led = findings.iter().filter(|it| it["headline"] == true);
    led.next().expect("a headline")
}

fn both(name: &str) -> [String; 2] {
    [keytab(name), keytab(&format!("{name}.mp"))]
}

#[test]
fn the_account_whose_key_opens_the_refused_ticket_is_proven() {
    let told = attempt(ON_USER, &both(ON_USER));
    assert_eq!(
        answers(&told),
        [
            "53-samba-forest-spn-on-user.keytab: yes, the key of svc-other@A2003.VM.LOCAL, version 2",
            "53-samba-forest-spn-on-user.mp.keytab: no, its one key of this type does not; it has version 2 of the key for HTTP/SMS4-120-52S.A2003.VM.local",
        ]
    );
    let cause = headline(&told);
    assert_eq!(cause["rule"], "http-spn-on-user-account");
    assert_eq!(cause["confidence"], "proven");
    let title = cause["title"].as_str().expect("a title");
    assert!(
        title.ends_with("it is under the key of svc-other@A2003.VM.LOCAL"),
        "{title}"
    );
    let evidence = cause["evidence"].as_array().expect("evidence");
    let of_keytab = evidence
        .iter()
        .find(|it| it["source"] == "53-samba-forest-spn-on-user.keytab");
    // The frame in which tshark lists the request begins at 74: captures/53-samba-forest-spn-on-user.md.
    assert_eq!(of_keytab.expect("the keytab")["frame"], 74);
    assert_eq!(headline(&attempt(ON_USER, &[]))["confidence"], "likely");
}

#[test]
fn a_key_under_the_name_of_the_service_opens_the_ticket_and_names_no_account() {
    let told = attempt(WRONG_ACCOUNT, &both(WRONG_ACCOUNT));
    let answers = answers(&told);
    assert!(
        answers[0].ends_with(
            "yes, the key of HTTP/SMS4-120-52S.A2003.VM.local@A2003.VM.LOCAL, version 1"
        ),
        "{answers:?}"
    );
    assert!(answers[1].ends_with("no, its one key of this type does not; it has version 1 of the key for HTTP/SMS4-120-52S.A2003.VM.local"), "{answers:?}");
    assert_eq!(headline(&told)["confidence"], "likely");
}

#[test]
fn an_old_key_table_shows_its_versions() {
    let told = attempt(OLD_VERSION, &both(OLD_VERSION));
    let answers = answers(&told);
    assert!(answers[0].ends_with(", version 2"), "{answers:?}");
    assert!(
        answers[1].contains("it has version 1 of the key"),
        "{answers:?}"
    );
    assert_eq!(headline(&told)["rule"], "ap-modified-stale-password");
}

#[test]
fn an_accepted_ticket_is_opened_by_the_keys_of_both_sides() {
    let told = attempt(ACCEPTED, &both(ACCEPTED));
    let answers = answers(&told);
    assert_eq!(answers.len(), 2);
    assert!(
        answers
            .iter()
            .all(|answer| answer.contains("yes, the key of HTTP/SMS4")),
        "{answers:?}"
    );
    assert_eq!(told["outcome"], "kerberos-accepted");
    let strange = attempt(ON_USER, &[keytab(ACCEPTED)]);
    assert_eq!(
        self::answers(&strange),
        ["02-success-cross-realm-article.keytab: no, it has no key of this type"]
    );
}

#[test]
fn names_of_a_keytab_are_redacted_with_the_rest() {
    let capture = format!("captures/{ON_USER}.pcap");
    let output = run(&["--redact", &capture, "--keytab", &keytab(ON_USER)]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(
        told.contains("does a key of the keytab open it? file-"),
        "{told}"
    );
    for name in ["svc-other", "A2003", "53-samba"] {
        assert!(!told.contains(name), "{name}: {told}");
    }
}

#[test]
fn what_is_no_keytab_is_refused_in_one_line() {
    let cases = [
        ("README.md", "README.md: is not a keytab"),
        ("captures", "captures: cannot read: is a directory"),
        (
            "captures/no-such.keytab",
            "captures/no-such.keytab: cannot read: no such file or folder",
        ),
    ];
    for (file, told) in cases {
        let output = run(&["captures/article.pcap", "--keytab", file]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let line = String::from_utf8(output.stderr).expect("text");
        assert!(line.starts_with(&format!("why401: {told}")), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written-over.keytab");
    fs::copy(root().join(keytab(ACCEPTED)), &copy).expect("a copy");
    let name = copy.to_string_lossy();
    let output = run(&["captures/article.pcap", "--keytab", &name, "-o", &name]);
    assert_eq!(output.status.code(), Some(2));
    let line = String::from_utf8(output.stderr).expect("text");
    assert!(
        line.ends_with("is read; it is not written over\n"),
        "{line}"
    );
    let output = run(&[&keytab(ACCEPTED)]);
    assert_eq!(output.status.code(), Some(2));
    let line = String::from_utf8(output.stderr).expect("text");
    assert!(
        line.contains("looks like a keytab (to be given with --keytab)"),
        "{line}"
    );
}

#[test]
fn a_keytab_that_is_cut_or_changed_anywhere_never_panics() {
    let bytes = fs::read(root().join(keytab(ON_USER))).expect("a keytab");
    let whole = Keytab::parse("whole", &bytes).expect("keys");
    let all = whole.names().count();
    let mut read = 0;
    for cut in 0..bytes.len() {
        if let Ok(keys) = Keytab::parse("cut", &bytes[..cut]) {
            assert!(keys.names().count() < all, "cut at {cut}");
            read += 1;
        }
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[cut] ^= 1 << bit;
            if let Ok(keys) = Keytab::parse("changed", &changed) {
                assert!(keys.names().all(|name| name.len() < bytes.len()));
            }
        }
    }
    // Between its entries a keytab may end.
    assert!(read > 10, "{read}");
}
