//! `scan` as its users meet it: a line for each attempt, whatever else lies in the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Captures of one client on the way to its management point, and the cause that their pages name.
const CASES: [(&str, &str, Option<&str>); 3] = [
    ("article.pcap", "kerberos-accepted", None),
    ("03-spn-missing.pcap", "no-ticket", Some("ref-dead-end")),
    ("06c-skew-mp.pcap", "rejected", Some("ap-skew")),
];

/// A folder with the captures of `CASES` in a folder in it, and files that are none.
fn case(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).expect("an old folder goes");
    }
    fs::create_dir_all(root.join("inner")).expect("a folder");
    for (capture, ..) in CASES {
        fs::copy(source(capture), root.join("inner").join(capture)).expect("a copy");
    }
    fs::write(root.join("notes.txt"), "nothing of interest").expect("a text");
    fs::write(root.join("empty.pcap"), "").expect("an empty file");
    let bytes = fs::read(source("article.pcap")).expect("a capture");
    fs::write(root.join("cut.pcap"), &bytes[..20]).expect("a cut file");
    root
}

fn source(capture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(capture)
}

fn scan(words: &[&str], root: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(root)
        .arg("scan")
        .args(words)
        .output()
        .expect("the program")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn lines(output: &Output) -> Vec<Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn each_capture_has_its_line_and_a_broken_one_stops_none() {
    let root = case("scan-lines");
    let output = scan(&["--format", "jsonl", "."], &root);
    assert_eq!(output.status.code(), Some(1), "a cause was found");
    let told = lines(&output);
    for (capture, outcome, cause) in CASES {
        let file = Path::new("inner").join(capture);
        let line = told
            .iter()
            .find(|line| Path::new(line["file"].as_str().expect("a name")).ends_with(&file))
            .expect("a line");
        assert_eq!(line["outcome"], outcome, "{capture}");
        assert_eq!(line["headline"]["rule"].as_str(), cause, "{capture}");
    }
    let broken: Vec<&Value> = told
        .iter()
        .filter(|line| line["kind"] == "unreadable")
        .collect();
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0]["reason"]
            .as_str()
            .expect("why")
            .contains("ends inside")
    );
}

#[test]
fn the_table_ends_with_the_causes_and_what_was_passed_over() {
    let root = case("scan-table");
    let output = scan(&["."], &root);
    let text = stdout(&output);
    assert!(text.starts_with("file "), "{text}");
    for expected in [
        "CAUSES\n      1  ap-skew\n      1  ref-dead-end\n",
        "3 captures read, 1 could not be; 2 other files passed over.",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn where_nothing_can_be_read_the_job_is_not_done() {
    let root = case("scan-nothing");
    for (name, why) in [
        ("notes.txt", "looks like a text file"),
        ("empty.pcap", "is empty"),
    ] {
        let output = scan(&[name], &root);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(
            said.starts_with(&format!("why401: {name}: {why}")),
            "{said}"
        );
        assert_eq!(stdout(&output), "");
    }
    let output = scan(&["cut.pcap"], &root);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("ends inside the header of a pcap file"));
    let beside = scan(&["cut.pcap", "notes.txt", "inner/article.pcap"], &root);
    assert_eq!(beside.status.code(), Some(0), "one could be read");
}

#[test]
fn a_warning_that_leads_is_no_cause() {
    let root = case("scan-warning");
    let name = "11-ntlm-in-spnego-200.pcap";
    fs::copy(source(name), root.join(name)).expect("a copy");
    let output = scan(&["--format", "jsonl", name], &root);
    let line = &lines(&output)[0];
    assert_eq!(line["headline"]["rule"], "ntlm-accepted");
    assert_eq!(line["headline"]["severity"], "warning");
    let text = stdout(&scan(&[name], &root));
    assert!(!text.contains("CAUSES"), "{text}");
    assert!(
        text.contains("WARNINGS THAT LEAD\n      1  ntlm-accepted\n"),
        "{text}"
    );
}

#[test]
fn a_spreadsheet_has_as_many_cells_in_each_line() {
    let root = case("scan-csv");
    scan(&["-o", "case.csv", "inner"], &root);
    let text = fs::read_to_string(root.join("case.csv")).expect("a file");
    let commas: Vec<usize> = text.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(commas, vec![9; CASES.len() + 1], "{text}");
}

#[test]
fn a_path_that_is_not_there_is_told_and_the_rest_is_done() {
    let root = case("scan-missing");
    let output = scan(&["--format", "jsonl", "nowhere", "inner"], &root);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines(&output).len(), CASES.len());
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("nowhere: cannot be read"), "{said}");
}

#[test]
fn two_machines_with_one_identity_are_found_over_all_captures() {
    let root = case("scan-shared");
    fs::copy(
        source("21-duplicate-smsid-two-clients.pcap"),
        root.join("two.pcap"),
    )
    .expect("a copy");
    let told = lines(&scan(&["--format", "jsonl", "."], &root));
    let shared: Vec<&Value> = told
        .iter()
        .filter(|line| line["kind"] == "shared-identity")
        .collect();
    assert_eq!(shared.len(), 1);
    let users = shared[0]["users"].as_array().expect("users");
    let machines: Vec<&str> = users
        .iter()
        .map(|user| user["machine"].as_str().expect("a machine"))
        .collect();
    assert_eq!(
        machines,
        ["WK02-020-51W (10.20.51.51)", "WK02-020-77W (10.20.52.52)"]
    );
}

#[test]
fn captures_of_one_machine_share_nothing() {
    let root = case("scan-one");
    let told = lines(&scan(&["--format", "jsonl", "inner"], &root));
    assert!(told.iter().all(|line| line["kind"] == "attempt"));
}

#[test]
fn a_machine_with_two_addresses_is_one() {
    let root = case("scan-addresses");
    for capture in ["20a-ipv6.pcap", "21-duplicate-smsid-two-clients.pcap"] {
        fs::copy(source(capture), root.join(capture)).expect("a copy");
    }
    let told = lines(&scan(&["--format", "jsonl", "."], &root));
    let shared = told.iter().find(|line| line["kind"] == "shared-identity");
    let users = shared.expect("one identity")["users"].as_array();
    let mut machines: Vec<&str> = users
        .expect("users")
        .iter()
        .map(|user| user["machine"].as_str().expect("a machine"))
        .collect();
    machines.sort_unstable();
    assert_eq!(
        machines,
        [
            "WK02-020-51W (fd00:20:51::51, 10.20.51.51)",
            "WK02-020-77W (10.20.52.52)"
        ]
    );
}
