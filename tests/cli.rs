//! The command as its users meet it: what it prints where, how it ends, and what it does with files that are none.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A sign-on without a fault: 30 frames.
const ARTICLE: &str = "captures/article.pcap";
/// A sign-on that fails at a service name without an account.
const REFUSED: &str = "captures/03-spn-missing.pcap";

/// The command with an environment that decides nothing.
fn why401(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words);
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(name);
    }
    command
}

fn run(words: &[&str]) -> Output {
    why401(words).output().expect("the program")
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A folder of its own for the test `name`, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn bytes(capture: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(capture)).expect("a capture")
}

/// The job could not be done: status 2, nothing on standard output, one line on standard error.
fn refusal(words: &[&str]) -> String {
    let output = run(words);
    assert_eq!(status(&output), 2, "{words:?}");
    assert_eq!(stdout(&output), "", "{words:?}");
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn the_status_tells_whether_something_grave_was_found() {
    let with = |words: &[&str]| {
        let output = run(words);
        assert_eq!(stderr(&output), "", "{words:?}");
        status(&output)
    };
    assert_eq!(with(&[ARTICLE]), 0);
    assert_eq!(with(&[REFUSED]), 1);
    assert_eq!(with(&["--fail-on", "note", ARTICLE]), 1);
    assert_eq!(with(&["--fail-on", "warning", ARTICLE]), 0);
    assert_eq!(with(&["--fail-on", "never", REFUSED]), 0);
    assert_eq!(with(&["--quiet", REFUSED]), 1);
    assert_eq!(with(&["list", REFUSED]), 0);
}

#[test]
fn a_script_that_wants_only_the_report_gets_status_0() {
    for words in [
        &["--exit-zero", REFUSED][..],
        &["scan", "--exit-zero", REFUSED],
        &["compare", "--exit-zero", ARTICLE, REFUSED],
    ] {
        let output = run(words);
        assert_eq!((status(&output), stderr(&output)), (0, String::new()));
        let plain: Vec<&str> = words
            .iter()
            .copied()
            .filter(|it| *it != "--exit-zero")
            .collect();
        let plain = run(&plain);
        assert_eq!((status(&plain), stdout(&plain)), (1, stdout(&output)));
    }
    refusal(&["--exit-zero", "--fail-on", "note", REFUSED]);
}

#[test]
fn json_is_short_for_the_format() {
    for words in [
        &[REFUSED][..],
        &["list", REFUSED],
        &["scan", REFUSED],
        &["compare", ARTICLE, REFUSED],
        &["explain", "41"],
        &["decode", "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA="],
        &["rules"],
    ] {
        let with = |option: &[&str]| stdout(&run(&[words, option].concat()));
        let short = with(&["--json"]);
        assert_eq!(short, with(&["--format", "json"]), "{words:?}");
        assert!(short.starts_with(['{', '[']), "{words:?}: {short}");
        refusal(&[words, &["--json", "--format", "text"]].concat());
    }
}

#[test]
fn a_domain_controller_is_a_kdc_and_times_may_be_seconds() {
    let kdc = |option: &str| stdout(&run(&["list", option, "10.20.10.10", REFUSED]));
    assert_eq!(kdc("--dc"), kdc("--kdc"));
    assert_ne!(kdc("--dc"), "");
    let listed = stdout(&run(&["list", "--time", "epoch", ARTICLE]));
    let first = listed.lines().next().expect("a line");
    // What `tshark -t e` says of frame 4.
    assert!(first.contains(" 1795345568.704433 "), "{first}");
    let report = stdout(&run(&["--time", "epoch", ARTICLE]));
    assert!(report.contains(" s since 1970"), "{report}");
}

#[test]
fn the_first_screen_holds_the_verdict() {
    let output = run(&[REFUSED]);
    let shown = stdout(&output);
    let screen: Vec<&str> = shown.lines().take(24).collect();
    let screen = screen.join("\n");
    assert!(screen.contains("NO TICKET"), "{screen}");
    assert!(screen.contains("cause, proven: "), "{screen}");
    assert!(screen.contains("<< here"), "{screen}");
}

#[test]
fn no_verb_is_the_verb_diagnose() {
    let bare = run(&[ARTICLE]);
    assert_eq!(stdout(&bare), stdout(&run(&["diagnose", ARTICLE])));
    assert_eq!(stdout(&bare), stdout(&run(&[ARTICLE])), "the same bytes");
}

#[test]
fn a_file_named_like_a_verb_is_reached_by_its_path() {
    let folder = folder("named-like-a-verb");
    fs::write(folder.join("list"), bytes(ARTICLE)).expect("a file");
    let output = why401(&["./list"]).current_dir(&folder).output();
    let output = output.expect("the program");
    assert_eq!(status(&output), 0);
    assert!(stdout(&output).starts_with("why401 "), "{output:?}");
}

#[test]
fn a_verb_that_is_misspelt_is_named() {
    for (words, expected) in [
        (
            &["exlpain", "41"][..],
            "exlpain: no such verb or file; did you mean explain?",
        ),
        (
            &["lsit", ARTICLE],
            "lsit: no such verb or file; did you mean list?",
        ),
        (
            &["checklst"],
            "checklst: no such verb or file; did you mean checklist?",
        ),
        (&["client.pcapng"], "client.pcapng: no such file or folder"),
        (&["capture"], "capture: no such file or folder"),
        (
            &[ARTICLE, "extract"],
            "extract: no such file, and a verb stands first: why401 extract …",
        ),
        (&[ARTICLE, "exlpain"], "exlpain: no such file or folder"),
        (
            &["--rule", "ap-skew", "--no-rule", "ap-skew", ARTICLE],
            "--rule and --no-rule both name \"ap-skew\"",
        ),
    ] {
        assert_eq!(refusal(words), format!("why401: {expected}\n"));
    }
    let folder = folder("misspelt");
    fs::write(folder.join("exlpain"), bytes(ARTICLE)).expect("a file");
    let output = why401(&["exlpain"]).current_dir(&folder).output();
    assert_eq!(status(&output.expect("the program")), 0, "it is a file");
}

#[test]
fn what_is_no_capture_is_named_in_one_line() {
    let folder = folder("no-captures");
    let file = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).expect("a file");
        path
    };
    let empty = file("empty.pcap", b"");
    let prose = file("client.txt", b"The client was not approved.\nWhy?\n");
    let cut = file("cut.pcap", &bytes(ARTICLE)[..9]);
    let missing = folder.join("missing.pcap");
    let cases = [
        (&empty, "is empty"),
        (&prose, "looks like a text file"),
        (&cut, "ends inside the header of a pcap file"),
        (&missing, "no such file"),
        (&folder, "why401 scan "),
    ];
    for (path, what) in cases {
        for words in [vec![text(path)], vec!["list", text(path)]] {
            let said = refusal(&words);
            let named = format!("why401: {}: ", path.display());
            assert!(said.starts_with(&named), "{said}");
            assert!(said.contains(what), "{said}");
            assert!(!said.contains("os error"), "{said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named_in_one_line() {
    use std::os::unix::fs::PermissionsExt;
    let path = folder("unreadable").join("secret.pcap");
    fs::write(&path, "some text\n").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("permissions");
    let said = refusal(&[text(&path)]);
    assert!(said.starts_with(&format!("why401: {}: ", path.display())));
    // To root nothing is forbidden: it reads the file and finds text.
    if fs::File::open(&path).is_err() {
        assert!(said.contains("permission denied"), "{said}");
    }
}

#[test]
fn wrong_words_end_with_status_2() {
    assert!(refusal(&["--rule", "no-such-rule", ARTICLE]).contains("no-such-rule"));
    assert!(refusal(&["list"]).contains("name a capture"));
    for words in [
        &["--format", "xml", ARTICLE][..],
        &["--client", "somebody", ARTICLE],
        &["--no-such-option"],
        &[],
    ] {
        let output = run(words);
        assert_eq!(status(&output), 2, "{words:?}");
        assert_eq!(stdout(&output), "", "{words:?}");
        assert!(!stderr(&output).is_empty(), "{words:?}");
    }
}

#[test]
fn help_and_version_are_no_failures() {
    let help = run(&["--help"]);
    assert_eq!(status(&help), 0);
    for word in [
        "Examples:",
        "why401 list client.pcapng",
        "--fail-on",
        "Exit status:",
    ] {
        assert!(stdout(&help).contains(word), "{word}");
    }
    let version = run(&["--version"]);
    assert_eq!(status(&version), 0);
    assert!(stdout(&version).contains(env!("CARGO_PKG_VERSION")));
    assert!(stdout(&version).contains("AGPL-3.0-only"));
}

#[test]
fn a_pipe_gives_what_the_file_gives() {
    let piped = |words: &[&str]| {
        let mut command = why401(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let mut input = child.stdin.take().expect("its input");
        input.write_all(&bytes(ARTICLE)).expect("all is read");
        drop(input);
        stdout(&child.wait_with_output().expect("its end"))
    };
    let list = ["list", "--format", "jsonl"];
    let file = run(&[&list[..], &[ARTICLE]].concat());
    assert_eq!(piped(&[&list[..], &["-"]].concat()), stdout(&file));
    let (head, report) = piped(&["-"]).split_once('\n').map(owned).expect("lines");
    let shown = stdout(&run(&[ARTICLE]));
    assert!(head.contains("  -  30 frames"), "{head}");
    assert_eq!(
        Some(report.as_str()),
        shown.split_once('\n').map(|(_, rest)| rest)
    );
}

fn owned((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    for words in [
        &[ARTICLE][..],
        &["--format", "json", ARTICLE],
        &["list", ARTICLE],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = why401(words).stdout(writer).output().expect("the program");
        assert_eq!(status(&output), 0, "{words:?}");
        assert_eq!(stderr(&output), "", "{words:?}");
    }
}

#[test]
fn a_capture_that_is_cut_is_told_up_to_the_cut() {
    let path = folder("cut").join("cut.pcap");
    fs::write(&path, &bytes(REFUSED)[..10_000]).expect("a file");
    let output = run(&[text(&path)]);
    assert!(matches!(status(&output), 0 | 1));
    assert!(stdout(&output).contains("WHAT THIS CAPTURE DOES NOT SHOW"));
    assert_eq!(stderr(&output), "");
    let listed = run(&["list", text(&path)]);
    assert!(
        stderr(&listed).starts_with("why401: "),
        "the list has no other place for it"
    );
    assert_eq!(stderr(&run(&["list", "--quiet", text(&path)])), "");
}

#[test]
fn the_file_that_is_asked_for_is_written_in_the_format_of_its_name() {
    let folder = folder("output");
    let json = folder.join("case.json");
    let output = run(&["-o", text(&json), ARTICLE]);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, ""));
    let written = fs::read_to_string(&json).expect("a file");
    assert_eq!(written, stdout(&run(&["--format", "json", ARTICLE])));

    let lines = folder.join("case.jsonl");
    run(&["list", "-o", text(&lines), ARTICLE]);
    let written = fs::read_to_string(&lines).expect("a file");
    assert_eq!(
        written,
        stdout(&run(&["list", "--format", "jsonl", ARTICLE]))
    );

    let report = folder.join("case.txt");
    run(&["--quiet", "-o", text(&report), ARTICLE]);
    assert_eq!(
        fs::read_to_string(&report).expect("a file"),
        stdout(&run(&[ARTICLE]))
    );
    assert_eq!(
        stdout(&run(&["-o", "-", ARTICLE])),
        stdout(&run(&[ARTICLE]))
    );
}

#[test]
fn a_file_that_cannot_be_written_is_named_in_one_line() {
    let folder = folder("cannot-write");
    let nowhere = folder.join("missing").join("case.json");
    assert!(refusal(&["-o", text(&nowhere), ARTICLE]).contains("cannot write"));
    assert!(refusal(&["-o", text(&folder), ARTICLE]).contains("cannot write"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let verbs = [
        &[ARTICLE][..],
        &["--redact", ARTICLE],
        &["list", ARTICLE],
        &["extract", ARTICLE, "-o", "-"],
        &["scan", ARTICLE],
        &["compare", ARTICLE, REFUSED],
        &["explain", "401"],
        &["schema", "list"],
        &["man"],
        &["completions", "bash"],
    ];
    for words in verbs {
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        let output = why401(words).stdout(full.expect("a full disk")).output();
        let output = output.expect("the program");
        assert_eq!(status(&output), 2);
        assert!(stderr(&output).starts_with("why401: cannot write: "));
    }
    assert!(refusal(&["-o", "/dev/full", ARTICLE]).contains("cannot write"));
}

#[test]
fn the_evidence_is_never_written_over() {
    let path = folder("evidence").join("client.pcap");
    fs::write(&path, bytes(ARTICLE)).expect("a file");
    let said = refusal(&["-o", text(&path), text(&path)]);
    assert!(said.contains("not written over"), "{said}");
    assert_eq!(fs::read(&path).expect("a file"), bytes(ARTICLE));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let is_coloured = |words: &[&str], environment: &[(&str, &str)]| {
        let mut command = why401(words);
        command.envs(environment.iter().copied());
        stdout(&command.output().expect("the program")).contains('\u{1b}')
    };
    let forced = [("CLICOLOR_FORCE", "1")];
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    for verb in [&[ARTICLE][..], &["list", ARTICLE]] {
        let with = |color: &'static str| [verb, &["--color", color]].concat();
        assert!(!is_coloured(verb, &[]), "this is no terminal");
        assert!(is_coloured(verb, &forced));
        assert!(!is_coloured(verb, &both));
        assert!(!is_coloured(verb, &[("CLICOLOR_FORCE", "0")]));
        assert!(is_coloured(&with("always"), &both));
        assert!(!is_coloured(&with("never"), &forced));
    }
}

#[test]
fn ascii_is_ascii() {
    for words in [&["--ascii", REFUSED][..], &["list", "--ascii", REFUSED]] {
        let shown = stdout(&run(words));
        assert!(shown.is_ascii() && shown.contains(" -> "), "{shown}");
    }
}

#[test]
fn the_report_keeps_to_the_columns_of_the_terminal() {
    for columns in [70, 80, 132] {
        let mut command = why401(&["--ascii", REFUSED]);
        command.env("COLUMNS", columns.to_string());
        let shown = stdout(&command.output().expect("the program"));
        // Commands are copied, and so never broken.
        let is_command = |line: &&str| line.starts_with(&" ".repeat(20));
        let lines = shown.lines().filter(|line| !is_command(line));
        let longest = lines.map(str::len).max().expect("lines");
        assert!(longest <= columns, "{longest} in {columns}");
    }
}

#[test]
fn text_of_the_wire_cannot_command_a_terminal() {
    let mut capture = bytes(ARTICLE);
    let name = b"SMS4-120-52S.A2003.VM.local";
    let hostile = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xaeevil.local";
    assert_eq!(name.len(), hostile.len());
    let places: Vec<usize> = (0..capture.len() - name.len())
        .filter(|&at| capture[at..].starts_with(name))
        .collect();
    assert!(places.len() > 4, "requests and tickets name the server");
    for at in places {
        capture[at..at + name.len()].copy_from_slice(hostile);
    }
    let path = folder("hostile").join("hostile.pcap");
    fs::write(&path, capture).expect("a file");
    for words in [&[text(&path)][..], &["list", text(&path)]] {
        let shown = stdout(&run(words));
        assert!(shown.contains("\\u{1b}]0;owned\\u{7}"), "{shown}");
        let obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(!shown.contains(obeyed) && !shown.contains('\u{202e}'));
    }
    let listed = stdout(&run(&["list", "--format", "jsonl", text(&path)]));
    assert!(
        listed
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
}

#[test]
fn times_are_written_as_asked() {
    let relative = stdout(&run(&[ARTICLE]));
    assert!(relative.contains("  0.000  client"), "{relative}");
    let utc = stdout(&run(&["--time", "utc", ARTICLE]));
    assert!(utc.contains("  11:06:08.704  client"), "{utc}");
    let local = why401(&["--time", "local", ARTICLE])
        .env("TZ", "UTC")
        .output();
    let local = stdout(&local.expect("the program"));
    assert!(local.contains(" local time"), "{local}");
}

#[test]
fn rules_and_clients_can_be_chosen() {
    let without = run(&["--no-rule", "ref-dead-end", REFUSED]);
    assert!(!stdout(&without).contains("ref-dead-end)"));
    let only = run(&["--rule", "ref-dead-end", REFUSED]);
    assert_eq!(status(&only), 1);
    assert!(stdout(&only).contains("(rule ref-dead-end)"));
    let other = run(&["--client", "192.0.2.1", ARTICLE]);
    assert!(stdout(&other).contains("NO ATTEMPT FOUND"));
}

#[test]
fn the_report_for_programs_has_the_shape_of_its_schema() {
    let output = run(&["--format", "json", REFUSED]);
    assert_eq!(status(&output), 1);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["schema"], "why401/report/1");
    assert_eq!(report["tool"]["name"], "why401");
    let input = &report["inputs"][0];
    assert_eq!(input["file"], "03-spn-missing.pcap");
    assert_eq!(input["bytes"], bytes(REFUSED).len());
    assert_eq!(input["frames"], 52);
    assert_eq!(input["sha256"].as_str().map(str::len), Some(64));
    let attempt = &report["attempts"][0];
    assert_eq!(attempt["outcome"], "no-ticket");
    assert_eq!(attempt["approval"]["state"], "unknown");
    assert_eq!(attempt["client"]["address"], "10.20.51.51");
    let finding = &attempt["findings"][0];
    assert_eq!(finding["headline"], true);
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["evidence"][0]["frame"], 45);
    let filter = "frame.number==29 || frame.number==44 || frame.number==45";
    assert_eq!(finding["filter"]["wireshark"], filter);
    assert!(!output.stdout.contains(&b'\x1b'));
    assert!(
        !stdout(&output).contains(env!("CARGO_MANIFEST_DIR")),
        "no absolute path"
    );
}

/// The article's messages, as tshark shows them: 4 to 7 and 10 to 11 are reassembled, 14 is a referral.
#[test]
fn the_list_for_programs_names_frames_partners_and_referrals() {
    let listed = stdout(&run(&["list", "--format", "jsonl", ARTICLE]));
    let lines: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "http-request",
            "http-response",
            "tgs-req",
            "tgs-rep",
            "tgs-req",
            "tgs-rep",
            "http-request",
            "http-response"
        ]
    );
    let frames: Vec<String> = lines
        .iter()
        .map(|line| line["frames"].to_string())
        .collect();
    assert_eq!(
        frames,
        [
            "[4,6,7]",
            "[10,11]",
            "[13]",
            "[14]",
            "[15]",
            "[16]",
            "[17,18,21,22]",
            "[25]"
        ]
    );
    assert_eq!(lines[0]["response_frame"], 10);
    assert_eq!(lines[0]["body_bytes"], 2881);
    assert_eq!(lines[1]["request_frame"], 4);
    assert_eq!(
        lines[1]["challenges"].to_string(),
        r#"["Negotiate","NTLM"]"#
    );
    assert_eq!(lines[2]["kdc_options"], "40010000");
    assert_eq!(lines[2]["padata"].to_string(), "[1,136]");
    assert_eq!(lines[2]["reply_frame"], 14);
    assert_eq!(lines[3]["referral"], "A2003.VM.LOCAL");
    assert_eq!(lines[5]["referral"], Value::Null);
    let auth = &lines[6]["auth"];
    assert_eq!(auth["form"], "spnego-init");
    assert_eq!(auth["kerberos"]["type"], "AP-REQ");
    let (issued, shown) = (&lines[5]["ticket"], &auth["kerberos"]["ticket"]);
    assert_eq!(
        issued, shown,
        "the ticket of frame 16 is the one in frame 17"
    );
    assert_eq!(shown["cipher_sha256"].as_str().map(str::len), Some(16));
    assert_eq!(lines[7]["auth"]["neg_state"], "accept-completed");
    let start = r#"{"kind":"http-request","frames":[4,6,7],"first_frame":4,"last_frame":7,"complete":true,"time":"2026-11-22T11:06:08.704433Z","src":"10.20.51.51:38342","dst":"10.10.120.52:80","transport":"tcp","#;
    assert!(listed.starts_with(start), "{listed}");
}

#[test]
fn a_file_that_is_read_out_of_order_has_its_size_and_hash_all_the_same() {
    let path = "tests/data/article-netmon2.cap";
    let from_file: Value =
        serde_json::from_str(&stdout(&run(&["--format", "json", path]))).expect("JSON");
    let mut piped = why401(&["--format", "json", "-"]);
    let mut child = piped
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&bytes(path)).expect("the program reads");
    drop(input);
    let output = child.wait_with_output().expect("an end");
    let from_pipe: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let (file, pipe) = (&from_file["inputs"][0], &from_pipe["inputs"][0]);
    assert_eq!(file["format"], "Network Monitor 2.0");
    assert_eq!(file["bytes"], bytes(path).len());
    assert_eq!(file["sha256"], pipe["sha256"]);
    assert_eq!(from_file["attempts"], from_pipe["attempts"]);
}

#[test]
fn a_code_is_explained_in_each_of_its_spellings() {
    for word in [
        "2148074254",
        "-2146893042",
        "0x8009030E",
        "sec_e_no_credentials",
    ] {
        let output = run(&["explain", word]);
        assert_eq!(status(&output), 0, "{word}");
        assert!(stdout(&output).contains("SEC_E_NO_CREDENTIALS"), "{word}");
    }
    let line = run(&["explain", "401", "2", "2148074254"]);
    assert!(stdout(&line).contains("401.2"));
}

#[test]
fn a_code_that_is_not_known_ends_with_2_and_names_like_it() {
    let output = run(&["explain", "KRB_AP_ERR_MODIFED"]);
    assert_eq!(status(&output), 2);
    assert!(stdout(&output).is_empty());
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1);
    assert!(said.contains("KRB_AP_ERR_MODIFIED"), "{said}");
}

#[test]
fn a_code_that_is_not_known_costs_the_known_ones_nothing() {
    let output = run(&["explain", "41", "KRB_AP_ERR_MODIFED", "0x80099999"]);
    assert_eq!(status(&output), 2);
    assert!(stdout(&output).contains("KRB_AP_ERR_MODIFIED"));
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 2, "a line for each: {said}");
    assert!(said.contains("\"0x80099999\""), "{said}");
}

#[test]
fn the_extension_says_how_verbs_without_a_report_write_too() {
    let folder = folder("extension");
    for words in [
        &["rules"][..],
        &["explain", "41"],
        &["decode", "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAA="],
        &["compare", ARTICLE, ARTICLE],
    ] {
        let file = folder.join(format!("{}.json", words[0]));
        let output = run(&[words, &["-o", text(&file)]].concat());
        assert_eq!(status(&output), 0, "{words:?}");
        let written = fs::read(&file).expect("a file");
        serde_json::from_slice::<Value>(&written).expect("JSON");
    }
}

#[test]
fn words_that_are_wrong_are_told_in_one_line_with_what_looks_like_them() {
    for (words, what) in [
        (
            &["--formt", "json", ARTICLE][..],
            "unexpected argument '--formt' found; did you mean --format?",
        ),
        (
            &["--time", "relativ", ARTICLE],
            "invalid value 'relativ' for '--time <TIME>' [possible values: relative, utc, local, epoch]; did you mean relative?",
        ),
        (
            &["explain"],
            "the following required arguments were not provided: <CODE>...",
        ),
        (
            &["--client", "here", ARTICLE],
            "invalid value 'here' for '--client <ADDR>': invalid IP address syntax",
        ),
    ] {
        assert_eq!(refusal(words), format!("why401: {what}\n"));
    }
}

#[test]
fn the_rules_are_listed_for_people_and_for_programs() {
    let listed = run(&["rules"]);
    assert_eq!(stdout(&listed).matches("tgs-spn-unknown").count(), 1);
    let document = run(&["rules", "--format", "json"]);
    let rules: Value = serde_json::from_slice(&document.stdout).expect("JSON");
    let ids = rules
        .as_array()
        .expect("a list")
        .iter()
        .map(|rule| rule["id"].as_str());
    assert_eq!(ids.count(), why401::rules::RULES.len());
}

#[test]
fn the_checklist_takes_back_what_it_changes() {
    let said = stdout(&run(&["checklist"]));
    assert!(said.contains("LogLevel /t REG_DWORD /d 1"));
    assert!(said.contains("reg delete"));
    assert!(said.contains("--pkt-size 0"));
}

#[test]
fn a_pasted_token_is_told_and_not_shown() {
    let token = "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==";
    let output = run(&["decode", "NTLM", token]);
    assert_eq!(status(&output), 0);
    let told = stdout(&output);
    assert!(told.starts_with("NTLM: NTLM type 1\n"), "{told}");
    assert!(!told.contains(&token[..12]), "{told}");

    let mut child = why401(&["decode", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("standard input");
    writeln!(stdin, "Authorization: Negotiate {token}").expect("a token");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["scheme"], "Negotiate");
    assert_eq!(told["ntlm"]["type"], 1);
}

#[test]
fn what_is_no_token_is_refused() {
    assert!(refusal(&["decode", "hello"]).contains("no token that can be read"));
}

#[test]
fn packagers_get_completions_and_a_manual_with_every_verb() {
    let verbs = ["list", "scan", "explain", "decode", "rules", "checklist"];
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let told = stdout(&run(&["completions", shell]));
        for verb in verbs {
            assert!(told.contains(verb), "{shell}: {verb}");
        }
    }
    let manual = stdout(&run(&["man"]));
    assert!(manual.contains(".TH why401 1"), "a page of section 1");
    for verb in verbs {
        let heading = format!(".SH {}\n", verb.to_uppercase());
        assert!(manual.contains(&heading), "{verb}");
    }
}

#[test]
fn every_demo_that_is_listed_tells_a_story() {
    let list = stdout(&run(&["demo"]));
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 10, "{list}");
    for name in names {
        let output = run(&["demo", name]);
        assert_eq!(status(&output), 0, "{name}");
        assert!(stdout(&output).contains("\nATTEMPT 1 "), "{name}");
    }
    let said = refusal(&["demo", "spn-mising"]);
    assert!(said.contains("did you mean spn-missing?"), "{said}");
}

/// The words that `sh` makes of the line of `report` that opens the capture.
#[cfg(unix)]
fn opened_with(report: &str) -> Vec<String> {
    let line = report
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("wireshark -r"))
        .expect("a command");
    let script = format!("wireshark() {{ printf '%s\\n' \"$@\"; }}\n{line}");
    let output = Command::new("sh").args(["-c", &script]).output();
    let output = output.expect("a shell");
    stdout(&output).lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn the_capture_can_be_opened_at_the_frame_of_the_cause_whatever_its_name() {
    let folder = folder("opened");
    let names = [
        "client.pcap",
        "my case.pcap",
        "-r.pcap",
        "$HOME `id` it's \"100%\" \\ !.pcap",
        "grüße & co;(1).pcap",
    ];
    for name in names {
        let path = folder.join(name);
        fs::write(&path, bytes("captures/03-spn-missing.pcap")).expect("a copy");
        for format in ["text", "markdown"] {
            let words = ["--color", "never", "--format", format, text(&path)];
            // The KDC's refusal, as the capture's page says.
            let file = name.replace("-r.pcap", "./-r.pcap");
            let expected = ["-r", &file, "-g", "45"];
            assert_eq!(opened_with(&stdout(&run(&words))), expected, "{name}");
        }
    }
    let mut piped = why401(&["-"]);
    piped.stdin(fs::File::open(folder.join("client.pcap")).expect("a file"));
    let report = stdout(&piped.output().expect("the program"));
    assert!(!report.contains("wireshark -r"), "{report}");
}

#[cfg(unix)]
#[test]
fn a_failure_that_nobody_listens_to_has_its_status_all_the_same() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = why401(&["list", "nowhere.pcap"]).stderr(writer).status();
    assert_eq!(status.expect("the program").code(), Some(2));
}
