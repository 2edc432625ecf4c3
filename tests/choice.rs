//! Which files are read, and which part of them: patterns, folders, frames and times.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A sign-on without a fault: 30 frames.
const ARTICLE: &str = "captures/article.pcap";
const REFUSED: &str = "captures/03-spn-missing.pcap";

fn run_in(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    command.current_dir(folder).args(words);
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(name);
    }
    command.output().expect("the program")
}

fn run(words: &[&str]) -> Output {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), words)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// Status 2, nothing on standard output, one line on standard error.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(stdout(output), "");
    let said = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// A folder for the test `name` with captures of these names in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    for (name, capture) in files {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(capture);
        fs::copy(from, folder.join(name)).expect("a copy");
    }
    folder
}

fn json(words: &[&str]) -> Value {
    let output = run(&[&["--format", "json"], words].concat());
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The frames of the messages that are listed.
fn listed(words: &[&str]) -> Vec<u64> {
    let output = run(&[&["list", "--format", "jsonl"], words].concat());
    let lines = stdout(&output);
    let lines = lines.lines();
    let messages = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let frames = messages.flat_map(|it| it["frames"].as_array().cloned().expect("frames"));
    frames.filter_map(|frame| frame.as_u64()).collect()
}

#[test]
fn only_the_frames_that_are_named_are_read_and_they_keep_their_numbers() {
    let all = listed(&[ARTICLE]);
    let part = listed(&["--frames", "13-16,25-", ARTICLE]);
    assert!(part.contains(&14) && part.contains(&25), "{part:?}");
    let wanted = |frame: &u64| (13..=16).contains(frame) || *frame >= 25;
    let wanted: Vec<u64> = all.into_iter().filter(wanted).collect();
    assert_eq!(part, wanted);
}

#[test]
fn only_the_messages_of_the_machines_that_are_named_are_listed() {
    let two = "captures/21-duplicate-smsid-two-clients.pcap";
    let of = |words: &[&str], capture: &str| -> Vec<(String, String)> {
        let output = run(&[&["list", "--format", "jsonl"], words, &[capture]].concat());
        let lines = stdout(&output);
        let lines = lines.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let ends = format!("{} {}", line["src"], line["dst"]);
            (line["kind"].as_str().expect("a kind").to_owned(), ends)
        });
        lines.collect()
    };
    let (all, other) = (of(&[], two), of(&["--client", "10.20.52.52"], two));
    assert!(!other.is_empty() && other.len() < all.len());
    assert!(other.iter().all(|(_, ends)| ends.contains("10.20.52.52:")));
    let kdc = of(&["--kdc", "10.10.10.10", "--mp", "10.9.9.9"], ARTICLE);
    assert!(!kdc.is_empty());
    assert!(
        kdc.iter()
            .all(|(kind, ends)| kind.starts_with("tgs-") && ends.contains("10.10.10.10:88"))
    );
}

#[test]
fn a_file_that_is_no_capture_is_told_beside_the_list_of_the_others() {
    let folder = folder("no-capture", &[("article.pcap", ARTICLE)]);
    fs::write(folder.join("notes.txt"), "nothing of interest").expect("a text");
    let alone = run_in(&folder, &["list", "article.pcap"]);
    let beside = run_in(&folder, &["list", "article.pcap", "notes.txt"]);
    assert_eq!(beside.status.code(), Some(0));
    assert_eq!(stdout(&beside), stdout(&alone));
    let said = String::from_utf8(beside.stderr).expect("text");
    assert!(
        said.starts_with("why401: notes.txt: looks like a text file"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn messages_are_listed_for_a_spreadsheet() {
    let list = stdout(&run(&["list", "--format", "csv", ARTICLE]));
    let rows: Vec<&str> = list.split_terminator("\r\n").collect();
    assert_eq!(
        rows[0],
        "file,first_frame,last_frame,time,src,dst,transport,kind,complete,summary"
    );
    assert_eq!(
        rows[3],
        ",13,13,2026-11-22T11:06:08.744040Z,10.20.51.51:48881,10.20.10.10:88,udp,tgs-req,true,asks CHILD.A2003.VM.LOCAL for HTTP/SMS4-120-52S.A2003.VM.local"
    );
    assert_eq!(rows.len(), 1 + 8);
}

#[test]
fn times_are_listed_as_they_are_wanted() {
    let first = |words: &[&str]| {
        let list = stdout(&run(&[&["list"], words, &[ARTICLE]].concat()));
        list.split_whitespace().nth(1).map(str::to_owned)
    };
    assert_eq!(first(&[]).as_deref(), Some("0.000"));
    assert_eq!(first(&["--time", "utc"]).as_deref(), Some("11:06:08.704"));
}

#[test]
fn text_of_every_kind_is_written_in_ascii_where_that_is_wanted() {
    for words in [
        &["--format", "text"][..],
        &["--format", "text", "--ladder"],
        &["--format", "markdown"],
        &["--format", "mermaid"],
        &["list"],
    ] {
        let output = run(&[words, &["--ascii", REFUSED]].concat());
        assert!(
            !output.stdout.is_empty() && output.stdout.is_ascii(),
            "{words:?}"
        );
    }
}

#[test]
fn a_format_may_be_called_by_its_extension() {
    for (name, extension) in [("markdown", "md"), ("mermaid", "mmd"), ("html", "htm")] {
        let called = |format: &str| run(&["--format", format, ARTICLE]).stdout;
        assert_eq!(called(name), called(extension), "{name}");
    }
}

#[test]
fn that_only_a_part_was_read_is_said() {
    let report = json(&["--frames", "13–16", ARTICLE]);
    let told = report["limitations"].to_string();
    assert!(told.contains("frames 13–16; 4 of 30 frames"), "{told}");
    assert_eq!(report["inputs"][0]["frames"], 30);
    let list = run(&["list", "--frames", "13-16", ARTICLE]);
    let said = String::from_utf8(list.stderr).expect("text");
    assert!(
        said.contains("Only a part of the capture was read"),
        "{said}"
    );
    let whole = json(&[ARTICLE]);
    assert!(!whole["limitations"].to_string().contains("Only a part"));
}

#[test]
fn times_are_those_of_the_capture() {
    let begin = "2026-11-22T11:06:08";
    let report = json(&["--from", &format!("{begin}.737Z"), ARTICLE]);
    let told = report["limitations"].to_string();
    assert!(told.contains(&format!("from {begin}.737000Z; ")), "{told}");
    let absolute = listed(&["--from", &format!("{begin}.737Z"), ARTICLE]);
    assert!(!absolute.is_empty() && absolute.iter().all(|frame| *frame >= 13));
    assert_eq!(absolute, listed(&["--from", "11:06:08.737", ARTICLE]));
    let zone = "2026-11-22T12:06:08.737+01:00";
    assert_eq!(absolute, listed(&["--from", zone, ARTICLE]));
    let early = listed(&["--to", "+0.01", ARTICLE]);
    assert!(
        !early.is_empty() && early.iter().all(|frame| *frame < 13),
        "{early:?}"
    );
    let both = listed(&["--from", "+0", "--to", "+100", ARTICLE]);
    assert_eq!(both, listed(&[ARTICLE]));
    assert!(listed(&["--from", "+100", ARTICLE]).is_empty());
}

#[test]
fn an_extract_is_made_of_the_part_alone() {
    let folder = folder("choice-extract", &[("a.pcap", ARTICLE)]);
    let extract = |words: &[&str]| {
        let words = [&["extract", "a.pcap", "-o", "out.pcapng"], words].concat();
        let output = run_in(&folder, &words);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let listed = run_in(&folder, &["out.pcapng"]);
        stdout(&listed).lines().next().expect("a line").to_owned()
    };
    assert!(extract(&["--frames", "1-16"]).contains("16 frames"));
    assert!(extract(&["--frames", "10-16,14"]).contains("  5 frames"));
}

#[test]
fn a_wrong_part_is_refused_in_one_line() {
    for (words, what) in [
        (
            ["--frames", "7-4"],
            "--frames \"7-4\": name frames from 1 on",
        ),
        (["--frames", "0"], "--frames \"0\""),
        (["--from", "yesterday"], "--from \"yesterday\": name a time"),
        (["--to", "25:00:00"], "--to \"25:00:00\""),
    ] {
        for verb in [&[][..], &["list"], &["extract", "-o", "never.pcapng"]] {
            let said = refused(&run(&[verb, &words[..], &[ARTICLE]].concat()));
            assert!(said.contains(what), "{said}");
        }
    }
    let backwards = ["--from", "+2", "--to", "+1", ARTICLE];
    assert!(refused(&run(&backwards)).contains("--to is before --from"));
}

#[test]
fn frames_of_several_captures_are_those_of_the_file_that_is_named() {
    let second = |list: &str| -> Vec<u64> {
        let words = ["list", "--format", "jsonl", "--frames", list];
        let output = stdout(&run(&[&words[..], &[ARTICLE, REFUSED]].concat()));
        let messages = output.lines().map(serde_json::from_str);
        let messages = messages.map(|line: Result<Value, _>| line.expect("JSON"));
        let messages = messages.filter(|message| message["file"] == 1);
        messages
            .filter_map(|it| it["first_frame"].as_u64())
            .collect()
    };
    let alone = listed(&["--frames", "4-7", REFUSED]);
    assert!(!alone.is_empty());
    assert_eq!(second("03-spn-missing.pcap#4-7")[..1], alone[..1]);
    assert!(
        second("03-spn-missing.pcap#4-7")
            .iter()
            .all(|frame| *frame <= 7)
    );
    assert!(second("article.pcap#1").iter().any(|frame| *frame > 7));

    let list = format!("{REFUSED}#4-5,7,article.pcap#13–16");
    let report = json(&["--frames", &list, ARTICLE, REFUSED]);
    let told = report["limitations"].to_string();
    let parts = "article.pcap#13–16, 03-spn-missing.pcap#4–5, 7; 7 of ";
    assert!(told.contains(parts), "{told}");

    let one = json(&["--frames", &format!("{ARTICLE}#13-16"), ARTICLE]);
    assert_eq!(one, json(&["--frames", "13-16", ARTICLE]));
}

#[test]
fn which_of_several_captures_is_meant_is_never_guessed() {
    for (list, what) in [
        ("1", "there are 2 captures; name the one"),
        (
            "other.pcap#1",
            "called \"other.pcap\"; they are called article.pcap, 03-",
        ),
    ] {
        for verb in [&[][..], &["list"]] {
            let said = refused(&run(&[verb, &["--frames", list, ARTICLE, REFUSED]].concat()));
            assert!(said.contains(what), "{said}");
        }
    }
}

#[test]
fn patterns_are_expanded_where_the_shell_does_not() {
    let files = [
        ("b2.pcap", ARTICLE),
        ("b1.pcap", REFUSED),
        ("c.pcap", ARTICLE),
    ];
    let folder = folder("choice-patterns", &files);
    fs::create_dir_all(folder.join("b.pcap")).expect("a folder is no capture");
    let patterns = run_in(&folder, &["b*.pcap"]);
    let names = run_in(&folder, &["b1.pcap", "b2.pcap"]);
    assert!(patterns.stderr.is_empty(), "{patterns:?}");
    assert_eq!(stdout(&patterns), stdout(&names));
    assert_eq!(
        stdout(&run_in(&folder, &["../choice-pat*s/?.pcap"])),
        stdout(&run_in(&folder, &["c.pcap"]))
    );
    let scanned = stdout(&run_in(&folder, &["scan", "--format", "jsonl", "b*.pcap"]));
    assert!(
        scanned.contains("b1.pcap") && scanned.contains("b2.pcap"),
        "{scanned}"
    );
    assert!(!scanned.contains("\"c.pcap"), "{scanned}");
}

#[test]
fn a_pattern_without_a_file_is_said() {
    let folder = folder(
        "choice-nothing",
        &[("a.pcap", ARTICLE), ("b.pcap", ARTICLE)],
    );
    for words in [
        &["*.etl"][..],
        &["list", "*.etl"],
        &["extract", "*.etl", "-o", "x"],
    ] {
        let said = refused(&run_in(&folder, words));
        assert_eq!(said, "why401: *.etl: no file is named like this\n");
    }
    let said = refused(&run_in(&folder, &["extract", "*.pcap", "-o", "x"]));
    assert!(
        said.contains("2 files are named like this; name one"),
        "{said}"
    );
    let scanned = run_in(&folder, &["scan", "*.etl", "a.pcap"]);
    assert_eq!(scanned.status.code(), Some(2));
    let said = String::from_utf8(scanned.stderr.clone()).expect("text");
    assert_eq!(said, "why401: *.etl: nothing is named like this\n");
    assert!(stdout(&scanned).contains("a.pcap"));
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_has_a_wildcard_is_no_pattern() {
    let folder = folder(
        "choice-literal",
        &[("a*.pcap", ARTICLE), ("ab.pcap", REFUSED)],
    );
    let shown = stdout(&run_in(&folder, &["a*.pcap"]));
    assert!(
        shown.starts_with("why401 0.1.0  a*.pcap  30 frames"),
        "{shown}"
    );
}

#[test]
fn a_folder_is_refused_with_the_verb_that_reads_it() {
    let folder = folder("choice-folder", &[("a.pcap", ARTICLE)]);
    let name = folder.to_str().expect("text");
    let said = refused(&run(&[name]));
    assert!(said.contains("is a directory"), "{said}");
    assert!(said.contains(&format!("why401 scan {name}")), "{said}");
}
